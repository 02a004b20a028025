"""The shapes of Manimate: scripts with `seq`, `text`, `anim` and `layout`, jobs, videos and options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

import errors
from domain import JobState
from lib.clock import iso
from lib.numbers import reject_bool
from lib.validation_messages import readable
from models import Recording
from schemas.spec_hints import any_of_fields
from services.jobs.queue import shown_state
from services.lessons.duration import estimate_scenes
from services.lessons.points import point_of
from services.lessons.script import MAX_NARRATION_CHARS, MAX_SCENES, Bullets, Column, Content, LessonScript, Scene, TwoColumns
from services.lessons.sentences import split_sentences
from services.scripts.renders import Render, video_name

_STATUSES = {JobState.QUEUED: "pending", JobState.RUNNING: "running", JobState.CANCELLING: "running", JobState.SUCCEEDED: "completed"}
_LAYOUTS = {
    "two_columns": "split_screen",
    **dict.fromkeys(("title", "bullets", "summary", "quote", "definition"), "title_and_main_content"),
}
_HEIGHTS = {
    **dict.fromkeys(("low", "l", "medium", "m"), 720),
    **dict.fromkeys(("high", "h"), 1080),
    **dict.fromkeys(("production", "p", "2k"), 1440),
    **dict.fromkeys(("4k", "k", "ultra"), 2160),
}
_MAX_ITEMS = 6
_CONTENT: TypeAdapter[Any] = TypeAdapter(Content)


class SubmitIn(BaseModel):
    """The documented response to a missing field is 400, so the routes check them."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=any_of_fields(("text", "uid", "chatID")))

    text: str = Field("", max_length=400_000, description="A topic, or notes.")
    uid: str = Field("", max_length=200, description="Ignored: the caller is who the credentials say.")
    chatID: str = Field("", max_length=128)


class UpdateScriptIn(BaseModel):
    model_config = ConfigDict(extra="ignore", json_schema_extra=any_of_fields(("script", "chatID")))

    script: dict[str, Any] | None = Field(None, description="A whole script, or its changed scenes.")
    chatID: str = Field("", max_length=128)


class GenerationOptions(BaseModel):
    """Options of the documented body; `topic` and what concerns the old program's workers have no effect."""

    model_config = ConfigDict(extra="ignore")

    topic: str = Field("", max_length=2000)
    quality: str = Field("high", max_length=20, description="low, medium, high, production or 4k: 720 to 2160 lines.")
    tts_provider: str = Field("", max_length=40)
    voice: str = Field("", max_length=64)
    silent: bool = False
    height: Annotated[int, reject_bool] | None = None
    aspect: str = ""
    theme: str = ""


class ConfirmIn(GenerationOptions):
    model_config = ConfigDict(extra="ignore", json_schema_extra=any_of_fields(("chatID",)))

    config: dict[str, Any] | None = Field(None, description="The same options, nested.")
    chatID: str = Field("", max_length=128)


class GenerateScriptsIn(GenerationOptions):
    topic: str = Field(min_length=1, max_length=400_000)


class UnsupportedChange(errors.ValidationFailed):
    """This change of a scene can't be drawn."""

    code = "unsupported_change"
    hint = (
        "Change `text`, `title`, or `layout` between title_and_main_content and split_screen; "
        "PUT /api/v1/scripts/TOKEN/scenes/ID changes what a scene shows."
    )


class UnsupportedVoice(errors.ValidationFailed):
    """This provider of voices is not available."""

    code = "unsupported_tts_provider"
    hint = (
        "Leave tts_provider out for the server's voice; `mock` is a silent video. The operator sets VOICE_ENGINE or VOICE_BASE_URL; "
        "`gemini` needs VOICE_ENGINE=gemini and GOOGLE_API_KEY."
    )


def lesson_options(options: GenerationOptions, default_provider: str, *, has_gemini: bool) -> dict[str, Any]:
    """Return the documented options as fields of LessonOptions. Raises UnsupportedVoice and ValidationFailed."""
    provider = (options.tts_provider or default_provider).lower()
    if provider == "dia" or (provider in ("gemini", "gemini_batch") and not has_gemini):
        raise UnsupportedVoice(f"{provider} is not set up on this server.")
    if options.quality.lower() not in _HEIGHTS:
        raise errors.ValidationFailed(f"quality: choose from low, medium, high, production and 4k; {options.quality} is not one of them.")
    fields: dict[str, Any] = {"height": options.height or _HEIGHTS[options.quality.lower()], "silent": options.silent or provider == "mock"}
    return fields | {name: value for name in ("voice", "aspect", "theme") if (value := getattr(options, name))}


def script_out(script: LessonScript) -> dict[str, Any]:
    """Return a script in Manimate's shape; `id` and `content` of each scene are Lectern's own."""
    durations = {each.scene_id: each.duration_s for each in estimate_scenes(script)}
    scenes = [
        {
            "seq": number,
            "text": scene.narration,
            "anim": scene.motion or _describe(scene.content),
            "layout": _layout(scene.content),
            "duration_sec": durations[scene.id],
            "id": scene.id,
            "content": scene.content.model_dump(mode="json"),
        }
        for number, scene in enumerate(script.scenes, 1)
    ]
    return {"title": script.title, "language": script.language, "scenes": scenes}


def apply_changes(script: LessonScript, changes: Mapping[str, Any]) -> LessonScript:
    """Return a script with changed scenes by their `seq`; new numbers are new scenes. Raises ValidationFailed and UnsupportedChange."""
    entries = changes.get("scenes") or []
    if not isinstance(entries, list) or len(entries) > MAX_SCENES:
        raise errors.ValidationFailed("scenes: must be a list.")
    title = changes.get("title")
    if title is not None and not (isinstance(title, str) and title.strip()):
        raise errors.ValidationFailed("title: must be a text.")
    scenes: dict[int, Scene] = dict(enumerate(script.scenes, 1))
    for entry in entries:
        number = entry.get("seq") if isinstance(entry, Mapping) else None
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MAX_SCENES:
            raise errors.ValidationFailed(f"seq: each scene needs its number, 1 to {MAX_SCENES}.")
        scenes[number] = _change_scene(scenes.get(number), entry, number)
    try:
        return LessonScript(
            title=title or script.title, language=script.language, scenes=tuple(scenes[number] for number in sorted(scenes))
        )
    except ValidationError as error:
        raise errors.ValidationFailed(readable(error.errors()[0]["msg"])) from None


def job_out(render: Render, stream_path: str) -> dict[str, Any]:
    """Return a job in Manimate's shape; times are seconds since 1970. `stream_path`: that of its video, "" without one."""
    job = render.job
    state = shown_state(job)
    error = None
    if state == JobState.FAILED:
        error = job.error_message or "The video could not be made."
    elif state == JobState.CANCELLED:
        error = "cancelled"
    result = None
    if state == JobState.SUCCEEDED:
        ratio = f"{render.scenes}/{render.scenes}"
        result = {
            "success": True,
            "summary": f"{render.scenes} scenes were rendered.",
            "total_scenes": render.scenes,
            "success_rates": {"tts": ratio, "code_generation": ratio, "rendering": ratio},
        }
        if render.video is not None:
            name = video_name(render.video)
            result |= {"video": name, "path": stream_path, "recording_id": render.video.id}
    return {
        "job_id": job.id,
        "status": _STATUSES.get(state, "failed"),
        "progress": 100.0 if state == JobState.SUCCEEDED else round(job.progress, 1),
        "message": error or job.stage or {"pending": "Waiting", "completed": "Completed"}.get(_STATUSES.get(state, ""), "Running"),
        "result": result,
        "error": error,
        "created_at": job.created_at.timestamp(),
        "updated_at": job.updated_at.timestamp(),
    }


def video_out(video: Recording, path: str) -> dict[str, Any]:
    """Return a video in Manimate's shape."""
    return {"name": video_name(video), "size": video.size_bytes, "modified": iso(video.created_at), "path": path, "recording_id": video.id}


def _layout(content: Any) -> str:
    return _LAYOUTS.get(content.kind, "custom")


def _describe(content: Any) -> str:
    """Return what a scene shows, in a sentence; Manimate's client displays it as the animation."""
    heading = getattr(content, "heading", "") or getattr(content, "term", "") or getattr(content, "question", "")
    kind = content.kind.replace("_", " ")
    return f"{kind[:1].upper()}{kind[1:]}: {heading}" if heading else f"{kind[:1].upper()}{kind[1:]}"


def _change_scene(scene: Scene | None, entry: Mapping[str, Any], number: int) -> Scene:
    text = entry.get("text", scene.narration if scene else "")
    if not isinstance(text, str) or (scene is None and not text.strip()):
        raise errors.ValidationFailed(f"scenes[{number}].text: must be a text.")
    if len(text) > MAX_NARRATION_CHARS:
        raise errors.ValidationFailed(f"scenes[{number}].text: at most {MAX_NARRATION_CHARS} characters.")
    try:
        if scene is None:
            heading = entry.get("title") if isinstance(entry.get("title"), str) else ""
            return Scene(id=f"n{number}", narration=text, content=Bullets(heading=heading or "", items=_items(text)))
        content = _change_content(scene, entry, text, number)
        return Scene.model_validate({**scene.model_dump(), "narration": text, "content": content.model_dump()})
    except ValidationError as error:
        raise errors.ValidationFailed(f"scenes[{number}]: {readable(error.errors()[0]['msg'])}") from None


def _change_content(scene: Scene, entry: Mapping[str, Any], text: str, number: int) -> Any:
    """Return the content with a new layout, or with points that follow the new text."""
    message_content = entry.get("content")
    if isinstance(message_content, Mapping) and message_content != scene.content.model_dump(mode="json"):
        return _CONTENT.validate_python(message_content)
    anim = entry.get("anim")
    if anim is not None and anim not in (scene.motion, scene.motion or _describe(scene.content)):
        raise UnsupportedChange(f"Lectern does not execute the text of an animation (scene {number}).")
    content: Any = scene.content
    if text.strip() != scene.narration and isinstance(content, Bullets):
        content = Bullets(heading=content.heading, items=_items(text) if text.strip() else content.items)
    layout = entry.get("layout", _layout(content))
    if layout == _layout(content):
        return content
    if layout == "split_screen" and isinstance(content, Bullets) and len(content.items) >= 2:
        half = (len(content.items) + 1) // 2
        return TwoColumns(heading=content.heading, left=Column(items=content.items[:half]), right=Column(items=content.items[half:]))
    if layout == "title_and_main_content" and isinstance(content, TwoColumns):
        return Bullets(heading=content.heading, items=(*content.left.items, *content.right.items)[:12])
    raise UnsupportedChange(f"Scene {number} can't have the layout {layout!r}.")


def _items(text: str) -> tuple[str, ...]:
    sentences: Sequence[str] = split_sentences(text)
    return tuple(map(point_of, sentences[:_MAX_ITEMS]))
