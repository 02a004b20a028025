"""Scripts of plain texts: the narration is the text, word for word; the slides show its sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.text import clean_text
from services.lessons.duration import estimate_scenes
from services.lessons.options import MAX_SPEED
from services.lessons.points import point_of
from services.lessons.script import MAX_NARRATION_CHARS, MAX_SCENES, Bullets, LessonScript, Quote, Scene, Title
from services.lessons.sentences import detect_language, split_long, split_sentences

_MAX_SENTENCES_PER_SCENE = 3
_MAX_WORDS_PER_SCENE = 60
_MAX_QUOTE_CHARS = 240
_MIN_SPEED = 0.7
_HEIGHTS = {"720p": 720, "1080p": 1080, "1440p": 1440, "2k": 1440, "4k": 2160, "2160p": 2160}
_THEMES = {"realistic": "paper", "animated": "ocean", "cinematic": "night", "documentary": "contrast"}


@dataclass(frozen=True)
class SpokenText:
    """A text with a scene for each paragraph or part of one. Long texts take time, so they are divided outside transactions."""

    text: str
    language: str
    scenes: tuple[Scene, ...]

    def script(self, title: str) -> LessonScript:
        """Return the script whose narration is the text, after a title."""
        first = Scene(id="s1", content=Title(heading=title[:500]))
        return LessonScript(title=title[:500], language=self.language, scenes=(first, *self.scenes))


def divide(text: str, language: str = "") -> SpokenText:
    """Divide a text into scenes. `language`: empty for the one that the text seems to have."""
    groups = list(_groups(text))
    if len(groups) > MAX_SCENES - 1:
        last_group = " ".join(groups[MAX_SCENES - 2 :])[:MAX_NARRATION_CHARS]
        groups = [*groups[: MAX_SCENES - 2], last_group]
    scenes = tuple(Scene(id=f"s{number}", narration=group, content=_content(group)) for number, group in enumerate(groups, 2))
    return SpokenText(text, language or detect_language(text), scenes)


def text_of(script: LessonScript) -> str:
    """Return the narration of a script, a paragraph for each scene."""
    return "\n\n".join(scene.narration for scene in script.scenes if scene.narration)


def options_of(settings: Mapping[str, Any], script: LessonScript) -> dict[str, Any]:
    """Return the options of a video that follow from a client's settings: `resolution`, `style` and `duration` (seconds)."""
    options: dict[str, Any] = {}
    height = _HEIGHTS.get(str(settings.get("resolution", "")).lower())
    theme = _THEMES.get(str(settings.get("style", "")).lower())
    if height is not None:
        options["height"] = height
    if theme is not None:
        options["theme"] = theme
    duration_s = _seconds(settings.get("duration"))
    if duration_s > 0:
        natural_s = sum(each.duration_s for each in estimate_scenes(script))
        options["speed"] = round(min(MAX_SPEED, max(_MIN_SPEED, natural_s / duration_s)), 2)
    return options


def _seconds(value: Any) -> float:
    try:
        seconds = float(str(value).removesuffix("s"))
    except ValueError:
        return 0.0
    return seconds if 0 < seconds < 36_000 else 0.0


def _groups(text: str) -> Iterator[str]:
    """Yield the narration of each scene: whole sentences of one paragraph."""
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        group: list[str] = []
        for sentence in _pieces(clean_text(paragraph)):
            words = sum(len(each.split()) for each in (*group, sentence))
            if group and (len(group) >= _MAX_SENTENCES_PER_SCENE or words > _MAX_WORDS_PER_SCENE):
                yield " ".join(group)
                group = []
            group.append(sentence)
        if group:
            yield " ".join(group)


def _pieces(paragraph: str) -> Iterator[str]:
    """Yield sentences; one that is too long for a scene is divided."""
    for sentence in split_sentences(paragraph):
        yield from split_long(sentence)


def _content(narration: str) -> Bullets | Quote:
    sentences: Sequence[str] = split_sentences(narration)
    if len(sentences) == 1 and len(narration) <= _MAX_QUOTE_CHARS:
        return Quote(text=narration)
    return Bullets(items=tuple(map(point_of, sentences[:_MAX_SENTENCES_PER_SCENE])))
