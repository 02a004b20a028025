"""Files that clients send in parts, each to an address of its own: to the store itself, or to this server with local storage.

Addresses are signed when they are needed, and again after they have expired. Which parts have arrived is asked of the store, so that a
client can continue after a crash with the key and the id of the upload. The announced size counts against the quota from the beginning.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

import errors
from database import end_read, session, transaction
from lib.clock import now
from models import MultipartUpload, Recording
from services.accounts import Caller
from services.library import direct_uploads, object_deletion
from services.library.direct_uploads import UploadClosed, UploadMissing
from services.library.limits import UploadLimits
from services.storage import IncomingFile, Store, WrongPartSize

MAX_PARTS = 10_000  # S3's limit
_PART_BYTES = 16 * 2**20
_MAX_SENDING_TIME = dt.timedelta(days=2)


class NoSuchPart(errors.ValidationFailed):
    """The file has fewer parts."""

    code = "no_such_part"
    hint = "Divide the announced size by `part_bytes`, and round up."


@dataclass(frozen=True)
class PartSizes:
    """The sizes of parts: every part but the last has `part_bytes` bytes. S3 takes none below 5 MiB."""

    total_bytes: int

    @property
    def part_bytes(self) -> int:
        return max(_PART_BYTES, math.ceil(self.total_bytes / MAX_PARTS))

    @property
    def count(self) -> int:
        return math.ceil(self.total_bytes / self.part_bytes)

    def of(self, number: int) -> int:
        """Return the size of a part. Raises NoSuchPart."""
        if not 1 <= number <= self.count:
            raise NoSuchPart(f"There are {self.count} of up to {self.part_bytes} bytes.")
        return min(self.part_bytes, self.total_bytes - (number - 1) * self.part_bytes)

    def check(self, number: int, size_bytes: int) -> None:
        """Raise WrongPartSize unless the part has its size."""
        if size_bytes != self.of(number):
            raise WrongPartSize(f"Part {number} must have {self.of(number)} bytes, not {size_bytes}.")


@dataclass(frozen=True)
class BegunUpload:
    key: str
    upload_id: str
    part_bytes: int


def begin(caller: Caller, size_bytes: int, upload_limits: UploadLimits, store: Store) -> BegunUpload:
    """Reserve a key for a file of this size. Raises TooLarge, QuotaExceeded, IntakePaused and TooManyUploads."""
    if size_bytes > upload_limits.max_upload_bytes:
        raise errors.TooLarge(f"The limit is {upload_limits.max_upload_bytes} bytes.")
    key = direct_uploads.open_video(caller, upload_limits, store, announced_bytes=size_bytes)
    try:
        upload_id = store.begin_parts(key, direct_uploads.VIDEO_TYPE)
        with transaction() as write_session:
            _find(write_session, caller.user_id, key, "").upload_id = upload_id
    except BaseException:
        object_deletion.delete_now(store, [key])
        raise
    return BegunUpload(key, upload_id, PartSizes(size_bytes).part_bytes)


def parts(caller: Caller, key: str, upload_id: str, store: Store) -> Mapping[int, int]:
    """Return the sizes of the parts that have arrived, by number from 1. Raises UploadClosed, and NotFound for an unknown upload."""
    _find(session(), caller.user_id, key, upload_id)
    end_read()
    return store.parts(key, upload_id)


def sign(
    caller: Caller, key: str, upload_id: str, numbers: Sequence[int], lifetime: dt.timedelta, upload_limits: UploadLimits, store: Store
) -> dict[int, str | None]:
    """Return the store's URLs of parts by number, None if this server receives them.

    Raises UploadClosed and NoSuchPart, and NotFound for an unknown upload.
    """
    sizes = keep_open(caller.user_id, key, upload_id, upload_limits)
    by_number = {number: sizes.of(number) for number in numbers}
    return {number: store.signed_part(key, upload_id, number, size_bytes, lifetime) for number, size_bytes in by_number.items()}


def keep_open(user_id: str, key: str, upload_id: str, upload_limits: UploadLimits, *, while_joining: bool = False) -> PartSizes:
    """Renew the reservation, up to two days after the beginning. Raises UploadClosed, and NotFound for an unknown upload.

    `while_joining`: also after that, for as long as joining the parts may take.
    """
    lifetime = direct_uploads.lifetime_of_uploads(upload_limits)
    with transaction() as write_session:
        upload = _find(write_session, user_id, key, upload_id)
        last = upload.begun_at + _MAX_SENDING_TIME + (lifetime if while_joining else dt.timedelta())
        object_deletion.postpone(write_session, key, min(now() + lifetime, last))
        return PartSizes(upload.size_bytes)


def receive(file: IncomingFile, key: str, upload_id: str, number: int, sizes: PartSizes, store: Store) -> None:
    """Store a part that has arrived at an address of this server. Raises WrongPartSize, and NotFound once the parts are joined."""
    sizes.check(number, file.size_bytes)
    store.put_part(file.keep(), key, upload_id, number)


def complete(caller: Caller, key: str, upload_id: str, upload_limits: UploadLimits, store: Store) -> int:
    """Join the parts and return the size of the file; harmless if that was done. What can't be a recording is deleted.

    Raises UploadMissing if a part is missing, UploadClosed, WrongPartSize, JoinInProgress, TooLarge and NotMedia.
    """
    sizes = keep_open(caller.user_id, key, upload_id, upload_limits, while_joining=True)
    try:
        _check_all(store.parts(key, upload_id), sizes)
        store.join_parts(key, upload_id)
    except errors.NotFound:
        if store.size(key) is None:
            raise
    _check_kept(caller.user_id, key)
    try:
        size_bytes = direct_uploads.check_size(key, upload_limits.max_upload_bytes, store)
        if size_bytes != sizes.total_bytes:
            raise WrongPartSize(f"The file has {size_bytes} bytes; {sizes.total_bytes} were announced.", hint="Begin a new upload.")
    except (errors.TooLarge, errors.NotMedia, WrongPartSize):
        object_deletion.delete_now(store, [key])
        raise
    return size_bytes


def _check_all(stored_sizes: Mapping[int, int], sizes: PartSizes) -> None:
    for number in range(1, sizes.count + 1):
        if number not in stored_sizes:
            raise UploadMissing(f"Part {number} has not arrived.")
    for number, size_bytes in stored_sizes.items():
        sizes.check(number, size_bytes)


def _check_kept(user_id: str, key: str) -> None:
    """Schedule the deletion of the joined file if its reservation has ended meanwhile, and raise UploadClosed."""
    with transaction() as write_session:
        is_reserved = direct_uploads.is_reserved(write_session, user_id, key)
        is_described = write_session.execute(select(exists().where(Recording.storage_key == key))).scalar_one()
        if not is_reserved and not is_described:
            object_deletion.schedule(write_session, [key])
    if not is_reserved:
        raise UploadClosed


def abort(caller: Caller, key: str, upload_id: str, store: Store) -> None:
    """Delete the parts and end the reservation. Raises UploadClosed and JoinInProgress, and NotFound for an unknown upload."""
    _find(session(), caller.user_id, key, upload_id)
    end_read()
    store.abort_parts(key, upload_id)
    object_deletion.delete_now(store, [key])


def delete_stale(upload_limits: UploadLimits, store: Store) -> None:
    """Delete the parts of uploads that were never completed; none has a reservation any more."""
    store.delete_stale_parts((_MAX_SENDING_TIME + direct_uploads.lifetime_of_uploads(upload_limits)).total_seconds())


def _find(session: Session, user_id: str, key: str, upload_id: str) -> MultipartUpload:
    """Return an upload that is open. Raises UploadClosed, and NotFound for an unknown upload."""
    if not direct_uploads.is_reserved(session, user_id, key):
        raise UploadClosed
    upload = session.get(MultipartUpload, key)
    if upload is None or upload.upload_id != upload_id:
        raise errors.NotFound("There is no such upload.")
    return upload
