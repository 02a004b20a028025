"""An upload in progress: written once, measured and hashed while written, removed if not kept."""

from __future__ import annotations

import contextlib
import hashlib
import io
import uuid
from collections.abc import Callable
from pathlib import Path

import errors
from lib.disk import disk_errors


class IncomingFile(io.RawIOBase):
    """A sink for one upload. After the last write, `keep()` leaves the file at `path`; `discard()` removes it.

    `before_write` is called with the size of each block and may refuse it. Raises TooLarge past `max_bytes`, DiskFull if the disk is full.
    """

    def __init__(self, folder: Path, max_bytes: int, before_write: Callable[[int], None] = lambda size_bytes: None) -> None:
        with disk_errors():
            folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{uuid.uuid4().hex}.part"
        self.size_bytes = 0
        self._max_bytes, self._before_write = max_bytes, before_write
        self._hash = hashlib.sha256()
        with disk_errors():
            self._file = self.path.open("xb")

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self.size_bytes + len(data) > self._max_bytes:
            raise errors.TooLarge(f"The limit is {self._max_bytes} bytes.")
        self._before_write(len(data))
        with disk_errors():
            self._file.write(data)
        self._hash.update(data)
        self.size_bytes += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Flush and return 0: the form parser rewinds after writing, but nothing reads through this object."""
        with disk_errors():
            self._file.flush()
        return 0

    def keep(self) -> Path:
        with disk_errors():
            self._file.close()
        return self.path

    def discard(self) -> None:
        """Remove the file if it was not moved. Harmless after `keep` and a move."""
        with contextlib.suppress(OSError):  # the final flush fails on a full disk; the file is closed anyway
            self._file.close()
        self.path.unlink(missing_ok=True)
