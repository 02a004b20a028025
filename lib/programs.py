"""Finds external programs: of Python packages or of the system."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

import errors

_INSTALL_HINTS = {
    "ffmpeg": "Run `pip install imageio-ffmpeg`, or install ffmpeg (Debian, Ubuntu: `apt install ffmpeg`).",
    "tesseract": "Install Tesseract (Debian, Ubuntu: `apt install tesseract-ocr`).",
    "espeak-ng": "Install espeak-ng (Debian, Ubuntu: `apt install espeak-ng`).",
    "pandoc": "Run `pip install pypandoc_binary`, or install pandoc.",
}


@functools.cache
def find_program(name: str) -> Path | None:
    """Return the program's path, or None if it is not installed."""
    if name == "ffmpeg":
        return _find_ffmpeg()
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path)
    return _packaged_pandoc() if name == "pandoc" else None


def require_program(name: str) -> Path:
    """Return the program's path. Raises ProgramMissing with installation instructions."""
    path = find_program(name)
    if path is None:
        raise errors.ProgramMissing(f"{name} was not found.", hint=_INSTALL_HINTS.get(name, f"Install {name}."))
    return path


def _find_ffmpeg() -> Path | None:
    """Return the program that IMAGEIO_FFMPEG_EXE names, that of imageio-ffmpeg, or the system's."""
    import imageio_ffmpeg

    try:
        path = shutil.which(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        return None
    return Path(path) if path else None


def _packaged_pandoc() -> Path | None:
    import pypandoc

    try:
        return Path(pypandoc.get_pandoc_path())
    except OSError:
        return None
