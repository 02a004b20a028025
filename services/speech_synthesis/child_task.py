"""The child process that speaks narrations."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np

from domain import Word
from lib.process import Report
from lib.serialization import from_plain, replacing, to_plain, write_json
from services.speech_synthesis.engines import choose_voice
from services.speech_synthesis.narration import all_words, pieces, pronounced, timed_words
from services.speech_synthesis.port import Samples, Sound, VoiceOptions
from services.speech_synthesis.spoken import Narration

_GAP_S = 0.28  # between sentences
_SILENCE = 0.01  # of the peak
_MARGIN_S = 0.03


def speak(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Speak each narration of `narrations` ({"text", "target"}); write TARGET.wav and TARGET.json. Returns engine, voice and warnings."""
    options = from_plain(VoiceOptions, payload["options"])
    chosen = choose_voice(options, payload["language"], payload["voice"])
    total = len(payload["narrations"])
    for done, narration in enumerate(payload["narrations"]):
        report(done, total)
        parts: list[Sound] = []
        sentences: list[list[Word]] = []
        at = 0.0
        rate_hz = 24_000
        for piece in pieces(narration["text"]):
            if not piece.text:
                parts.append(Sound(np.zeros(round(piece.pause_s * rate_hz), np.float32), rate_hz))
            else:
                spoken = pronounced(piece.text, payload["pronunciations"])
                sound = _trimmed(chosen.engine.speak(spoken, payload["language"], chosen.voice, payload["speed"]))
                rate_hz = sound.rate_hz
                sentences.append(timed_words(piece.text, at + _MARGIN_S, at + sound.duration_s - _MARGIN_S))
                parts += [sound, Sound(np.zeros(round(_GAP_S * rate_hz), np.float32), rate_hz)]
            at = sum(part.duration_s for part in parts)
        _write(Path(narration["target"]), parts, rate_hz, Narration(all_words(sentences), at, chosen.engine.name, chosen.voice))
    report(total, total)
    return {"engine": chosen.engine.name, "voice": chosen.voice, "warnings": [chosen.warning] if chosen.warning else []}


def _trimmed(sound: Sound) -> Sound:
    """Cut the silence at both ends, except for a margin."""
    level = np.abs(sound.samples)
    if not len(level) or level.max() < 1e-4:
        return sound
    audible = np.flatnonzero(level > _SILENCE * level.max())
    margin = round(_MARGIN_S * sound.rate_hz)
    return Sound(sound.samples[max(0, int(audible[0]) - margin) : int(audible[-1]) + margin], sound.rate_hz)


def _write(target: Path, parts: list[Sound], rate_hz: int, narration: Narration) -> None:
    samples: Samples = np.concatenate([_at_rate(part, rate_hz) for part in parts]) if parts else np.zeros(0, np.float32)
    with replacing(target.with_suffix(".wav")) as part_file, wave.open(str(part_file), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes())
    write_json(target.with_suffix(".json"), narration)


def _at_rate(sound: Sound, rate_hz: int) -> Samples:
    """Pauses before the first sentence have the default rate."""
    if sound.rate_hz == rate_hz:
        return sound.samples
    return np.zeros(round(sound.duration_s * rate_hz), np.float32)


def to_payload(options: VoiceOptions) -> Any:
    return to_plain(options)
