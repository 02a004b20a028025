"""Uploads in chunks: out of order, repeated, resumed, in parallel, from several processes; bound to their user.

A chunk is a file named by its number in a folder of one user's one upload; being there whole is all its state.
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

import errors
from config import Settings
from database import session
from lib.disk import disk_errors
from services.accounts import Caller
from services.library import recordings
from services.storage import IncomingFile

MAX_CHUNKS = 20_000
_BLOCK_BYTES = 1 << 20
_ANSWER = "assembled.json"


class ChunksMissing(errors.BadRequest):
    """Missing chunks."""

    code = "missing_chunks"
    hint = "Send the missing chunks, then ask again; the others are kept."

    def __init__(self, missing: list[int]) -> None:
        self.missing = missing
        super().__init__(", ".join(map(str, missing[:50])))


class WrongTotal(errors.BadRequest):
    """There are more chunks here than the upload is said to have."""

    code = "wrong_total"
    hint = "Ask with the total_chunks that the chunks were sent with, or send them again under another file_id."


class UnknownUpload(errors.NotFound):
    """No chunks of such an upload are here."""

    code = "unknown_upload"
    hint = "Send the chunks first; uploads that never ended are swept away after a day."


@dataclass(frozen=True)
class ChunkedUpload:
    """One user's upload, named by its client. Neither name ever becomes a path."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings, caller: Caller, file_id: str) -> ChunkedUpload:
        if not file_id or len(file_id) > 200:
            raise errors.ValidationFailed("file_id: 1 to 200 characters")
        return cls(settings.data_dir / "chunks" / caller.user_id / hashlib.sha256(file_id.encode()).hexdigest())

    def keep(self, index: int, total: int, part: IncomingFile, settings: Settings, caller: Caller) -> None:
        """Take a received chunk in; a repeated one replaces the first. Raises TooLarge or QuotaExceeded as the whole grows.

        Chunks of the same user's other uploads count as used: nobody fills the disk with uploads that never end.
        """
        if not 1 <= total <= MAX_CHUNKS or not 0 <= index < total:
            raise errors.ValidationFailed(f"chunk_index {index} of total_chunks {total}: at most {MAX_CHUNKS}, counted from 0")
        with self._locked():
            whole = part.size_bytes + sum(path.stat().st_size for number, path in self._chunks().items() if number != index)
            if whole > settings.max_upload_bytes:
                raise errors.TooLarge(f"The chunks have {whole} bytes by now, the limit is {settings.max_upload_bytes}.")
            recordings.check_quota(session(), caller.user_id, whole + self._elsewhere_bytes(), settings.user_quota_bytes)
            part.keep().replace(self.folder / str(index))

    def answer_given(self) -> dict[str, object] | None:
        """What assembling answered before: a client that lost the answer may ask again."""
        path = self.folder / _ANSWER
        answer: dict[str, object] | None = json.loads(path.read_text()) if path.exists() else None
        return answer

    @contextlib.contextmanager
    def assembled(self, total: int, settings: Settings) -> Iterator[IncomingFile]:
        """The whole file, while the upload is locked. The chunks stay until `finish`. Raises ChunksMissing, UnknownUpload."""
        if not self.folder.is_dir():
            raise UnknownUpload
        with self._locked():
            chunks = self._chunks()
            if max(chunks, default=0) >= total:
                raise WrongTotal(f"Chunk {max(chunks)} is here, total_chunks is {total}.")
            missing = [number for number in range(total) if number not in chunks]
            if missing and not self.answer_given():
                raise ChunksMissing(missing)
            whole = IncomingFile(settings.data_dir / "incoming", settings.max_upload_bytes)
            try:
                for number in range(total) if not missing else ():
                    with chunks[number].open("rb") as file:
                        while block := file.read(_BLOCK_BYTES):
                            whole.write(block)
                yield whole
            finally:
                whole.discard()

    def finish(self, answer: dict[str, object]) -> None:
        """The recording is kept: the chunks go, the answer stays until the sweep."""
        for path in self._chunks().values():
            path.unlink()
        (self.folder / _ANSWER).write_text(json.dumps(answer))

    def _chunks(self) -> dict[int, Path]:
        return {int(path.name): path for path in self.folder.iterdir() if path.name.isdigit()}

    def _elsewhere_bytes(self) -> int:
        """What the chunks of this user's other uploads take; one may be assembled meanwhile."""
        taken = 0
        for path in self.folder.parent.glob("*/*"):
            if path.name.isdigit() and path.parent != self.folder:
                with contextlib.suppress(FileNotFoundError):
                    taken += path.stat().st_size
        return taken

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with disk_errors():
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / ".lock").open("w")
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def sweep(settings: Settings) -> None:
    """Remove uploads that nobody has touched for `incomplete_upload_expiry_s`."""
    for folder in (settings.data_dir / "chunks").glob("*/*"):
        with contextlib.suppress(OSError):
            newest = max((path.stat().st_mtime for path in folder.iterdir()), default=folder.stat().st_mtime)
            if time.time() - newest > settings.incomplete_upload_expiry_s:
                shutil.rmtree(folder, ignore_errors=True)
                folder.parent.rmdir()  # an error while there are others
