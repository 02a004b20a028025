"""What a place for files can do. Keys are relative, with `/`; a store never knows the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol


class Store(Protocol):
    """A place for files. Errors: NotFound for a missing key, DiskFull, TransientError where the place is away."""

    name: str

    def put(self, source: Path, key: str, content_type: str) -> None:
        """Keep the file under `key`, whole or not at all. `source` is used up: it may be moved away."""

    def fetch(self, key: str, target: Path) -> None:
        """Make the file appear at `target` for reading, as cheaply as the store can."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes `start` to `end` (exclusive; None: to the end of the file), in blocks."""

    def path(self, key: str) -> Path | None:
        """The file's path where the store is a folder of this machine, else None."""

    def move(self, key: str, new_key: str) -> None:
        """Give the file another key. Harmless when it was already done."""

    def delete(self, keys: Sequence[str]) -> None:
        """Remove the files; missing ones are no error."""

    def signed_url(self, key: str, filename: str, content_type: str, life: dt.timedelta) -> str | None:
        """A URL of the store's own that opens without a header, or None where this server has to serve the file."""

    def check(self) -> None:
        """Raise what stands in the way of reading and writing now."""
