"""Speak the narrations of a script. A scene whose narration, voice and pronunciations are unchanged is not spoken again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from domain import Word
from lib.process import CancellationCheck, Report, ignore_progress, never_cancelled
from lib.serialization import read_json
from services import speech_synthesis
from services.lessons.duration import check_durations, estimate_scenes
from services.lessons.options import LessonOptions
from services.lessons.rendering.rich_text import inline_formulas, speak_formulas
from services.lessons.script import LessonScript, Scene
from services.media import clips, voice_level
from services.speech_synthesis import Narration, VoiceOptions, VoiceRequest, maths_speech
from services.speech_synthesis.narration import timed_words, without_pauses

_VERSION = 1


@dataclass(frozen=True)
class SpokenScene:
    """The speech of a scene. `sound`: a WAV at 48 kHz in the folder, or "" for a silent scene. `duration_s` is 0 without words.

    `is_recorded`: its author has recorded it.
    """

    scene_id: str
    sound: str
    words: tuple[Word, ...]
    duration_s: float
    engine: str = ""
    is_recorded: bool = False


@dataclass(frozen=True)
class RecordingPart:
    """A recording that a scene uses, and the words spoken in it, with times from its start."""

    path: Path
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class SpokenScript:
    scenes: tuple[SpokenScene, ...]
    warnings: tuple[str, ...] = ()


def narration_text(scene: Scene, language: str, readings: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the text for the voice, with mathematics as words and with its pauses. `readings`: words of formulas from a better reader."""
    return speak_formulas(scene.narration, language, readings)


def speak_script(
    script: LessonScript,
    options: LessonOptions,
    voices: VoiceOptions,
    folder: Path,
    *,
    recordings: Mapping[str, RecordingPart] | None = None,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> SpokenScript:
    """Write the sounds of all scenes to the folder. `recordings`: those of narrations, by scene.

    Raises VoiceMissing, UnknownVoice and LessonTooLong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    estimates = estimate_scenes(script, speed=options.speed, pronunciations=options.pronunciations)
    check_durations({each.scene_id: each.duration_s for each in estimates})
    formulas = [formula for scene in script.scenes for formula in inline_formulas(scene.narration)]
    readings = maths_speech.read_formulas(formulas, script.language, voices.maths_folder, check=check)
    texts = {scene.id: narration_text(scene, script.language, readings) for scene in script.scenes}
    spoken_script = _speak_scenes(script, texts, options, voices, folder, recordings or {}, report, check)
    check_durations({scene.scene_id: scene.duration_s for scene in spoken_script.scenes})
    return spoken_script


def _speak_scenes(
    script: LessonScript,
    texts: Mapping[str, str],
    options: LessonOptions,
    voices: VoiceOptions,
    folder: Path,
    recordings: Mapping[str, RecordingPart],
    report: Report,
    check: CancellationCheck,
) -> SpokenScript:
    if options.silent:
        return SpokenScript(tuple(_silent(scene.id, texts[scene.id], options.speed) for scene in script.scenes))
    recording_names = {scene_id: f"{_VERSION}-{part.path.name}" for scene_id, part in recordings.items()}
    names = {
        scene_id: recording_names.get(scene_id) or _name(text, script.language, options, voices)
        for scene_id, text in texts.items()
        if text or scene_id in recording_names
    }
    missing = {
        name: texts[scene_id]
        for scene_id, name in names.items()
        if scene_id not in recordings and not (folder / f"{name}.level.wav").is_file()
    }
    delete_others(folder, {f"{name}{suffix}" for name in names.values() for suffix in (".level.wav", ".json")})
    warnings = _speak(missing, script.language, options, voices, folder, report, check) if missing else ()
    scenes = []
    for scene in script.scenes:
        if scene.id not in names:
            scenes.append(SpokenScene(scene.id, "", (), 0.0))
            continue
        sound = f"{names[scene.id]}.level.wav"
        if scene.id in recordings:
            scenes.append(_read_recording(scene.id, texts[scene.id], recordings[scene.id], folder, sound, check))
            continue
        narration = read_json(Narration, folder / f"{names[scene.id]}.json")
        scenes.append(SpokenScene(scene.id, sound, narration.words, narration.duration_s, narration.engine))
    return SpokenScript(tuple(scenes), warnings)


def delete_others(folder: Path, names: Collection[str]) -> None:
    """Delete the cached files of earlier versions of the script."""
    for path in folder.iterdir():
        if path.is_file() and path.name not in names:
            path.unlink()


def _speak(
    missing: Mapping[str, str],
    language: str,
    options: LessonOptions,
    voices: VoiceOptions,
    folder: Path,
    report: Report,
    check: CancellationCheck,
) -> tuple[str, ...]:
    request = VoiceRequest(language, options.voice, options.speed, options.pronunciations)
    warnings = speech_synthesis.speak(
        [(text, folder / name) for name, text in missing.items()], request, voices, report=report, check=check
    )
    for name in missing:
        voice_level.level(folder / f"{name}.wav", folder / f"{name}.level.wav", check=check)
        (folder / f"{name}.wav").unlink()
    return warnings


def _read_recording(scene_id: str, text: str, part: RecordingPart, folder: Path, sound: str, check: CancellationCheck) -> SpokenScene:
    """Bring a recorded narration to the usual loudness. Its words are those of its transcript; without one, the text is spread over it."""
    if not (folder / sound).is_file():
        raw = folder / f"{sound}.raw.wav"
        clips.extract_sound(part.path, None, raw, check=check)
        voice_level.level(raw, folder / sound, check=check)
        raw.unlink()
    duration_s = clips.sound_duration_s(folder / sound)
    words = part.words or tuple(timed_words(without_pauses(text), 0.0, duration_s))
    return SpokenScene(scene_id, sound, words, duration_s, is_recorded=True)


def _silent(scene_id: str, text: str, speed: float) -> SpokenScene:
    narration = speech_synthesis.estimate(text, speed)
    return SpokenScene(scene_id, "", narration.words, narration.duration_s)


def _name(text: str, language: str, options: LessonOptions, voices: VoiceOptions) -> str:
    """Return the name of the cached sound: a hash of everything that changes it."""
    used = {term: spoken_as for term, spoken_as in options.pronunciations.items() if term.casefold() in text.casefold()}
    parts = [_VERSION, text, language, options.voice, options.speed, used, voices.fingerprint]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
