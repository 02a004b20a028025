"""Files that clients send in parts, each to an address of its own: to the store itself, or to this server with local storage.

Addresses are signed when they are needed, and again after they have expired. Which parts have arrived is asked of the store, so that a
client can continue after a crash with the key and the id of the upload.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import errors
from database import end_read, session, transaction
from services.accounts import Caller
from services.library import direct_uploads, recordings
from services.library.direct_uploads import UploadMissing
from services.library.limits import UploadLimits
from services.storage import IncomingFile, Store

MAX_PARTS = 10_000  # S3's limit
_PART_BYTES = 16 * 2**20
STALE_S = 2 * 86400


@dataclass(frozen=True)
class MultipartUpload:
    """Every part but the last has `part_bytes` bytes; S3 takes none below 5 MiB."""

    key: str
    upload_id: str
    part_bytes: int


def begin(caller: Caller, size_bytes: int, bounds: UploadLimits, store: Store) -> MultipartUpload:
    """Reserve a key for a file of this size. Raises TooLarge, QuotaExceeded, IntakePaused and TooManyUploads."""
    if size_bytes > bounds.max_upload_bytes:
        raise errors.TooLarge(f"The limit is {bounds.max_upload_bytes} bytes.")
    reserved_bytes = direct_uploads.reserved_bytes(caller.user_id, store)
    with transaction() as write_session:
        recordings.check_quota(write_session, caller.user_id, reserved_bytes + size_bytes, bounds.quota_bytes)
    key = direct_uploads.open_video(caller, bounds, store)
    upload_id = store.begin_parts(key, direct_uploads.VIDEO_TYPE)
    return MultipartUpload(key, upload_id, max(_PART_BYTES, math.ceil(size_bytes / MAX_PARTS)))


def parts(caller: Caller, key: str, upload_id: str, store: Store) -> Mapping[int, int]:
    """Return the sizes of the parts that have arrived, by number from 1. Raises UploadClosed, and NotFound for an unknown upload."""
    direct_uploads.check_open(key, caller.user_id)
    return store.parts(key, upload_id)


def complete(caller: Caller, key: str, upload_id: str, bounds: UploadLimits, store: Store) -> int:
    """Join the parts and return the size of the file; harmless if that was done. What can't be a recording is deleted.

    Raises UploadMissing if a part is missing, UploadClosed, TooLarge, QuotaExceeded and NotMedia.
    """
    direct_uploads.check_open(key, caller.user_id)
    try:
        arrived = store.parts(key, upload_id)
    except errors.NotFound:
        if store.size(key) is None:
            raise
        return direct_uploads.checked_size(key, bounds.max_upload_bytes, store)  # a repeated request
    missing = next((number for number in range(1, len(arrived) + 2) if number not in arrived), 0)
    if not arrived or missing <= max(arrived):
        raise UploadMissing(f"Part {missing} has not arrived.")
    size_bytes = sum(arrived.values())
    _check_size(caller.user_id, size_bytes, bounds, key, upload_id, store)
    store.join_parts(key, upload_id)
    if store.size(key) != size_bytes:
        raise errors.TransientError("The store has joined the parts wrongly.")
    return direct_uploads.checked_size(key, bounds.max_upload_bytes, store)


def _check_size(user_id: str, size_bytes: int, bounds: UploadLimits, key: str, upload_id: str, store: Store) -> None:
    """Delete the parts of an upload that is too large."""
    try:
        if size_bytes > bounds.max_upload_bytes:
            raise errors.TooLarge(f"The limit is {bounds.max_upload_bytes} bytes.")
        recordings.check_quota(session(), user_id, size_bytes, bounds.quota_bytes)
    except errors.LecternError:
        end_read()
        store.abort_parts(key, upload_id)
        raise
    end_read()


def abort(caller: Caller, key: str, upload_id: str, store: Store) -> None:
    """Delete the parts; harmless if there are none. Raises UploadClosed."""
    direct_uploads.check_open(key, caller.user_id)
    store.abort_parts(key, upload_id)


def receive(file: IncomingFile, user_id: str, key: str, upload_id: str, number: int, store: Store) -> None:
    """Store a part that has arrived at an address of this server. Raises UploadClosed, and NotFound for an unknown upload."""
    direct_uploads.check_open(key, user_id)
    store.put_part(file.keep(), key, upload_id, number)


def delete_stale(store: Store) -> None:
    """Delete the parts of uploads that were never completed."""
    store.delete_stale_parts(STALE_S)
