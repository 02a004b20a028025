"""The sizes of the chunks of one upload, in one file: a total, then one number per chunk. No request has to look at every chunk."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_NAME = ".sizes"
_NUMBER = struct.Struct("<Q")


@dataclass(frozen=True)
class ChunkSizes:
    """Sizes in bytes; a chunk that has not arrived has none. The caller holds the lock of the upload."""

    folder: Path

    @property
    def _path(self) -> Path:
        return self.folder / _NAME

    def total(self) -> int:
        """Return the size of all chunks; 0 without any. Needs no lock."""
        try:
            with self._path.open("rb") as file:
                return int(_NUMBER.unpack(file.read(_NUMBER.size))[0])
        except (FileNotFoundError, struct.error):
            return 0

    def size_of(self, index: int) -> int:
        """Return the size of a chunk; 0 if it has not arrived."""
        with self._open() as handle:
            return max(0, _read(handle, 1 + index) - 1)

    def smaller_than(self, size_bytes: int) -> list[int]:
        """Return the indices of the chunks that have arrived and are smaller."""
        with self._open():
            numbers = [number for (number,) in _NUMBER.iter_unpack(self._path.read_bytes())]
        return [index for index, number in enumerate(numbers[1:]) if 0 < number <= size_bytes]

    def record(self, index: int, size_bytes: int) -> None:
        """Record a chunk that has arrived or was replaced."""
        with self._open() as handle:
            before = max(0, _read(handle, 1 + index) - 1)
            _write(handle, 1 + index, size_bytes + 1)  # 0 means: not arrived
            _write(handle, 0, _read(handle, 0) - before + size_bytes)

    def delete(self) -> None:
        self._path.unlink(missing_ok=True)

    @contextmanager
    def _open(self) -> Iterator[int]:
        is_new = not self._path.exists()
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if is_new:
                self._count_existing(handle)
            yield handle
        finally:
            os.close(handle)

    def _count_existing(self, handle: int) -> None:
        """Record chunks that an earlier version has stored."""
        total = 0
        for path in self.folder.iterdir():
            if path.name.isdigit():
                size = path.stat().st_size
                _write(handle, 1 + int(path.name), size + 1)
                total += size
        _write(handle, 0, total)


def _read(handle: int, position: int) -> int:
    data = os.pread(handle, _NUMBER.size, position * _NUMBER.size)
    return int(_NUMBER.unpack(data)[0]) if len(data) == _NUMBER.size else 0


def _write(handle: int, position: int, value: int) -> None:
    os.pwrite(handle, _NUMBER.pack(value), position * _NUMBER.size)
