"""Moving files so that they survive a power failure."""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path

_BLOCK_BYTES = 1 << 20


def move_file(source: Path, target: Path) -> None:
    """Move a file to an existing folder, atomically, and write it to the disk. Raises OSError."""
    with source.open("rb") as file:
        os.fsync(file.fileno())
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_across(source, target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_across(source: Path, target: Path) -> None:
    """Move from another file system: copy beside the target, then rename."""
    part = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with source.open("rb") as reader, part.open("wb") as writer:
            while block := reader.read(_BLOCK_BYTES):
                writer.write(block)
            writer.flush()
            os.fsync(writer.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    source.unlink()
