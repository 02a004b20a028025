"""Check a rendered lesson before it is published. A failed check names the scene."""

from __future__ import annotations

import tempfile
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

import errors
from domain import MediaInfo
from lib.process import CancellationCheck, Limits, never_cancelled, run_task
from services.lessons.errors import LessonCheckFailed
from services.lessons.options import LessonOptions, picture_size
from services.lessons.rendering.lesson import SOUND, VIDEO, all_captions
from services.lessons.rendering.timeline import TAIL_S, TRANSITION_S
from services.lessons.rendering.video import RenderedScene, RenderedScript
from services.lessons.script import LessonScript
from services.media.frames import FrameRequest, extract_frames
from services.media.probe import probe
from services.media.voice_level import RATE_HZ
from services.speech_synthesis.narration import pieces

_MIN_AUDIBLE_LEVEL = 330  # of 32768: -40 dBFS
_MAX_HOLE_S = 2.0  # besides the pauses of the script
_BLOCK_S = 0.1
_MIN_CONTRAST = 12.0  # of 255, between the darkest and the lightest grey
_AAC_PADDING_S = 0.05
_LIMITS = Limits(timeout_s=600)


@dataclass(frozen=True)
class LessonReport:
    """The measured values. `max_drift_s`: the largest difference between the planned and the real length of a scene's picture."""

    duration_s: float
    max_drift_s: float
    longest_silence_s: float
    captions: int


def check_lesson(
    script: LessonScript,
    rendered_script: RenderedScript,
    options: LessonOptions,
    videos: Path,
    folder: Path,
    *,
    check: CancellationCheck = never_cancelled,
) -> LessonReport:
    """Return what was measured. Raises LessonCheckFailed."""
    media = probe(folder / VIDEO, check=check)
    _check_streams(media, rendered_script, options)
    drift_s = _check_lengths(rendered_script, videos, check)
    _check_captions(rendered_script)
    silence_s = max(
        (_longest_silence(scene, rendered_script.frame_rate, script, folder / SOUND) for scene in rendered_script.scenes), default=0.0
    )
    _check_pictures(rendered_script, media, folder, check)
    return LessonReport(media.duration_s, drift_s, silence_s, len(all_captions(rendered_script.scenes)))


def _check_streams(media: MediaInfo, rendered_script: RenderedScript, options: LessonOptions) -> None:
    if media.video is None or media.audio is None:
        raise LessonCheckFailed("The video has no picture or no sound.")
    if (media.video.width, media.video.height) != picture_size(options.aspect, options.height):
        raise LessonCheckFailed(f"The picture has {media.video.width} x {media.video.height} pixels.")
    if abs(media.duration_s - rendered_script.duration_s) > 1 / rendered_script.frame_rate + _AAC_PADDING_S:
        raise LessonCheckFailed(f"The video takes {media.duration_s:.2f} s instead of {rendered_script.duration_s:.2f} s.")


def _check_lengths(rendered_script: RenderedScript, videos: Path, check: CancellationCheck) -> float:
    """Compare the length of each scene's picture with the plan, which its sound follows sample by sample."""
    largest = 0.0
    for scene in rendered_script.scenes:
        try:
            drift_s = abs(probe(videos / scene.video, check=check).duration_s - scene.frames / rendered_script.frame_rate)
        except (errors.EmptyFile, errors.NotMedia, errors.UnknownCodec, errors.UnusableRecording) as error:
            raise LessonCheckFailed("its video is damaged.", scene_id=scene.scene_id) from error
        if drift_s > 1 / rendered_script.frame_rate:
            raise LessonCheckFailed(f"picture and sound differ by {drift_s:.3f} s.", scene_id=scene.scene_id)
        largest = max(largest, drift_s)
    return largest


def _check_captions(rendered_script: RenderedScript) -> None:
    last_ms = 0
    for scene in rendered_script.scenes:
        for caption in scene.captions:
            if caption.start_ms < last_ms or caption.end_ms <= caption.start_ms:
                raise LessonCheckFailed("its captions overlap.", scene_id=scene.scene_id)
            last_ms = caption.end_ms
        if scene.sound and not scene.words and not scene.is_recorded:
            raise LessonCheckFailed("its narration has no words.", scene_id=scene.scene_id)


def _longest_silence(scene: RenderedScene, frame_rate: int, script: LessonScript, sound: Path) -> float:
    """Return the longest silence between a scene's first and last word. Raises LessonCheckFailed for a gap that is not a pause."""
    if not scene.sound or not scene.words or scene.is_recorded:
        return 0.0
    narration = next(each.narration for each in script.scenes if each.id == scene.scene_id)
    allowed_s = _MAX_HOLE_S + sum(piece.pause_s for piece in pieces(narration))
    longest = current = 0.0
    is_audible = False
    with wave.open(str(sound)) as file:
        file.setpos(min(file.getnframes(), round(scene.words[0].start_s * RATE_HZ)))
        blocks = int((scene.words[-1].end_s - scene.words[0].start_s) / _BLOCK_S)
        for _ in range(blocks):
            samples = array("h", file.readframes(int(RATE_HZ * _BLOCK_S)))
            if samples and max(max(samples), -min(samples)) > _MIN_AUDIBLE_LEVEL:
                is_audible, current = True, 0.0
            else:
                current += _BLOCK_S
                longest = max(longest, current)
    if not is_audible or longest > allowed_s:
        raise LessonCheckFailed(f"nothing is heard for {longest:.1f} s of its narration.", scene_id=scene.scene_id)
    return longest


def _check_pictures(rendered_script: RenderedScript, media: MediaInfo, folder: Path, check: CancellationCheck) -> None:
    """Look at the finished slide of each scene in the video."""
    with tempfile.TemporaryDirectory(prefix="lectern-check-", dir=folder) as name:
        files = [Path(name) / f"{number}.jpg" for number in range(len(rendered_script.scenes))]
        requests = [
            FrameRequest(_finished_s(scene, rendered_script.frame_rate), file)
            for scene, file in zip(rendered_script.scenes, files, strict=True)
        ]
        extract_frames(folder / VIDEO, media, requests, check=check)
        scene_numbers = [number for number, scene in enumerate(rendered_script.scenes) if scene.kind != "clip"]
        payload = {"files": [str(files[number]) for number in scene_numbers]}
        empty: Sequence[int] = run_task("services.lessons.rendering.check:find_empty", payload, check=check, limits=_LIMITS)["empty"]
    if empty:
        raise LessonCheckFailed("its picture is empty.", scene_id=rendered_script.scenes[scene_numbers[empty[0]]].scene_id)


def _finished_s(scene: RenderedScene, frame_rate: int) -> float:
    frames = scene.first_frame + scene.frames - round((TAIL_S / 2 + TRANSITION_S) * frame_rate)
    return max(scene.first_frame + 1, frames) / frame_rate


def find_empty(payload: dict[str, Any], report: object) -> dict[str, Any]:
    """Return the numbers of the pictures without content; the lower edge with the progress bar does not count."""
    empty = []
    for number, file in enumerate(payload["files"]):
        picture = cv2.imread(file, cv2.IMREAD_GRAYSCALE)
        area = None if picture is None else picture[: int(picture.shape[0] * 0.9)]
        if area is None or float(area.max()) - float(area.min()) < _MIN_CONTRAST:
            empty.append(number)
    return {"empty": empty}
