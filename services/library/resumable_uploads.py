"""Uploads by the tus protocol 1.0 (https://tus.io/protocols/resumable-upload): an interrupted one continues where it ended.

An upload is a folder with its facts and the bytes that have arrived; the size of that file is the offset.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import itertools
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import errors
from config import Settings
from database import end_read, session
from lib.disk import disk_errors
from lib.overlapped_blocks import OverlappedBlocks
from lib.waiting import before_waiting
from services.accounts import Caller
from services.library import recordings, reserved_storage, upload_facts, upload_hashes
from services.library.limits import TooManyUnfinishedUploads
from services.library.upload_facts import UploadFacts
from services.library.uploads_in_progress import arriving_bytes
from services.media import first_bytes
from services.storage import Store

CHECKSUMS = ("sha1", "sha256", "md5")
_ID = re.compile("[0-9a-f]{32}")
_NOT_FOUND_MESSAGE = "No upload of yours has this address; it may have expired."
_BLOCK_BYTES = 1 << 20  # what gunicorn receives at once
_WAIT_S = 60
_DATA_FILE, _STORED_FILE = "data", "stored"


class OffsetConflict(errors.Conflict):
    """The upload has another size than this request assumes."""

    code = "offset_conflict"
    hint = "Ask for the offset with HEAD and continue there."


class UploadLocked(errors.Conflict):
    """Another request is sending bytes to this upload."""

    code = "upload_locked"
    status = 423
    hint = "Wait until it has ended, then ask for the offset with HEAD."


class ChecksumMismatch(errors.BadRequest):
    """The bytes that arrived do not have the announced checksum."""

    code = "checksum_mismatch"
    status = 460
    hint = "Send them again; they were not kept."


@dataclass(frozen=True)
class ReceivedFile:
    """A complete upload, with the interface of an incoming file."""

    path: Path
    size_bytes: int
    sha256: str

    def keep(self) -> Path:
        return self.path


@dataclass(frozen=True)
class ResumableUpload:
    """One upload of one user."""

    folder: Path

    @classmethod
    def create(cls, settings: Settings, caller: Caller, length: int, metadata: Mapping[str, str], store: Store) -> ResumableUpload:
        """Begin an upload. Raises TooLarge, QuotaExceeded and TooManyUnfinishedUploads."""
        if length > settings.max_upload_bytes:
            raise errors.TooLarge(f"The limit is {settings.max_upload_bytes} bytes.")
        if length == 0:
            raise errors.EmptyFile
        user_folder = cls._folder_of(settings, caller.user_id)
        with _creation_lock(user_folder):
            return cls._create(settings, caller, user_folder, UploadFacts(length, metadata), store)

    @classmethod
    def _create(cls, settings: Settings, caller: Caller, user_folder: Path, facts: UploadFacts, store: Store) -> ResumableUpload:
        unfinished_uploads = [folder for folder in user_folder.glob("*") if not cls(folder).facts().recording_id]
        if len(unfinished_uploads) >= settings.user_chunked_uploads:
            raise TooManyUnfinishedUploads(f"The limit is {settings.user_chunked_uploads}.", wait_s=_WAIT_S)
        other_bytes = reserved_storage.of_user(settings.data_dir, caller.user_id, store) + arriving_bytes(caller.user_id)
        recordings.check_quota(session(), caller.user_id, other_bytes + facts.length, settings.user_quota_bytes)
        end_read()
        upload = cls(user_folder / uuid.uuid4().hex)
        with disk_errors():
            upload.folder.mkdir(parents=True)
            (upload.folder / _DATA_FILE).touch()
            upload._write(facts)
        return upload

    @classmethod
    def find(cls, settings: Settings, caller: Caller, upload_id: str) -> ResumableUpload:
        """Return an upload of the caller. Raises NotFound."""
        upload = cls(cls._folder_of(settings, caller.user_id) / upload_id)
        if not _ID.fullmatch(upload_id) or not (upload.folder / upload_facts.FILE).is_file():
            raise errors.NotFound(_NOT_FOUND_MESSAGE)
        return upload

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def recording_id(self) -> str:
        """The id that the recording of this upload gets."""
        return str(uuid.UUID(self.id))

    @property
    def offset(self) -> int:
        """The number of bytes that have arrived; all of them once the recording is stored."""
        try:
            return (self.folder / _DATA_FILE).stat().st_size
        except FileNotFoundError:  # it was moved to the store
            return self.facts().length

    def facts(self) -> UploadFacts:
        return upload_facts.read(self.folder)

    def expires_at(self, settings: Settings) -> float:
        """Return when the upload is deleted unless more arrives, in seconds since 1970."""
        try:
            return self.folder.stat().st_mtime + settings.incomplete_upload_expiry_s
        except FileNotFoundError:
            raise errors.NotFound(_NOT_FOUND_MESSAGE) from None

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the upload. Raises UploadLocked while another request does."""
        before_waiting()
        try:
            lock = (self.folder / ".lock").open("w")
        except FileNotFoundError:
            raise errors.NotFound(_NOT_FOUND_MESSAGE) from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UploadLocked from None
            yield

    def append(self, body: IO[bytes], offset: int, checksum: tuple[str, bytes] | None = None) -> None:
        """Append a body at this offset. What arrived of an interrupted one stays, unless it has a checksum.

        The caller holds the lock. Raises OffsetConflict, TooLarge, NotMedia and ChecksumMismatch.
        """
        if offset != self.offset or self.facts().recording_id:
            raise OffsetConflict(f"The offset is {self.offset}.")
        data = self.folder / _DATA_FILE
        digest = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        upload_hash = upload_hashes.take(self.id, offset)
        is_whole = False
        self._touch()
        try:
            with disk_errors(), data.open("ab") as file:
                self._receive(body, file, [each.update for each in (upload_hash, digest) if each is not None])
            is_whole = digest is None or (checksum is not None and digest.digest() == checksum[1])
            if not is_whole:
                raise ChecksumMismatch
        finally:
            if checksum and not is_whole:
                with data.open("ab") as file:
                    file.truncate(offset)
            if upload_hash is not None and upload_hash.position == self.offset:
                upload_hashes.keep(self.id, upload_hash)
            self._touch()

    def _receive(self, body: IO[bytes], file: IO[bytes], updates: Sequence[Callable[[memoryview], object]]) -> None:
        """Write each block and pass it to `updates` while the next one is received."""
        length, position = self.facts().length, file.tell()
        file_writes = OverlappedBlocks(file.write)
        try:
            for block in _blocks_of(body):
                if position + len(block) > length:
                    raise errors.TooLarge(f"The announced length is {length} bytes.")
                if position < first_bytes.LENGTH:
                    file_writes.wait()
                    file.flush()
                    self._check_start(block, length)
                file_writes.add(block)
                for update in updates:
                    update(block)
                position += len(block)
        finally:
            file_writes.wait()

    def _check_start(self, block: memoryview, length: int) -> None:
        """Raise NotMedia if with this block enough arrives to see that it is not a recording."""
        start = (self.folder / _DATA_FILE).read_bytes() + block[: first_bytes.LENGTH]
        if len(start) >= min(first_bytes.LENGTH, length):
            first_bytes.check_recording(start[: first_bytes.LENGTH])

    def is_complete(self) -> bool:
        """Whether every byte has arrived, and no recording was made of them yet."""
        facts = self.facts()
        return not facts.recording_id and (self.folder / _DATA_FILE).exists() and self.offset == facts.length

    def link_received_file(self) -> ReceivedFile:
        """Return the file under a second name: storing it moves that one, so that a recording which is refused then loses nothing."""
        data, second = self.folder / _DATA_FILE, self.folder / _STORED_FILE
        second.unlink(missing_ok=True)
        second.hardlink_to(data)
        return ReceivedFile(second, data.stat().st_size, upload_hashes.sha256_of_upload(self.id, data))

    def finish(self, recording_id: str) -> None:
        """Remember the recording; the facts stay until the upload expires, for a client that did not get the response."""
        facts = self.facts()
        self._write(UploadFacts(facts.length, facts.metadata, recording_id))
        for name in (_DATA_FILE, _STORED_FILE):
            (self.folder / name).unlink(missing_ok=True)

    def delete(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, facts: UploadFacts) -> None:
        part = self.folder / f"{upload_facts.FILE}.part"
        part.write_text(json.dumps(asdict(facts)))
        part.replace(self.folder / upload_facts.FILE)

    def _touch(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.utime(self.folder)  # the sweep reads it

    @staticmethod
    def _folder_of(settings: Settings, user_id: str) -> Path:
        return settings.data_dir / "resumable" / user_id


def _blocks_of(body: IO[bytes]) -> Iterator[memoryview]:
    """Yield the bytes of a body in blocks; each stays as it is until the one after the next."""
    buffers = itertools.cycle([memoryview(bytearray(_BLOCK_BYTES)) for _ in range(2)])
    while received_bytes := body.readinto(buffer := next(buffers)):  # type: ignore[attr-defined]
        yield buffer[:received_bytes]


def parse_metadata(header: str) -> dict[str, str]:
    """Return the values of the header Upload-Metadata: keys and base64 values. Raises BadRequest."""
    values: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, encoded_value = pair.partition(" ")
        try:
            values[key] = base64.b64decode(encoded_value, validate=True).decode()
        except ValueError as error:
            raise errors.BadRequest("Upload-Metadata is malformed.", hint="Send pairs of a key and a base64 value.") from error
    return values


def format_metadata(metadata: Mapping[str, str]) -> str:
    """Return the value of the header Upload-Metadata."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}".strip() for key, value in metadata.items())


def parse_checksum(header: str) -> tuple[str, bytes]:
    """Return algorithm and digest of the header Upload-Checksum. Raises BadRequest."""
    name, _, encoded_value = header.partition(" ")
    if name not in CHECKSUMS:
        raise errors.BadRequest(f"Upload-Checksum: {', '.join(CHECKSUMS)} are supported.")
    try:
        return name, base64.b64decode(encoded_value, validate=True)
    except ValueError as error:
        raise errors.BadRequest("Upload-Checksum is malformed.") from error


def sweep(settings: Settings) -> None:
    """Delete uploads that have received nothing for `incomplete_upload_expiry_s`."""
    for folder in (settings.data_dir / "resumable").glob("*/*"):
        with contextlib.suppress(OSError, UploadLocked, errors.NotFound):
            if time.time() - folder.stat().st_mtime > settings.incomplete_upload_expiry_s:
                with ResumableUpload(folder).lock():
                    shutil.rmtree(folder, ignore_errors=True)
                folder.parent.rmdir()  # fails, harmlessly, while the user has other uploads


@contextlib.contextmanager
def _creation_lock(user_folder: Path) -> Iterator[None]:
    """Let a user create one upload at a time, so that each counts those before it against the quota."""
    before_waiting()
    with disk_errors():
        user_folder.mkdir(parents=True, exist_ok=True)
        folder = os.open(user_folder, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
