"""Reads formulas as words with the npm package speech-rule-engine, which the program node runs. Readings are cached."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from pathlib import Path

import structlog

import errors
from lib.process import CancellationCheck, Limits, never_cancelled, run_task
from lib.programs import find_program

# It also knows Spanish, but reads it less well than Lectern does by itself: "empezar fracción ... finalizar fracción".
LANGUAGES = frozenset(("af", "ca", "da", "de", "en", "fr", "hi", "it", "ko", "nb", "nn", "sv"))
_PACKAGE = "speech-rule-engine"
_GLOBAL_FOLDERS = (Path("/usr/local/lib/node_modules") / _PACKAGE, Path("/usr/lib/node_modules") / _PACKAGE)
_LIMITS = Limits(timeout_s=60, memory_bytes=2 * 2**30)
_CACHE_ENTRIES = 5000
_FAILURES = (errors.ProgramMissing, errors.ProgramFailed)

log = structlog.get_logger(__name__)


def read_formulas(
    formulas: Collection[str], language: str, folder: Path | None, *, check: CancellationCheck = never_cancelled
) -> Mapping[str, str]:
    """Return the words of LaTeX formulas in a BCP 47 language, by formula.

    Formulas that the engine can't read are left out: all of them where node, the package in `folder` or the language is missing.
    """
    locale = _locale(language)
    package = find_package(folder)
    if not formulas or locale is None or package is None or find_program("node") is None:
        return {}
    words_by_formula = {each: words for each in formulas if (words := _cache.get((str(package), locale, each))) is not None}
    missing = [each for each in dict.fromkeys(formulas) if each not in words_by_formula]
    if missing:
        payload = {"formulas": missing, "locale": locale, "package": str(package.absolute())}
        try:
            words = run_task("services.speech_synthesis.maths_child:read_formulas", payload, check=check, limits=_LIMITS)["words"]
        except _FAILURES as error:
            log.warning("formulas_not_read", package=str(package), error=str(error))
            return {}
        new_words = dict(zip(missing, words, strict=True))
        _cache.add({(str(package), locale, formula): words for formula, words in new_words.items()})
        words_by_formula.update(new_words)
    return {formula: words for formula, words in words_by_formula.items() if words}


def find_package(folder: Path | None) -> Path | None:
    """Return the folder of the package: the given one, or that of a global installation. None if there is none."""
    return next((each for each in ((folder,) if folder else _GLOBAL_FOLDERS) if (each / "package.json").is_file()), None)


def _locale(language: str) -> str | None:
    primary = language.partition("-")[0].lower()
    locale = {"no": "nb"}.get(primary, primary)
    return locale if locale in LANGUAGES else None


class _Cache:
    """The latest readings by package, locale and formula; "" for a formula that can't be read."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._readings: OrderedDict[tuple[str, str, str], str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str, str]) -> str | None:
        with self._lock:
            return self._readings.get(key)

    def add(self, readings: Mapping[tuple[str, str, str], str]) -> None:
        with self._lock:
            self._readings.update(readings)
            while len(self._readings) > self._size:
                self._readings.popitem(last=False)


_cache = _Cache(_CACHE_ENTRIES)
