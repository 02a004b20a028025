"""Finds external programs: those of the system first, then those that Python packages contain."""

from __future__ import annotations

import functools
import shutil
import sys
from pathlib import Path

import errors

_INSTALL_HINTS = {
    "ffmpeg": "Install ffmpeg (Debian, Ubuntu: `apt install ffmpeg`) or run `make setup`.",
    "tesseract": "Install Tesseract (Debian, Ubuntu: `apt install tesseract-ocr`).",
    "pandoc": "Run `pip install pypandoc_binary`, or install pandoc.",
}


@functools.cache
def find_program(name: str) -> Path | None:
    """Return the program's path, or None if it is not installed."""
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path)
    if name == "ffmpeg":
        return _packaged_ffmpeg()
    if name == "pandoc":
        return _packaged_pandoc()
    return None


def require_program(name: str) -> Path:
    """Return the program's path. Raises ProgramMissing with installation instructions."""
    path = find_program(name)
    if path is None:
        raise errors.ProgramMissing(f"{name} was not found.", hint=_INSTALL_HINTS.get(name, f"Install {name}."))
    return path


def _packaged_ffmpeg() -> Path | None:
    """Return the copy that `make setup` installs if the system has none (see requirements-ffmpeg.txt)."""
    path = Path(sys.prefix) / "share" / "lectern-ffmpeg" / "ffmpeg" / "binaries" / "ffmpeg"
    return path if path.is_file() else None


def _packaged_pandoc() -> Path | None:
    import pypandoc

    try:
        return Path(pypandoc.get_pandoc_path())
    except OSError:
        return None
