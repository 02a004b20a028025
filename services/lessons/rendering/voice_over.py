"""Join the spoken narrations of a script to one sound with chapters and captions, without pictures."""

from __future__ import annotations

import dataclasses
import wave
from dataclasses import dataclass
from pathlib import Path

from domain import Caption, LectureNotes
from lib.process import CancellationCheck, Report, ignore_progress, never_cancelled
from lib.serialization import atomic_write
from services.captions import build_captions
from services.documents import FORMATS
from services.documents.port import RenderOptions
from services.lessons.errors import NothingToSpeak
from services.lessons.rendering.lesson import LessonChapter, copy_sound, write_silence
from services.lessons.rendering.voice import SpokenScript
from services.lessons.script import LessonScript
from services.media import assemble
from services.media.chapters import chapters_of
from services.media.voice_level import RATE_HZ

SOUND, VTT = "voice_over.m4a", "voice_over.vtt"
_SOUND_FILE = "voice_over.wav"
_PAUSE_S = 0.6  # between scenes


@dataclass(frozen=True)
class VoiceOver:
    """A joined narration. `chapters`: the scenes' chapters where the script names them."""

    duration_s: float
    chapters: tuple[LessonChapter, ...]


def join(
    script: LessonScript,
    spoken_script: SpokenScript,
    sounds: Path,
    folder: Path,
    *,
    created_on: str = "",
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> VoiceOver:
    """Write `voice_over.m4a` and `voice_over.vtt` to the folder. Raises NothingToSpeak for a script without narrations."""
    language = script.language.partition("-")[0]
    captions: list[Caption] = []
    chapters: list[LessonChapter] = []
    with atomic_write(folder / _SOUND_FILE) as part, wave.open(str(part), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        samples = 0
        for scene, speech in zip(script.scenes, spoken_script.scenes, strict=True):
            if not speech.sound:
                continue
            start_s = samples / RATE_HZ
            if scene.chapter and (not chapters or chapters[-1].title != scene.chapter):
                chapters.append(LessonChapter(start_s, scene.chapter))
            captions += _shift(build_captions(speech.words, language), round(start_s * 1000))
            samples += copy_sound(sounds / speech.sound, file)
            pause = round(_PAUSE_S * RATE_HZ)
            write_silence(file, pause)
            samples += pause
    if not samples:
        raise NothingToSpeak
    duration_s = samples / RATE_HZ
    marks = chapters_of([(each.start_s, each.title) for each in chapters], duration_s)
    target = folder / SOUND
    assemble.join((), folder / _SOUND_FILE, marks, script.title, language, target, duration_s=duration_s, report=report, check=check)
    notes = LectureNotes(script.title, duration_s, language, created_on, captions=tuple(captions))
    FORMATS["vtt"].render(notes, folder, folder / VTT, RenderOptions(), check)
    (folder / _SOUND_FILE).unlink()
    return VoiceOver(duration_s, tuple(chapters))


def _shift(captions: tuple[Caption, ...], offset_ms: int) -> list[Caption]:
    return [dataclasses.replace(each, start_ms=each.start_ms + offset_ms, end_ms=each.end_ms + offset_ms) for each in captions]
