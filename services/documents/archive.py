"""Reproducible zip files: the bytes depend only on the contents and a date."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date
from pathlib import Path

_EARLIEST_TIME = (1980, 1, 1, 0, 0, 0)


def add_text(archive: zipfile.ZipFile, name: str, text: str, created_on: str) -> None:
    add_bytes(archive, name, text.encode(), created_on)


def add_bytes(archive: zipfile.ZipFile, name: str, content: bytes, created_on: str) -> None:
    archive.writestr(_entry(name, created_on, zipfile.ZIP_DEFLATED), content)


def add_file(archive: zipfile.ZipFile, name: str, path: Path, created_on: str) -> None:
    """Add a file in blocks and without compression, because pictures are already compressed."""
    with path.open("rb") as source, archive.open(_entry(name, created_on, zipfile.ZIP_STORED), "w") as entry:
        shutil.copyfileobj(source, entry)


def _entry(name: str, created_on: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _zip_date(created_on))
    entry.compress_type = compression
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _zip_date(created_on: str) -> tuple[int, int, int, int, int, int]:
    try:
        day = date.fromisoformat(created_on[:10])
    except ValueError:
        return _EARLIEST_TIME
    return (day.year, day.month, day.day, 0, 0, 0) if 1980 <= day.year <= 2107 else _EARLIEST_TIME
