"""The readers by name, best first. A new one is a file beside this and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import errors
from services.ocr import rapidocr, tesseract
from services.ocr.port import OcrEngine


@dataclass(frozen=True)
class Engine:
    load: Callable[[], OcrEngine]
    is_installed: Callable[[], bool]


ENGINES = {
    "tesseract": Engine(tesseract.Tesseract, tesseract.is_installed),
    "rapidocr": Engine(rapidocr.RapidOcr, rapidocr.is_installed),
}


def available_engines() -> tuple[str, ...]:
    """The installed engines, best first; none means that slides can't be read."""
    return tuple(name for name, engine in ENGINES.items() if engine.is_installed())


def load_engine(name: str, language: str) -> OcrEngine:
    """The named engine, or for "" the first installed one that reads the language, else the first installed. Raises ProgramMissing."""
    installed = available_engines()
    if name and name not in installed:
        raise errors.ProgramMissing(f"The OCR engine {name!r} is not installed.", hint="Install it, or leave OCR_ENGINE empty.")
    engines = [ENGINES[each].load() for each in ([name] if name else installed)]
    if not engines:
        raise errors.ProgramMissing("Nothing that reads text in pictures is installed.", hint="Install tesseract-ocr, or run `make setup`.")
    return next((engine for engine in engines if engine.reads(language)), engines[0])
