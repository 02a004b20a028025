"""Join the scenes of a lesson: picture, sound, chapters, captions and a poster."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain import Caption, LectureNotes
from lib.process import CancellationCheck, Report, ignore_progress, never_cancelled
from lib.serialization import atomic_write
from services.documents import FORMATS
from services.documents.port import RenderOptions
from services.lessons.errors import LessonCheckFailed
from services.lessons.rendering.timeline import TAIL_S, TRANSITION_S
from services.lessons.rendering.video import RenderedScene, RenderedScript
from services.lessons.script import LessonScript, Scene
from services.media import assemble
from services.media.chapters import chapters_of
from services.media.voice_level import RATE_HZ

VIDEO, POSTER, SRT, VTT, SOUND = "lesson.mp4", "poster.jpg", "lesson.srt", "lesson.vtt", "sound.wav"
_BLOCK_FRAMES = RATE_HZ * 10


@dataclass(frozen=True)
class LessonChapter:
    start_s: float
    title: str


def chapters(script: LessonScript, rendered_script: RenderedScript) -> tuple[LessonChapter, ...]:
    """Return the chapters: runs of scenes with the same chapter, or, where the script has none, the headings of the scenes."""
    names = [scene.chapter for scene in script.scenes]
    if not any(names):
        names = [heading_of(scene) for scene in script.scenes]
    result: list[LessonChapter] = []
    for name, scene in zip(names, rendered_script.scenes, strict=True):
        title = name or ("" if result else script.title)
        if title and (not result or result[-1].title != title):
            result.append(LessonChapter(scene.first_frame / rendered_script.frame_rate, title))
    return tuple(result)


def heading_of(scene: Scene) -> str:
    """Return the heading of a scene's slide; "" if it has none."""
    names = ("heading", "term", "question")
    return str(next((getattr(scene.content, name) for name in names if getattr(scene.content, name, "")), ""))


def assemble_lesson(
    script: LessonScript,
    rendered_script: RenderedScript,
    videos: Path,
    sounds: Path,
    folder: Path,
    *,
    created_on: str = "",
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Write `lesson.mp4`, `poster.jpg`, `lesson.srt` and `lesson.vtt` to the folder."""
    _write_sound(rendered_script, sounds, videos, folder / SOUND)
    marks = chapters(script, rendered_script)
    chapters_to_name = chapters_of([(each.start_s, each.title) for each in marks], rendered_script.duration_s)
    parts = [videos / scene.video for scene in rendered_script.scenes]
    title, language = script.title, script.language.partition("-")[0]
    target, duration_s = folder / VIDEO, rendered_script.duration_s
    assemble.join(parts, folder / SOUND, chapters_to_name, title, language, target, duration_s=duration_s, report=report, check=check)
    first = rendered_script.scenes[0]
    assemble.extract_poster(
        target,
        max(0.0, (first.first_frame + first.frames) / rendered_script.frame_rate - TAIL_S - TRANSITION_S),
        folder / POSTER,
        check=check,
    )
    captions = tuple(caption for scene in rendered_script.scenes for caption in scene.captions)
    notes = LectureNotes(title, duration_s, language, created_on, captions=captions)
    for name in ("srt", "vtt"):
        FORMATS[name].render(notes, folder, folder / f"lesson.{name}", RenderOptions(), check)


def _write_sound(rendered_script: RenderedScript, sounds: Path, videos: Path, target: Path) -> None:
    """Join the sounds of the scenes; each begins with its picture and is filled up with silence."""
    per_frame = RATE_HZ // rendered_script.frame_rate
    with atomic_write(target) as part, wave.open(str(part), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        for scene in rendered_script.scenes:
            scene_samples = scene.frames * per_frame
            lead = scene.lead_frames * per_frame
            write_silence(file, lead)
            narration_length = copy_sound(sounds / scene.sound, file) if scene.sound else 0
            position = lead + narration_length
            if scene.clip_sound:
                write_silence(file, max(0, scene.clip_frame * per_frame - position))
                position = max(position, scene.clip_frame * per_frame)
                position += copy_sound(videos / scene.clip_sound, file, scene_samples - position)
            if position > scene_samples:
                raise LessonCheckFailed("its narration is longer than its picture.", scene_id=scene.scene_id)
            write_silence(file, scene_samples - position)


def copy_sound(source: Path, target: wave.Wave_write, max_samples: int | None = None) -> int:
    """Append a WAV file, or as much of it as allowed, and return the number of samples."""
    count = 0
    with wave.open(str(source)) as file:
        sample_count = file.getnframes() if max_samples is None else min(max_samples, file.getnframes())
        while block := file.readframes(min(_BLOCK_FRAMES, sample_count - count)):
            target.writeframes(block)
            count += len(block) // 2
    return count


def write_silence(target: wave.Wave_write, samples: int) -> None:
    """Append silence."""
    while samples > 0:
        count = min(samples, _BLOCK_FRAMES)
        target.writeframes(bytes(2 * count))
        samples -= count


def all_captions(scenes: Sequence[RenderedScene]) -> list[Caption]:
    """Return the captions of all scenes in order."""
    return [caption for scene in scenes for caption in scene.captions]
