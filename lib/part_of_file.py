"""Part of a file, for code that reads files to their end."""

from __future__ import annotations

from pathlib import Path


class PartOfFile:
    """The bytes [start, end) of a file. Its descriptor is at `start`; only `read` knows where it ends."""

    def __init__(self, path: Path, start: int, end: int) -> None:
        self._file = path.open("rb")
        self._file.seek(start)
        self._left = end - start

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()
