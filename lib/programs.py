"""Where the separate programs are: the system's own first, else the ones that Python packages bring."""

from __future__ import annotations

import functools
import shutil
import sys
from pathlib import Path

import errors

_INSTALL_HINTS = {
    "ffmpeg": "Install ffmpeg (Debian, Ubuntu: `apt install ffmpeg`) or run `make setup`.",
    "ffprobe": "Install ffmpeg (Debian, Ubuntu: `apt install ffmpeg`) or run `make setup`.",
    "tesseract": "Install Tesseract (Debian, Ubuntu: `apt install tesseract-ocr`).",
    "pandoc": "Run `pip install pypandoc_binary`, or install pandoc.",
}


@functools.cache
def find_program(name: str) -> Path | None:
    """The program's path, or None where it is not installed."""
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path)
    if name in ("ffmpeg", "ffprobe"):
        return _packaged_ffmpeg(name)
    if name == "pandoc":
        return _packaged_pandoc()
    return None


def require_program(name: str) -> Path:
    """The program's path; raises ProgramMissing with what to install."""
    found = find_program(name)
    if found is None:
        raise errors.ProgramMissing(f"{name} was not found.", hint=_INSTALL_HINTS.get(name, f"Install {name}."))
    return found


def _packaged_ffmpeg(name: str) -> Path | None:
    """The one that `make setup` puts aside where the system has none (see requirements-ffmpeg.txt)."""
    path = Path(sys.prefix) / "share" / "lectern-ffmpeg" / "ffmpeg" / "binaries" / name
    return path if path.is_file() else None


def _packaged_pandoc() -> Path | None:
    import pypandoc

    try:
        return Path(pypandoc.get_pandoc_path())
    except OSError:
        return None
