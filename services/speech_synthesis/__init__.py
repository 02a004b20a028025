"""Speech synthesis: speak narrations by Kokoro, espeak-ng, Gemini or an OpenAI-compatible API, with the times of their words.

The times of sentences are those of the sound. Inside a sentence they are shared among the words by length, since no engine tells them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled, run_task
from lib.serialization import to_plain
from services.speech_synthesis.engines import list_voices
from services.speech_synthesis.narration import all_words, estimated_s, pieces, timed_words, without_pauses
from services.speech_synthesis.port import UnknownVoice, VoiceMissing, VoiceOptions
from services.speech_synthesis.spoken import Narration

if TYPE_CHECKING:
    from config import Settings

__all__ = [
    "Narration",
    "UnknownVoice",
    "VoiceMissing",
    "VoiceOptions",
    "estimate",
    "from_settings",
    "list_voices",
    "speak",
    "without_pauses",
]

_LIMITS = Limits(stall_s=600, memory_bytes=4 * 2**30)
_GAP_S = 0.28


@dataclass(frozen=True)
class VoiceRequest:
    """Options of a voice. `language` is a BCP 47 tag; `voice` "" chooses one."""

    language: str
    voice: str = ""
    speed: float = 1.0
    pronunciations: Mapping[str, str] | None = None


def from_settings(settings: Settings) -> VoiceOptions:
    """Return the configured options of speech synthesis."""
    gemini_key = settings.gemini_api_key.get_secret_value()
    is_gemini_asked_for = bool(gemini_key) and settings.tts_provider in ("gemini", "gemini_batch")
    return VoiceOptions(
        folder=settings.voice_folder or (settings.models_dir or settings.data_dir / "models") / "voices",
        engine=settings.voice_engine or ("gemini" if is_gemini_asked_for else ""),
        base_url=settings.voice_base_url,
        api_key=settings.voice_api_key.get_secret_value(),
        gemini_key=gemini_key,
        model=settings.voice_model,
        default_voice=settings.voice_name,
        timeout_s=settings.voice_timeout_s,
        threads=min(2, settings.cores) if settings.cores else 2,
        maths_folder=settings.speech_rule_engine_folder,
    )


def speak(
    narrations: Sequence[tuple[str, Path]],
    request: VoiceRequest,
    options: VoiceOptions,
    *,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> tuple[str, ...]:
    """Speak texts in a child process; each target gets `.wav` and `.json` (a `Narration`). Returns warnings. Raises VoiceMissing."""
    payload = {
        "narrations": [{"text": text, "target": str(target.absolute())} for text, target in narrations],
        "language": request.language,
        "voice": request.voice,
        "speed": request.speed,
        "pronunciations": dict(request.pronunciations or {}),
        "options": to_plain(options),
    }
    result = run_task("services.speech_synthesis.child_task:speak", payload, report=report, check=check, limits=_LIMITS)
    return tuple(result["warnings"])


def estimate(text: str, speed: float = 1.0) -> Narration:
    """Return the words of a text with estimated times."""
    at = 0.0
    sentences = []
    for piece in pieces(text):
        if piece.text:
            end = at + estimated_s(piece.text) / speed
            sentences.append(timed_words(piece.text, at, end))
            at = end + _GAP_S
        else:
            at += piece.pause_s
    return Narration(all_words(sentences), at)
