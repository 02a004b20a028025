"""Scenes that show a part of a recording: their plan, their picture and their sound."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from domain import Word
from lib.process import CancellationCheck
from services.lessons.errors import RecordingMissing
from services.lessons.options import LessonOptions, picture_size
from services.lessons.rendering.timeline import LAST_TAIL_S, LEAD_S, TAIL_S, ScenePlan
from services.lessons.rendering.voice import RecordingPart, SpokenScene
from services.lessons.script import Clip, Scene
from services.lessons.themes import THEMES
from services.media import clips, voice_level
from services.media.assemble import ProgressBar
from services.media.clips import ClipRange
from services.media.probe import probe

_VERSION = 2


def plan(content: Clip, speech: SpokenScene, frame_rate: int, *, is_last: bool) -> ScenePlan:
    """Plan a clip: its first picture stands still while the narration speaks, or the narration is spoken over it."""
    clip_frames = round((content.end_s - content.start_s) * frame_rate)
    narration_frames = _frames(speech.duration_s, frame_rate)
    lead = max(1, round(LEAD_S * frame_rate)) if narration_frames else 0
    tail = round((LAST_TAIL_S if is_last else TAIL_S) * frame_rate)
    narration_end = lead + narration_frames
    frames = narration_end + clip_frames + (tail if is_last else 0) if content.sound == "own" else max(clip_frames, narration_end + tail)
    return ScenePlan((), (), frames, lead)


def still_frames(content: Clip, speech: SpokenScene, frame_rate: int) -> int:
    """Return for how many frames the first picture stands still, which is when the clip's own sound begins."""
    narration_frames = _frames(speech.duration_s, frame_rate)
    if content.sound != "own" or not narration_frames:
        return 0
    return max(1, round(LEAD_S * frame_rate)) + narration_frames


def words(content: Clip, speech: SpokenScene, part: RecordingPart, frame_rate: int, lead_frames: int) -> tuple[Word, ...]:
    """Return the words of the narration and of the clip, with times from the start of the narration."""
    if content.sound != "own":
        return speech.words
    offset_s = (still_frames(content, speech, frame_rate) - lead_frames) / frame_rate
    return (*speech.words, *(Word(word.text, word.start_s + offset_s, word.end_s + offset_s) for word in part.words))


def fingerprint(content: Clip, part: RecordingPart) -> Sequence[object]:
    """Return what the picture of a clip depends on besides its plan."""
    return [_VERSION, content.model_dump(mode="json", exclude={"heading"}), part.path.name]


def render(
    scene: Scene,
    content: Clip,
    part: RecordingPart,
    scene_plan: ScenePlan,
    still: int,
    options: LessonOptions,
    target: Path,
    *,
    bar: ProgressBar | None,
    mark: Path | None,
    check: CancellationCheck,
) -> None:
    """Write the video of a clip without sound. Raises RecordingMissing for a recording without a picture."""
    if probe(part.path, check=check).video is None:
        raise RecordingMissing(f"Scene {scene.id!r}: the recording has no picture.")
    size = picture_size(options.aspect, options.height)
    frames = scene_plan.frames
    clip = (_range(content), size, options.frame_rate)
    background = THEMES[options.theme].background
    clips.encode(part.path, *clip, target, background=background, still_frames=still, frames=frames, bar=bar, mark=mark, check=check)


def first_picture(content: Clip, part: RecordingPart, options: LessonOptions, target: Path, check: CancellationCheck) -> None:
    """Write the picture that the scene begins with."""
    size, background = picture_size(options.aspect, options.height), THEMES[options.theme].background
    clips.first_picture(part.path, _range(content), size, target, background=background, check=check)


def sound(content: Clip, part: RecordingPart, folder: Path, check: CancellationCheck) -> str:
    """Write the clip's own sound at the usual loudness, unless it is there; return its file, or "" if it has none."""
    if content.sound != "own":
        return ""
    name = f"{hashlib.sha256(json.dumps(fingerprint(content, part)).encode()).hexdigest()[:32]}.clip.wav"
    if not (folder / name).is_file():
        if probe(part.path, check=check).audio is None:
            return ""
        raw = folder / f"{name}.raw.wav"
        clips.extract_sound(part.path, _range(content), raw, check=check)
        voice_level.level(raw, folder / name, check=check)
        raw.unlink()
    return name


def _range(content: Clip) -> ClipRange:
    return ClipRange(content.start_s, content.end_s)


def _frames(duration_s: float, frame_rate: int) -> int:
    return -int(-duration_s * frame_rate // 1)
