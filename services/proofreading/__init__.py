"""Proofreading of transcripts: by rules, or by a language model behind an OpenAI-compatible API. Its results are corrections to review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled, run_task
from lib.serialization import to_plain
from services.language_model import LanguageModelMissing
from services.proofreading.values import Context, Correction, ProofreadingOptions, Term, read_corrections

if TYPE_CHECKING:
    from config import Settings

__all__ = [
    "Context",
    "Correction",
    "Engine",
    "LanguageModelMissing",
    "ProofreadingOptions",
    "Term",
    "check_engine",
    "from_settings",
    "proofread",
    "read_corrections",
]

Engine = Literal["rules", "model"]
_LIMITS = Limits(timeout_s=6 * 3600, memory_bytes=2 * 2**30)


def from_settings(settings: Settings) -> ProofreadingOptions:
    """Return the configured options of proofreading."""
    endpoint = settings.language_model_endpoint
    return ProofreadingOptions(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key,
        model=endpoint.model,
        concurrency=settings.language_model_concurrency,
        timeout_s=settings.language_model_timeout_s,
        max_changed_share=settings.proofread_max_changed_share,
        price_input=settings.language_model_price_input,
        price_output=settings.language_model_price_output,
        remove_fillers=settings.proofread_remove_fillers,
    )


def check_engine(engine: str, options: ProofreadingOptions) -> None:
    """Raise LanguageModelMissing if this engine can't work."""
    if engine == "model" and not (options.base_url and options.model):
        raise LanguageModelMissing


def proofread(
    transcript: Path,
    target: Path,
    engine: str,
    context: Context,
    options: ProofreadingOptions,
    *,
    checkpoint: Path,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> dict[str, Any]:
    """Proofread a transcript (JSON lines) in a child process; write the corrections to `target`. Returns usage, count and warnings.

    `checkpoint`: a file for the responses of the model, so that a retry with the same text does not pay for them again.
    """
    payload = {
        "transcript": str(transcript.absolute()),
        "target": str(target.absolute()),
        "checkpoint": str(checkpoint.absolute()),
        "engine": engine,
        "context": to_plain(context),
        "options": to_plain(options),
    }
    return run_task("services.proofreading.child_task:run", payload, report=report, check=check, limits=_LIMITS)
