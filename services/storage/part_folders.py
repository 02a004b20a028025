"""Uploads in parts in a local folder: a folder each, with a file that names the key, and a file per part."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import errors
from lib.disk import disk_errors
from services.storage.durable import move_file
from services.storage.port import JoinInProgress

_BLOCK_BYTES = 1 << 20
_KEY = "key"


class PartFolders:
    """Folders with the parts of uploads. Joining or deleting parts renames and locks the folder first, so that no part is added meanwhile.

    The lock ends with the process: after a crash another request can do the same again.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, key: str) -> str:
        upload_id = uuid.uuid4().hex
        with disk_errors():
            folder = self._root / upload_id
            folder.mkdir(parents=True)
            (folder / _KEY).write_text(key)
        return upload_id

    def add(self, source: Path, key: str, upload_id: str, number: int) -> None:
        """Move a part into the folder. Raises NotFound, also if the folder was renamed meanwhile."""
        self._existing(key, upload_id)
        try:
            with disk_errors():
                move_file(source, self._root / upload_id / str(number))
        except FileNotFoundError as error:
            raise _no_upload() from error

    def sizes(self, key: str, upload_id: str) -> Mapping[int, int]:
        for _ in range(2):  # the folder may be renamed meanwhile
            with contextlib.suppress(FileNotFoundError):
                folder = self._existing(key, upload_id)
                sizes = {int(path.name): path.stat().st_size for path in folder.iterdir() if path.name.isdigit()}
                if (folder / _KEY).is_file():  # else some of them may have been deleted already
                    return sizes
        raise _no_upload()

    @contextlib.contextmanager
    def join_parts(self, key: str, upload_id: str) -> Iterator[Path]:
        """Yield a file that holds all parts; then delete them. Raises NotFound and JoinInProgress."""
        with self._claim(key, upload_id) as folder:
            file = folder / f".{uuid.uuid4().hex}.joined"
            numbers = sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())
            try:
                with disk_errors(), file.open("wb") as writer:
                    for number in numbers:
                        with (folder / str(number)).open("rb") as reader:
                            shutil.copyfileobj(reader, writer, _BLOCK_BYTES)
                yield file
            finally:
                file.unlink(missing_ok=True)
            _remove(folder)

    def delete(self, key: str, upload_id: str) -> None:
        """Delete the parts; harmless if there are none. Raises JoinInProgress."""
        with contextlib.suppress(errors.NotFound), self._claim(key, upload_id) as folder:
            _remove(folder)

    def delete_stale(self, age_s: float) -> None:
        for folder in self._root.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                key_file = folder / _KEY
                begun_at = (key_file if key_file.exists() else folder).stat().st_mtime
                if time.time() - begun_at > age_s:
                    shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def _claim(self, key: str, upload_id: str) -> Iterator[Path]:
        self._existing(key, upload_id)
        folder = self._claimed_folder(upload_id)
        try:
            (self._root / upload_id).rename(folder)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EEXIST, errno.ENOTEMPTY):
                raise
        try:
            lock = (folder / _KEY).open("rb")
        except FileNotFoundError as error:
            raise _no_upload() from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise JoinInProgress from error
            if not (folder / _KEY).is_file():  # joined or deleted since it was opened
                raise _no_upload()
            yield folder

    def _existing(self, key: str, upload_id: str) -> Path:
        """Return the folder of an upload of this key. Raises NotFound."""
        if upload_id.isalnum() and upload_id.isascii():
            for folder in (self._root / upload_id, self._claimed_folder(upload_id)):
                with contextlib.suppress(FileNotFoundError):
                    if (folder / _KEY).read_text() == key:
                        return folder
        raise _no_upload()

    def _claimed_folder(self, upload_id: str) -> Path:
        return self._root / f".claimed-{upload_id}"


def _remove(folder: Path) -> None:
    """Delete the key first: a folder without it is none of an upload."""
    (folder / _KEY).unlink()
    shutil.rmtree(folder)


def _no_upload() -> errors.NotFound:
    return errors.NotFound("There is no such upload.")
