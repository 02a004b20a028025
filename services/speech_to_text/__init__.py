"""Speech to text: transcribe a recording's audio into timed words."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled, run_task
from lib.serialization import to_plain
from services.speech_to_text import hosted
from services.speech_to_text.coverage import speech_coverage
from services.speech_to_text.languages import check_language
from services.speech_to_text.partial import PartialTranscript
from services.speech_to_text.port import SAMPLE_RATE_HZ, SpeechOptions
from services.speech_to_text.weights import available_weights

if TYPE_CHECKING:
    from config import Settings

__all__ = ["PartialTranscript", "SpeechOptions", "available_weights", "check_language", "from_settings", "speech_coverage", "transcribe"]

_TASKS = "services.speech_to_text.worker"
_HOSTED_TASKS = "services.speech_to_text.hosted.worker"
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
    limits = dataclasses.replace(_LIMITS, timeout_s=3600 + _MAX_SLOWDOWN * wav.stat().st_size / (2 * SAMPLE_RATE_HZ))
    tasks = _TASKS if options.hosted is None else _HOSTED_TASKS
    while not run_task(f"{tasks}:transcribe_chunks", payload, report=report, check=check, limits=limits)["is_complete"]:
        check()
    run_task(f"{_TASKS}:assemble_transcript", {"checkpoint": payload["checkpoint"], "target": str(target.absolute())}, check=check)
