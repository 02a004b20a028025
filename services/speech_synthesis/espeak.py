"""The program espeak-ng: a robotic voice in many languages, and the phonemes for other engines. It is started, never linked."""

from __future__ import annotations

import functools
import re
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lib.process import Limits, run_program
from lib.programs import find_program, require_program
from services.speech_synthesis.port import Sound, VoiceOptions

_LIMITS = Limits(timeout_s=120, memory_bytes=2**30)
_WORDS_PER_MINUTE = 165
_CLAUSE = re.compile(r"([^,.:;!?…—]+)([,.:;!?…—]*)")


class Espeak:
    name = "espeak-ng"

    def __init__(self, options: VoiceOptions) -> None:
        self._program = require_program("espeak-ng")

    def speak(self, text: str, language: str, voice: str, speed: float) -> Sound:
        with tempfile.TemporaryDirectory(prefix="lectern-voice-") as name:
            source, target = Path(name) / "text", Path(name) / "speech.wav"
            source.write_text(text, encoding="utf-8")
            pace = str(round(_WORDS_PER_MINUTE * speed))
            run_program([self._program, "-v", voice, "-s", pace, "-b", "1", "-f", source, "-w", target], limits=_LIMITS)
            with wave.open(str(target)) as file:
                rate = file.getframerate()
                samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        return Sound(samples.astype(np.float32) / np.float32(32768), rate)


def is_usable(options: VoiceOptions) -> bool:
    return find_program("espeak-ng") is not None


def voices(options: VoiceOptions, language: str) -> Sequence[str]:
    code = espeak_language(language)
    return (code,) if code else ()


@functools.cache
def _languages() -> frozenset[str]:
    rows = run_program([require_program("espeak-ng"), "--voices"], limits=_LIMITS).stdout.splitlines()[1:]
    return frozenset(row.split()[1].lower() for row in rows if len(row.split()) > 1)


def espeak_language(language: str) -> str:
    """Return espeak-ng's code of a BCP 47 language, or "" if it does not speak it."""
    tag = language.lower()
    primary = tag.partition("-")[0]
    aliases = {"zh": "cmn", "no": "nb", "en": "en-us", "fr": "fr-fr", "pt": "pt-br"}
    languages = _languages()
    return next((each for each in (tag, aliases.get(tag, ""), aliases.get(primary, ""), primary) if each in languages), "")


def phonemes(text: str, language: str) -> str:
    """Return the phonemes of a text in IPA, with its punctuation, which espeak-ng leaves out: each clause is asked for by itself."""
    program = require_program("espeak-ng")
    clauses = []
    for clause, mark in _CLAUSE.findall(text):
        if not clause.strip():
            continue
        process = run_program([program, "-q", "--ipa", "--tie=^", "-v", language, "--", clause.strip()], limits=_LIMITS)
        clauses.append(" ".join(process.stdout.split()) + mark)
    return " ".join(clauses)
