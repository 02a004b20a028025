"""The registry of OCR engines, best first. To add one, write a module in this package and add a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import errors
from services.ocr import rapidocr, tesseract
from services.ocr.port import OcrEngine


@dataclass(frozen=True)
class EngineEntry:
    load: Callable[[], OcrEngine]
    is_installed: Callable[[], bool]


ENGINES = {
    "tesseract": EngineEntry(tesseract.Tesseract, tesseract.is_installed),
    "rapidocr": EngineEntry(rapidocr.RapidOcr, rapidocr.is_installed),
}


def available_engines() -> tuple[str, ...]:
    """Return the installed engines, best first."""
    return tuple(name for name, engine in ENGINES.items() if engine.is_installed())


def load_engine(name: str, language: str) -> OcrEngine:
    """Load the named engine; for "", the first installed one that supports the language, else the first. Raises ProgramMissing."""
    engine_names = available_engines()
    if name and name not in engine_names:
        raise errors.ProgramMissing(f"The OCR engine {name!r} is not installed.", hint="Install it, or leave OCR_ENGINE empty.")
    engines = [ENGINES[each].load() for each in ([name] if name else engine_names)]
    if not engines:
        raise errors.ProgramMissing("No OCR engine is installed.", hint="Install tesseract-ocr, or run `make setup`.")
    return next((engine for engine in engines if engine.supports_language(language)), engines[0])
