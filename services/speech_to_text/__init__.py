"""Speech to text: transcribe a recording's audio into timed words."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from domain import Word
from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled, run_task
from lib.serialization import from_plain, to_plain
from services.speech_to_text import hosted
from services.speech_to_text.coverage import speech_coverage
from services.speech_to_text.languages import check_language
from services.speech_to_text.partial import PartialTranscript
from services.speech_to_text.port import SAMPLE_RATE_HZ, InferenceService, SpeechOptions
from services.speech_to_text.weights import available_weights

if TYPE_CHECKING:
    from config import Settings

__all__ = [
    "PartialTranscript",
    "SpeechOptions",
    "available_weights",
    "check_language",
    "estimate_times",
    "fetch_text",
    "from_settings",
    "speech_coverage",
    "transcribe",
]

_TASKS = "services.speech_to_text.worker"
_HOSTED_TASKS = "services.speech_to_text.hosted.worker"
_INFERENCE_TASKS = "services.speech_to_text.hosted.inference"
_LIMITS = Limits(stall_s=1800)
_MAX_SLOWDOWN = 20  # processing time divided by the recording's duration


def from_settings(settings: Settings) -> SpeechOptions:
    """Return the configured options of speech recognition."""
    return SpeechOptions(
        cache_folder=settings.models_dir or settings.data_dir / "models",
        model_folder=settings.speech_model_folder,
        allow_model_hub=settings.speech_model_download,
        model=settings.speech_model,
        hub_url=settings.speech_model_hub_url,
        threads=settings.cores,
        device=settings.speech_device,
        hosted=hosted.from_settings(settings),
        inference=hosted.inference_from_settings(settings),
    )


def transcribe(
    wav: Path,
    language: str | None,
    checkpoint: Path,
    target: Path,
    options: SpeechOptions,
    *,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Transcribe a 16 kHz mono WAV in child processes and write the Transcript as JSON to `target`; report seconds done.

    `language` is ISO 639-1; None detects it once. Finished chunks are saved in `checkpoint`, so a repeated call after a kill
    resumes from there. Raises ModelMissing; of a hosted model also ProviderRefused, and TransientError.
    """
    payload = {
        "wav": str(wav.absolute()),
        "language": language or None,
        "checkpoint": str(checkpoint.absolute()),
        "options": to_plain(options),
    }
    limits = dataclasses.replace(_LIMITS, timeout_s=_timeout_s(wav))
    tasks = _TASKS if options.hosted is None else _HOSTED_TASKS
    while not run_task(f"{tasks}:transcribe_chunks", payload, report=report, check=check, limits=limits)["is_complete"]:
        check()
    run_task(f"{_TASKS}:assemble_transcript", {"checkpoint": payload["checkpoint"], "target": str(target.absolute())}, check=check)


def fetch_text(
    wav: Path,
    state: Path,
    target: Path,
    service: InferenceService,
    *,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Send a WAV to an inference service and write its text to `target`; `state` is a file that lets a repeated call resume.

    Raises ProviderRefused, TimedOut, and TransientError.
    """
    timeout_s = _timeout_s(wav)
    paths = {"wav": str(wav.absolute()), "state": str(state.absolute()), "target": str(target.absolute())}
    payload = {**paths, "service": to_plain(service), "timeout_s": timeout_s}
    run_task(f"{_INFERENCE_TASKS}:fetch_text", payload, report=report, check=check, limits=Limits(timeout_s=timeout_s + 2 * 3600))


def estimate_times(wav: Path, text: Path, *, check: CancellationCheck = never_cancelled) -> tuple[Word, ...]:
    """Return the words of a text with times that are estimated from where somebody speaks in a WAV."""
    payload = {"wav": str(wav.absolute()), "text": str(text.absolute())}
    result = run_task(
        f"{_INFERENCE_TASKS}:spread_text", payload, check=check, limits=dataclasses.replace(_LIMITS, timeout_s=_timeout_s(wav))
    )
    return tuple(from_plain(Word, word) for word in result["words"])


def _timeout_s(wav: Path) -> float:
    return 3600 + _MAX_SLOWDOWN * wav.stat().st_size / (2 * SAMPLE_RATE_HZ)
