"""Storage in a local folder."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import errors
from lib.disk import disk_errors
from services.storage.durable import move_file, sync_folder
from services.storage.part_folders import PartFolders

_BLOCK_BYTES = 1 << 20


class LocalStore:
    name = "local"
    takes_uploads = False

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._parts = PartFolders(self._root / ".parts")

    def path(self, key: str) -> Path:
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts or "\0" in key:
            raise errors.NotFound(f"{key!r} is not a key.")
        return self._root.joinpath(*parts)

    def put(self, source: Path, key: str, content_type: str) -> None:
        target = self.path(key)
        with disk_errors():
            target.parent.mkdir(parents=True, exist_ok=True)
            move_file(source, target)

    def fetch(self, key: str, target: Path) -> None:
        source = self._existing(key)
        target.unlink(missing_ok=True)
        try:
            os.link(source, target)
        except OSError:
            target.symlink_to(source)

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        with self._existing(key).open("rb") as file:
            file.seek(start)
            remaining = (end - start) if end is not None else None
            while remaining is None or remaining > 0:
                block = file.read(_BLOCK_BYTES if remaining is None else min(_BLOCK_BYTES, remaining))
                if not block:
                    return
                remaining = None if remaining is None else remaining - len(block)
                yield block

    def move(self, key: str, new_key: str) -> None:
        source, target = self.path(key), self.path(new_key)
        if not source.exists() and target.exists():
            return
        self.put(self._existing(key), new_key, "")
        self._prune(source.parent)

    def copy(self, key: str, new_key: str) -> None:
        source, target = self._existing(key), self.path(new_key)
        with disk_errors():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.hardlink_to(source)  # files are replaced, never written to
        sync_folder(target.parent)

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            path = self.path(key)
            path.unlink(missing_ok=True)
            self._prune(path.parent)

    def signed_url(self, key: str, filename: str, content_type: str, lifetime: dt.timedelta, *, inline: bool = False) -> str | None:
        return None

    def size(self, key: str) -> int | None:
        path = self.path(key)
        return path.stat().st_size if path.is_file() else None

    def signed_put(self, key: str, content_type: str, lifetime: dt.timedelta) -> str | None:
        return None

    def begin_parts(self, key: str, content_type: str) -> str:
        return self._parts.begin(key)

    def signed_part(self, key: str, upload_id: str, number: int, size_bytes: int, lifetime: dt.timedelta) -> str | None:
        return None

    def put_part(self, source: Path, key: str, upload_id: str, number: int) -> None:
        self._parts.add(source, key, upload_id, number)

    def parts(self, key: str, upload_id: str) -> Mapping[int, int]:
        return self._parts.sizes(key, upload_id)

    def join_parts(self, key: str, upload_id: str) -> None:
        with self._parts.join_parts(key, upload_id) as file:
            self.put(file, key, "")

    def abort_parts(self, key: str, upload_id: str) -> None:
        self._parts.delete(key, upload_id)

    def delete_stale_parts(self, age_s: float) -> None:
        self._parts.delete_stale(age_s)

    def check(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        probe = self._root / f".probe-{uuid.uuid4().hex}"
        try:
            with disk_errors():
                probe.write_bytes(b"ok")
        finally:
            probe.unlink(missing_ok=True)

    def _existing(self, key: str) -> Path:
        path = self.path(key)
        if not path.is_file():
            raise errors.NotFound(f"{key} is not in the store.")
        return path

    def _prune(self, folder: Path) -> None:
        """Remove empty parent folders, up to the root."""
        while folder != self._root and folder.is_relative_to(self._root):
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent
