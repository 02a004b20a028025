"""Recordings of files that a user has uploaded before: the store copies the file, and nothing is sent again.

Only the user's own recordings count. Otherwise anybody who knows the hash of a file could read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

import errors
from config import Settings
from database import end_read, session, transaction
from domain import MediaInfo
from lib.serialization import from_plain
from models import Job, Recording
from services.accounts import Caller
from services.library import object_deletion, recordings, reserved_storage
from services.library.receiving import check_limits
from services.library.uploads import FileFacts, check_options, new_recording, queue_conversion
from services.prompts import with_prompts
from services.storage import Store
from services.webhooks.subscriptions import JobWebhook
from tables.columns import new_id


def create_recording(
    caller: Caller,
    file: FileFacts,
    settings: Settings,
    store: Store,
    *,
    pipeline: str,
    options: Mapping[str, Any],
    title: str = "",
    webhook: JobWebhook | None = None,
) -> tuple[Recording, Job]:
    """Make a recording of the file and queue a job of this pipeline, both or neither.

    Raises NotFound if none of the caller's recordings has this content, and what an upload raises.
    """
    check_limits(session(), settings, caller.user_id)
    reserved_bytes = reserved_storage.of_user(settings.data_dir, caller.user_id, store)
    before = _find(caller, file)
    media = from_plain(MediaInfo, before.media)
    if media.duration_s > settings.max_duration_s:
        raise errors.TooLong(f"It runs for {media.duration_s:.0f} s, the limit is {settings.max_duration_s:.0f} s.")
    check_options(options, media, settings, has_subtitles=False)
    recordings.check_quota(session(), caller.user_id, reserved_bytes + file.size_bytes, settings.user_quota_bytes)
    named_file = FileFacts(file.filename or before.sent_name or before.filename, file.size_bytes, file.sha256)
    recording = new_recording(new_id(), caller, named_file, media, title, str(options.get("language") or ""))
    source_key, key, options = before.storage_key, recording.storage_key, with_prompts(options)
    end_read()
    with transaction() as write_session:
        object_deletion.schedule(write_session, [key], after=object_deletion.UPLOAD_GRACE)
    try:
        store.copy(source_key, key)
        with transaction() as write_session:
            recordings.check_quota(write_session, caller.user_id, recording.size_bytes, settings.user_quota_bytes)
            check_limits(write_session, settings, caller.user_id)
            object_deletion.cancel(write_session, [key])
            write_session.add(recording)
            write_session.flush()
            job = queue_conversion(write_session, recording, settings, pipeline, options, webhook)
    except BaseException:
        object_deletion.delete_now(store, [key])
        raise
    return recording, job


def _find(caller: Caller, file: FileFacts) -> Recording:
    """Return the newest recording of the caller with this content."""
    conditions = (Recording.user_id == caller.user_id, Recording.sha256 == file.sha256, Recording.size_bytes == file.size_bytes)
    query = select(Recording).where(*conditions, Recording.storage_key != "").order_by(Recording.created_at.desc()).limit(1)
    recording = session().execute(query).scalar_one_or_none()
    if recording is None or not recording.media:
        raise errors.NotFound("None of your recordings has this content.", hint="Upload the file.")
    return recording
