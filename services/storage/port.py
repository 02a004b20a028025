"""The port of object storage. Keys are relative, with `/`; a store does not use the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import errors


class JoinInProgress(errors.Conflict):
    """Another request is joining the parts of this upload."""

    code = "join_in_progress"
    hint = "Repeat this request in a few seconds."


class WrongPartSize(errors.Conflict):
    """A part of this upload has the wrong size."""

    code = "wrong_part_size"
    hint = "Send it again. Every part but the last has `part_bytes` bytes, as the response to the first request of the upload says."


class Store(Protocol):
    """An object store. Raises NotFound for a missing key, DiskFull, and TransientError if the store is unreachable."""

    name: str
    takes_uploads: bool
    """Whether clients may send files to the store itself; see `signed_put`."""

    def put(self, source: Path, key: str, content_type: str) -> None:
        """Store the file under `key` atomically. `source` may be moved away."""

    def fetch(self, key: str, target: Path) -> None:
        """Make the file readable at `target`; a store may link it instead of copying."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield bytes `start` to `end` (exclusive; None: to the end of the file), in blocks."""

    def path(self, key: str) -> Path | None:
        """Return the file's path if the store is a local folder, else None."""

    def move(self, key: str, new_key: str) -> None:
        """Rename the file. Harmless if already done."""

    def copy(self, key: str, new_key: str) -> None:
        """Store the file under a second key; later changes of the one do not change the other."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete the files; ignore missing ones."""

    def signed_url(self, key: str, filename: str, content_type: str, lifetime: dt.timedelta, *, inline: bool = False) -> str | None:
        """Return a URL of the store that needs no header, or None if this server must serve the file.

        `inline`: a browser may show the file in place of the page; else it saves it.
        """

    def size(self, key: str) -> int | None:
        """Return the size of the file in bytes, or None if there is none."""

    def signed_put(self, key: str, content_type: str, lifetime: dt.timedelta) -> str | None:
        """Return a URL of the store that takes the file by PUT with this content type, or None if this server must receive it."""

    def begin_parts(self, key: str, content_type: str) -> str:
        """Begin to receive a file in parts; return the id of the upload."""

    def signed_part(self, key: str, upload_id: str, number: int, size_bytes: int, lifetime: dt.timedelta) -> str | None:
        """Return a URL of the store that takes a part of this size by PUT, or None if this server must receive it. Numbers begin at 1."""

    def put_part(self, source: Path, key: str, upload_id: str, number: int) -> None:
        """Store a part; it replaces an earlier one with this number. `source` may be moved away.

        Raises NotFound once the parts are being joined or deleted.
        """

    def parts(self, key: str, upload_id: str) -> Mapping[int, int]:
        """Return the sizes of the parts that have arrived, by number."""

    def join_parts(self, key: str, upload_id: str) -> None:
        """Store all parts, in the order of their numbers, as the file `key`.

        Of several calls at once one does so; the others raise JoinInProgress, or NotFound when it is done. Raises WrongPartSize if the
        store refuses the parts.
        """

    def abort_parts(self, key: str, upload_id: str) -> None:
        """Delete the parts. Harmless if there is no such upload. Raises JoinInProgress."""

    def delete_stale_parts(self, age_s: float) -> None:
        """Delete the parts of all uploads that began longer ago than this."""

    def check(self) -> None:
        """Raise an error if the store cannot be read and written now."""
