"""Storage in a local folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import errors
from lib.disk import disk_errors

_BLOCK_BYTES = 1 << 20
_PARTS, _KEY = ".parts", "key"  # the folder of uploads in parts, and the file in each that names its key


class LocalStore:
    name = "local"
    takes_uploads = False

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def path(self, key: str) -> Path:
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts or "\0" in key:
            raise errors.NotFound(f"{key!r} is no key.")
        return self._root.joinpath(*parts)

    def put(self, source: Path, key: str, content_type: str) -> None:
        target = self.path(key)
        with disk_errors():
            target.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as file:
                os.fsync(file.fileno())
            try:
                source.replace(target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                self._copy_across(source, target)
        _sync_folder(target.parent)

    def _copy_across(self, source: Path, target: Path) -> None:
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
            left = (end - start) if end is not None else None
            while left is None or left > 0:
                block = file.read(_BLOCK_BYTES if left is None else min(_BLOCK_BYTES, left))
                if not block:
                    return
                left = None if left is None else left - len(block)
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
        _sync_folder(target.parent)

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
        upload_id = uuid.uuid4().hex
        with disk_errors():
            folder = self._root / _PARTS / upload_id
            folder.mkdir(parents=True)
            (folder / _KEY).write_text(key)
        return upload_id

    def signed_part(self, key: str, upload_id: str, number: int, lifetime: dt.timedelta) -> str | None:
        return None

    def put_part(self, source: Path, key: str, upload_id: str, number: int) -> None:
        self._parts_folder(key, upload_id)
        self.put(source, f"{_PARTS}/{upload_id}/{number}", "")

    def parts(self, key: str, upload_id: str) -> Mapping[int, int]:
        folder = self._parts_folder(key, upload_id)
        return {int(path.name): path.stat().st_size for path in folder.iterdir() if path.name.isdigit()}

    def join_parts(self, key: str, upload_id: str) -> None:
        folder = self._parts_folder(key, upload_id)
        first, *others = sorted(self.parts(key, upload_id))
        joined = folder / ".joined.part"
        with disk_errors():
            joined.unlink(missing_ok=True)
            shutil.copyfile(folder / str(first), joined)
            with joined.open("ab") as writer:
                for number in others:
                    with (folder / str(number)).open("rb") as reader:
                        shutil.copyfileobj(reader, writer, _BLOCK_BYTES)
        self.put(joined, key, "")
        shutil.rmtree(folder)

    def abort_parts(self, key: str, upload_id: str) -> None:
        with contextlib.suppress(errors.NotFound):
            shutil.rmtree(self._parts_folder(key, upload_id))

    def delete_stale_parts(self, age_s: float) -> None:
        for key_file in (self._root / _PARTS).glob(f"*/{_KEY}"):
            if time.time() - key_file.stat().st_mtime > age_s:
                shutil.rmtree(key_file.parent, ignore_errors=True)

    def _parts_folder(self, key: str, upload_id: str) -> Path:
        """Return the folder of an upload of this key. Raises NotFound."""
        folder = self._root / _PARTS / upload_id
        if not (upload_id.isalnum() and upload_id.isascii() and (folder / _KEY).is_file() and (folder / _KEY).read_text() == key):
            raise errors.NotFound("There is no such upload.")
        return folder

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


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
