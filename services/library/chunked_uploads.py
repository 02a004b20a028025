"""Uploads in chunks, which may arrive in any order, repeatedly, in parallel and at several processes.

Each upload of a user is a folder, each complete chunk a file in it, named by its index. There is no other state.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

import errors
from config import Settings
from database import end_read, session
from lib.disk import disk_errors
from lib.waiting import before_waiting
from models import User
from services.accounts import Caller
from services.library import recordings, reserved_storage
from services.library.chunk_sizes import ChunkSizes
from services.library.limits import TooManyUnfinishedUploads
from services.library.receiving import incoming_folder
from services.storage import IncomingFile, Store
from tables.columns import new_id

MAX_CHUNKS = 20_000
_BLOCK_BYTES = 1 << 20
_WAIT_S = 60
_RESPONSE = "assembled.json"
_RECORDING_ID = "recording_id"


class ChunksMissing(errors.BadRequest):
    """Some chunks are missing."""

    code = "missing_chunks"
    hint = "Send the missing chunks, then repeat this request; the others are kept."

    def __init__(self, missing: list[int]) -> None:
        self.missing = missing
        super().__init__(", ".join(map(str, missing[:50])))


class WrongTotal(errors.BadRequest):
    """More chunks were received than total_chunks."""

    code = "wrong_total"
    hint = "Use the total_chunks that the chunks were sent with, or send them again under another file_id."


class UnknownUpload(errors.NotFound):
    """No chunks of this upload were received."""

    code = "unknown_upload"
    hint = "Send the chunks first; unfinished uploads are deleted after a day."


class ChunkTooSmall(errors.ValidationFailed):
    """This chunk is too small."""

    code = "chunk_too_small"
    hint = "Send fewer, larger chunks."


@dataclass(frozen=True)
class ChunkedUpload:
    """One upload of one user. The client's file_id is hashed, so it never becomes a path."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings, caller: Caller, file_id: str) -> ChunkedUpload:
        if not file_id or len(file_id) > 200:
            raise errors.ValidationFailed("file_id: 1 to 200 characters")
        return cls(settings.data_dir / "chunks" / caller.user_id / hashlib.sha256(file_id.encode()).hexdigest())

    def save_chunk(self, index: int, total: int, part: IncomingFile, settings: Settings, caller: Caller, store: Store) -> None:
        """Store a received chunk; a repeated one replaces the first. Raises ChunkTooSmall, TooLarge and QuotaExceeded.

        The quota includes the user's other uploads of all kinds, so that unfinished uploads can't fill the disk.
        """
        if not 1 <= total <= MAX_CHUNKS or not 0 <= index < total:
            raise errors.ValidationFailed(f"chunk_index {index} of total_chunks {total}: at most {MAX_CHUNKS}, counted from 0")
        is_small = part.size_bytes < settings.min_chunk_bytes
        if is_small and index < total - 1:
            raise ChunkTooSmall(f"It has {part.size_bytes} bytes; each chunk but the last needs at least {settings.min_chunk_bytes}.")
        if not self.folder.is_dir():
            self._check_number(settings.user_chunked_uploads)
        with self._lock_folder():
            sizes = ChunkSizes(self.folder)
            if is_small and any(other != index for other in sizes.smaller_than(settings.min_chunk_bytes)):
                raise ChunkTooSmall("Another chunk of this upload is small already, and only one can be the last.")
            replaced_bytes = sizes.size_of(index)
            total_bytes = sizes.total() - replaced_bytes + part.size_bytes
            if total_bytes > settings.max_upload_bytes:
                raise errors.TooLarge(f"The chunks have {total_bytes} bytes, the limit is {settings.max_upload_bytes}.")
            all_bytes = reserved_storage.of_user(settings.data_dir, caller.user_id, store) - replaced_bytes + part.size_bytes
            recordings.check_quota(session(), caller.user_id, all_bytes, settings.user_quota_bytes)
            part.keep().replace(self.folder / str(index))
            with disk_errors():
                sizes.record(index, part.size_bytes)

    def saved_response(self) -> dict[str, object] | None:
        """Return the response of an earlier assembly, for a client that did not receive it."""
        path = self.folder / _RESPONSE
        response: dict[str, object] | None = json.loads(path.read_text()) if path.exists() else None
        return response

    def recording_id(self) -> str:
        """Return the id that the recording of these chunks gets, the same for every attempt. The caller holds the lock."""
        path = self.folder / _RECORDING_ID
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_text(new_id())
            part.replace(path)
        return path.read_text()

    @contextlib.contextmanager
    def assemble(self, total: int, settings: Settings) -> Iterator[IncomingFile]:
        """Yield the joined file while holding the lock; `finish` deletes the chunks. Raises ChunksMissing, WrongTotal, UnknownUpload."""
        if not self.folder.is_dir():
            raise UnknownUpload
        with self._lock_folder():
            chunks = self._chunks()
            if max(chunks, default=0) >= total:
                raise WrongTotal(f"Chunk {max(chunks)} was received, total_chunks is {total}.")
            missing = [number for number in range(total) if number not in chunks]
            if missing and not self.saved_response():
                raise ChunksMissing(missing)
            file = IncomingFile(incoming_folder(settings), settings.max_upload_bytes)
            try:
                for number in range(total) if not missing else ():
                    with chunks[number].open("rb") as chunk:
                        while block := chunk.read(_BLOCK_BYTES):
                            file.write(block)
                yield file
            finally:
                file.discard()

    def finish(self, response: dict[str, object]) -> None:
        """Save the response, which stays until the sweep, and delete the chunks."""
        part = self.folder / f"{_RESPONSE}.part"
        part.write_text(json.dumps(response))
        part.replace(self.folder / _RESPONSE)
        for path in self._chunks().values():
            path.unlink()
        ChunkSizes(self.folder).delete()

    def _check_number(self, limit: int) -> None:
        """Raise TooManyUnfinishedUploads if the user has as many unfinished uploads as allowed."""
        uploads = [folder for folder in self.folder.parent.glob("*") if not (folder / _RESPONSE).exists()]
        if len(uploads) >= limit:
            raise TooManyUnfinishedUploads(f"The limit is {limit}.", wait_s=_WAIT_S)

    def _chunks(self) -> dict[int, Path]:
        return {int(path.name): path for path in self.folder.iterdir() if path.name.isdigit()}

    @contextlib.contextmanager
    def _lock_folder(self) -> Iterator[None]:
        with disk_errors():
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / ".lock").open("w")
        before_waiting()
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def delete_of_missing_users(settings: Settings) -> None:
    """Delete the uploads of accounts that no longer exist."""
    folders = {folder.name: folder for folder in (settings.data_dir / "chunks").glob("*")}
    if not folders:
        return
    user_ids = set(session().execute(select(User.id).where(User.id.in_(folders))).scalars())
    end_read()
    for name in folders.keys() - user_ids:
        shutil.rmtree(folders[name], ignore_errors=True)


def sweep(settings: Settings) -> None:
    """Delete uploads that have not changed for `incomplete_upload_expiry_s`.

    Each chunk is moved into its folder, which changes the folder's time: no chunk is looked at.
    """
    for folder in (settings.data_dir / "chunks").glob("*/*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > settings.incomplete_upload_expiry_s:
                shutil.rmtree(folder, ignore_errors=True)
                folder.parent.rmdir()  # fails, harmlessly, while the user has other uploads
