"""Estimates of the time that the narration of a script takes at a natural pace, from its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lib.text import UNSPACED
from services.lessons.errors import LessonTooLong
from services.lessons.script import Clip, LessonScript, Quiz, Scene
from services.speech_synthesis.narration import apply_pronunciations, pauses_s, without_pauses

# Wall seconds for a second of the lesson, on two cores (docs/benchmarks.md): speaking (Kokoro), and drawing at 1080p.
TYPICAL_SPEAKING_SPEED = 0.27
TYPICAL_DRAWING_SPEED = 0.31
MAX_SCENE_S = 1800.0
MAX_LESSON_S = 12 * 3600.0  # its sound must fit into a WAV, which has at most 4 GiB
_WORD = re.compile(r"\w[\w'’-]*")
_UNSPACED = re.compile(f"[{UNSPACED}]")
# Words per minute of narrators who read aloud; languages with longer words have fewer.
_WORDS_PER_MINUTE: Mapping[str, int] = dict(
    **dict.fromkeys(("en", "es"), 150),
    **dict.fromkeys(("fr", "it", "nl", "pt", "da", "no"), 145),
    **dict.fromkeys(("ro", "sv", "id"), 140),
    **dict.fromkeys(("de", "hi", "ur"), 130),
    **dict.fromkeys(("el", "bg", "bn", "fa"), 120),
    **dict.fromkeys(("ru", "uk", "pl", "cs", "sk", "ar", "he", "tr"), 115),
    **dict.fromkeys(("hu", "fi", "ko"), 105),
    **dict.fromkeys(("ta", "te"), 90),
    vi=180,
)
_DEFAULT_WORDS_PER_MINUTE = 130
_CHARACTERS_PER_MINUTE = 260  # of languages that write no spaces, such as Chinese and Japanese
_SILENT_SCENE_S = 4.0
_MIN_SCENE_S = 2.0
_BETWEEN_SCENES_S = 0.6
_QUIZ_PAUSE_S = 3.0


@dataclass(frozen=True)
class SceneEstimate:
    """The estimated seconds of one scene."""

    scene_id: str
    words: int
    duration_s: float


def estimate_scenes(script: LessonScript, *, speed: float = 1.0, pronunciations: Mapping[str, str] | None = None) -> list[SceneEstimate]:
    """Return the estimate of each scene at a speed relative to the natural pace."""
    return [_estimate(scene, script.language, speed, pronunciations or {}) for scene in script.scenes]


def check_durations(durations_s: Mapping[str, float], max_lesson_s: float = MAX_LESSON_S) -> None:
    """Raise LessonTooLong for the durations of scenes by their ids."""
    for scene_id, duration_s in durations_s.items():
        if duration_s > MAX_SCENE_S:
            raise LessonTooLong(f"Scene {scene_id!r} takes {duration_s / 60:.0f} minutes, the limit is {MAX_SCENE_S / 60:.0f}.")
    total_s, limit_s = sum(durations_s.values()), min(max_lesson_s, MAX_LESSON_S)
    if total_s > limit_s:
        raise LessonTooLong(f"It takes {total_s / 60:.0f} minutes, the limit is {limit_s / 60:.0f}.")


def narration_s(text: str, language: str) -> float:
    """Return the seconds that a narrator takes for a text, with its pauses."""
    words, characters = _count(without_pauses(text))
    pace = _WORDS_PER_MINUTE.get(language.partition("-")[0], _DEFAULT_WORDS_PER_MINUTE)
    return 60 * words / pace + 60 * characters / _CHARACTERS_PER_MINUTE + pauses_s(text)


def _estimate(scene: Scene, language: str, speed: float, pronunciations: Mapping[str, str]) -> SceneEstimate:
    spoken_s = narration_s(apply_pronunciations(scene.narration, pronunciations), language) / speed
    duration_s = max(_MIN_SCENE_S, spoken_s + _BETWEEN_SCENES_S) if scene.narration else _SILENT_SCENE_S
    if isinstance(scene.content, Clip):
        clip_s = scene.content.end_s - scene.content.start_s
        duration_s = clip_s + spoken_s if scene.content.sound == "own" else max(clip_s, spoken_s)
    if isinstance(scene.content, Quiz):
        duration_s += _QUIZ_PAUSE_S
    return SceneEstimate(scene.id, sum(_count(without_pauses(scene.narration))), round(duration_s, 1))


def _count(text: str) -> tuple[int, int]:
    """Return the words that stand between spaces, and the characters of languages without spaces."""
    characters = len(_UNSPACED.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text))), characters
