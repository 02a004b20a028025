"""OCR: read the words on pictures of slides, with bounding boxes."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from domain import Box, OcrWord
from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled, run_task
from lib.serialization import from_plain, to_plain
from services.ocr import rapidocr
from services.ocr.engines import available_engines
from services.ocr.port import OcrOptions

if TYPE_CHECKING:
    from config import Settings

__all__ = ["OcrOptions", "available_engines", "from_settings", "read_pictures", "text_finder"]

_LIMITS = Limits(stall_s=900, file_bytes=2**30)
_MAX_PICTURE_S = 120


def from_settings(settings: Settings) -> OcrOptions:
    """Return the configured options of OCR."""
    return OcrOptions(threads=max(1, settings.cores // 2))


def read_pictures(
    pictures: Sequence[Path],
    language: str,
    options: OcrOptions,
    *,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> tuple[tuple[OcrWord, ...], ...]:
    """Read each picture in a child process; report pictures done. `language` is ISO 639-1, "" if unknown. Raises ProgramMissing."""
    if not pictures:
        return ()
    payload = {"pictures": [str(path.absolute()) for path in pictures], "language": language, "options": to_plain(options)}
    result = run_task("services.ocr.worker:run", payload, report=report, check=check, limits=_limits_for(pictures))
    return tuple(tuple(from_plain(OcrWord, word) for word in words) for words in result["pictures"])


def text_finder(check: CancellationCheck = never_cancelled) -> Callable[[Sequence[Path]], tuple[tuple[Box, ...], ...]] | None:
    """Return a function that finds the lines of text on pictures without reading them; None if RapidOCR is not installed.

    It runs in a child process, and returns boxes in pixels.
    """
    return functools.partial(_find_text, check=check) if rapidocr.is_installed() else None


def _find_text(pictures: Sequence[Path], *, check: CancellationCheck) -> tuple[tuple[Box, ...], ...]:
    payload = {"pictures": [str(path.absolute()) for path in pictures]}
    result = run_task("services.ocr.worker:find_text", payload, check=check, limits=_limits_for(pictures))
    return tuple(tuple(from_plain(Box, line) for line in lines) for lines in result["pictures"])


def _limits_for(pictures: Sequence[Path]) -> Limits:
    return dataclasses.replace(_LIMITS, timeout_s=900 + _MAX_PICTURE_S * len(pictures))
