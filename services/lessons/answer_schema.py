"""The JSON schema that language models write scripts in, and the validation of their answers."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from services.lessons.points import point_of
from services.lessons.script import MAX_SCENES, Content, LessonScript, Scene
from services.lessons.sentences import split_sentences

_FORBIDDEN_KINDS = ("image", "callouts", "clip")  # they need ids of files
_UNUSED_DEFINITIONS = ("Image", "Callouts", "Callout", "Clip", "ImageSource")
_MIN_GOOD_SHARE = 0.6
_MIN_GOOD_SCENES = 3
_MAX_PROBLEMS = 12
_MAX_BULLETS = 6
_KEPT_KEYWORDS = ("type", "enum", "items", "properties", "required", "additionalProperties", "anyOf", "$ref", "$defs", "description")


class UnusableAnswer(ValueError):
    """The answer is not a script; the message says why, for the model."""


@functools.cache
def strict_schema(kind: str = "script") -> dict[str, Any]:
    """Return the schema of a script or of one scene, in the subset that strict structured output allows: every field is required."""
    model: Any = LessonScript if kind == "script" else Scene
    schema: dict[str, Any] = _strict(TypeAdapter(model).json_schema())
    definitions: dict[str, Any] = schema.get("$defs", {})
    scene = definitions["Scene"] if kind == "script" else schema
    scene["properties"]["content"]["anyOf"] = [
        each for each in scene["properties"]["content"]["anyOf"] if definitions[each["$ref"].rpartition("/")[2]] and not _is_forbidden(each)
    ]
    for name in ("motion", "narration_id"):
        scene["properties"].pop(name)
    scene["required"] = list(scene["properties"])
    scene.pop("description", None)
    for name in _UNUSED_DEFINITIONS:
        definitions.pop(name, None)
    return schema


def _is_forbidden(reference: Mapping[str, Any]) -> bool:
    return str(reference["$ref"]).rpartition("/")[2].lower() in _FORBIDDEN_KINDS


def _strict(value: Any) -> Any:
    if isinstance(value, list):
        return [_strict(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = dict(value)
    if "const" in plain:
        plain["enum"] = [plain.pop("const")]
    if "oneOf" in plain:
        plain["anyOf"] = plain.pop("oneOf")
    strict = {name: _strict(each) for name, each in plain.items() if name in _KEPT_KEYWORDS and name not in ("properties", "$defs")}
    for name in ("properties", "$defs"):
        if name in plain:
            strict[name] = {key: _strict(each) for key, each in plain[name].items()}
    if strict.get("type") == "object":
        strict["required"], strict["additionalProperties"] = list(strict.get("properties", {})), False
    return strict


def read_script(plain: Mapping[str, Any], title: str, language: str, *, is_last: bool) -> tuple[LessonScript, int]:
    """Return the script in an answer, and the number of scenes that are left out. Raises UnusableAnswer with the problems.

    Scenes with problems are left out if `is_last` is set (the model is not asked again) and most of the scenes are good.
    """
    for wrapper in ("script", "lesson", "data", "result"):
        inner = plain.get(wrapper)
        if "scenes" not in plain and isinstance(inner, Mapping):
            plain = inner
    entries = plain.get("scenes") or plain.get("slides")
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        raise UnusableAnswer('The object has no list "scenes".')
    scenes: list[Scene] = []
    problems: list[str] = []
    for number, entry in enumerate(entries[:MAX_SCENES], 1):
        try:
            scenes.append(read_scene(entry, f"s{number}"))
        except UnusableAnswer as problem:
            problems.append(f"scenes[{number - 1}]: {problem}")
    is_mostly_good = len(scenes) >= max(_MIN_GOOD_SCENES, _MIN_GOOD_SHARE * (len(scenes) + len(problems)))
    if problems and not (is_last and is_mostly_good):
        raise UnusableAnswer("\n".join(problems[:_MAX_PROBLEMS]))
    answer_title = plain.get("title")
    script = LessonScript(
        title=(title or (answer_title.strip() if isinstance(answer_title, str) else "") or "Lesson")[:500],
        language=language,
        scenes=tuple(scene.model_copy(update={"id": f"s{number}"}) for number, scene in enumerate(scenes, 1)),
    )
    return script, len(problems)


def read_scene(entry: Any, scene_id: str) -> Scene:
    """Return one scene of an answer. A scene without content that says something becomes bullets. Raises UnusableAnswer."""
    if not isinstance(entry, Mapping):
        raise UnusableAnswer("It is not an object.")
    narration = next((entry[name] for name in ("narration", "text", "voiceover") if isinstance(entry.get(name), str)), "")
    content = entry.get("content")
    if not isinstance(content, Mapping):
        content_fields = {
            name: value for name, value in entry.items() if name not in ("id", "seq", "narration", "chapter", "anim", "layout", "motion")
        }
        content = content_fields if "kind" in content_fields else None
    if content is None and narration.strip():
        heading = entry.get("heading") or entry.get("title") or ""
        content = {"kind": "bullets", "heading": heading if isinstance(heading, str) else "", "items": _as_items(narration)}
    try:
        valid_content = _CONTENT.validate_python(_without_extras(content))
        if valid_content.kind in _FORBIDDEN_KINDS:
            raise UnusableAnswer(f'The kind "{valid_content.kind}" is not available.')
        chapter = entry.get("chapter")
        return Scene(id=scene_id, narration=narration, content=valid_content, chapter=chapter if isinstance(chapter, str) else "")
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc'])) or 'content'}: {each['msg']}" for each in error.errors()[:4]]
        raise UnusableAnswer("; ".join(problems)) from None


_CONTENT: TypeAdapter[Any] = TypeAdapter(Content)


def _as_items(narration: str) -> list[str]:
    return list(map(point_of, split_sentences(narration)[:_MAX_BULLETS]))


def _without_extras(content: Any) -> Any:
    """Drop fields that a content does not have."""
    if not isinstance(content, Mapping):
        return content
    fields = _FIELDS.get(str(content.get("kind")))
    return {name: value for name, value in content.items() if fields is None or name in fields}


_FIELDS = {kind.model_fields["kind"].default: set(kind.model_fields) for kind in get_args(get_args(Content)[0])}
