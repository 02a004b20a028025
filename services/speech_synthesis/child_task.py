"""The child process that speaks narrations."""

from __future__ import annotations

import contextlib
import wave
from pathlib import Path
from typing import Any, Self

import numpy as np

from domain import Word
from lib.process import Report
from lib.serialization import atomic_write, from_plain, to_plain, write_json
from services.speech_synthesis.engines import ChosenVoice, choose_voice
from services.speech_synthesis.narration import all_words, apply_pronunciations, pieces, timed_words
from services.speech_synthesis.port import Samples, Sound, VoiceOptions
from services.speech_synthesis.spoken import Narration

_GAP_S = 0.28  # between sentences
_DEFAULT_RATE_HZ = 24_000  # of a narration of pauses alone
_SILENCE_LEVEL = 0.01  # of the peak
_MARGIN_S = 0.03


def speak(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Speak each narration of `narrations` ({"text", "target"}); write TARGET.wav and TARGET.json. Returns engine, voice and warnings."""
    options = from_plain(VoiceOptions, payload["options"])
    chosen_voice = choose_voice(options, payload["language"], payload["voice"])
    total = len(payload["narrations"])
    for number, narration in enumerate(payload["narrations"]):
        report(number, total)
        with _SoundFile(Path(narration["target"])) as sound_file:
            words = _speak_narration(narration["text"], payload, chosen_voice, sound_file)
        result = Narration(words, sound_file.duration_s, chosen_voice.engine.name, chosen_voice.voice)
        write_json(Path(narration["target"]).with_suffix(".json"), result)
    report(total, total)
    return {
        "engine": chosen_voice.engine.name,
        "voice": chosen_voice.voice,
        "warnings": [chosen_voice.warning] if chosen_voice.warning else [],
    }


def _speak_narration(text: str, payload: dict[str, Any], chosen_voice: ChosenVoice, target: _SoundFile) -> tuple[Word, ...]:
    """Write a narration sentence by sentence; return its words."""
    sentences: list[list[Word]] = []
    for piece in pieces(text):
        if not piece.text:
            target.add_silence(piece.pause_s)
            continue
        pronounced_text = apply_pronunciations(piece.text, payload["pronunciations"])
        sound = _trim(chosen_voice.engine.speak(pronounced_text, payload["language"], chosen_voice.voice, payload["speed"]))
        at = target.duration_s
        target.add(sound)
        sentences.append(timed_words(piece.text, at + _MARGIN_S, at + sound.duration_s - _MARGIN_S))
        target.add_silence(_GAP_S)
    return all_words(sentences)


class _SoundFile:
    """A WAV of 16 bits that grows sentence by sentence. Its rate is that of the first sentence, which silence before it waits for."""

    def __init__(self, target: Path) -> None:
        self._files = contextlib.ExitStack()
        self._target, self._rate_hz, self._frames, self._silence_s = target.with_suffix(".wav"), 0, 0, 0.0

    def __enter__(self) -> Self:
        part = self._files.enter_context(atomic_write(self._target))
        self._file = self._files.enter_context(wave.open(str(part), "wb"))
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(_DEFAULT_RATE_HZ)
        return self

    def __exit__(self, *error: Any) -> None:
        if not error[0] and not self._rate_hz:
            self._start(_DEFAULT_RATE_HZ)
        self._files.__exit__(*error)

    @property
    def duration_s(self) -> float:
        return self._silence_s + (self._frames / self._rate_hz if self._rate_hz else 0.0)

    def add(self, sound: Sound) -> None:
        if not self._rate_hz:
            self._start(sound.rate_hz)
        samples = _at_rate(sound, self._rate_hz)
        self._write((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes())

    def add_silence(self, duration_s: float) -> None:
        if not self._rate_hz:
            self._silence_s += duration_s
            return
        self._write(bytes(2 * round(duration_s * self._rate_hz)))

    def _start(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._file.setframerate(rate_hz)
        frames, self._silence_s = round(self._silence_s * rate_hz), 0.0
        while frames > 0:
            self._write(bytes(2 * min(frames, rate_hz)))
            frames -= rate_hz

    def _write(self, content: bytes) -> None:
        self._file.writeframesraw(content)
        self._frames += len(content) // 2


def _trim(sound: Sound) -> Sound:
    """Cut the silence at both ends, except for a margin."""
    level = np.abs(sound.samples)
    if not len(level) or level.max() < 1e-4:
        return sound
    audible = np.flatnonzero(level > _SILENCE_LEVEL * level.max())
    margin = round(_MARGIN_S * sound.rate_hz)
    return Sound(sound.samples[max(0, int(audible[0]) - margin) : int(audible[-1]) + margin], sound.rate_hz)


def _at_rate(sound: Sound, rate_hz: int) -> Samples:
    """Return the samples at another rate; engines seldom change theirs between sentences."""
    if sound.rate_hz == rate_hz:
        return sound.samples
    at = np.arange(round(sound.duration_s * rate_hz)) * (sound.rate_hz / rate_hz)
    samples: Samples = np.interp(at, np.arange(len(sound.samples)), sound.samples).astype(np.float32)
    return samples


def to_payload(options: VoiceOptions) -> Any:
    return to_plain(options)
