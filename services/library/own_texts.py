"""Texts of recordings that users have uploaded; conversions align them with the recognised words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

import errors
from database import end_read, session, transaction
from domain import ACTIVE_STATES
from models import Artifact
from services import own_text
from services.accounts import Caller
from services.library import hidden_formats, lecture_jobs, object_deletion, recordings, stored_inputs
from services.library.uploads import UploadedPart
from services.storage import Store, keys


def attach(caller: Caller, recording_id: str, part: UploadedPart | None, store: Store) -> Mapping[str, Any]:
    """Store a text for the next conversion of a recording; return the options of the newest one.

    Raises NotFound, NoFile, UnreadableText, TooManyPreviews, and Conflict while a job of the recording is active.
    """
    _, newest, _ = recordings.get_row(caller, recording_id)
    if part is None:
        raise errors.NoFile("The field is `transcript`: a text or a file.")
    if newest is not None and newest.state in ACTIVE_STATES:
        raise errors.Conflict("A job of this recording is queued or running.", hint="Wait until it has ended, or cancel it.")
    options = lecture_jobs.newest_options(session(), recording_id)
    end_read()
    own_text.check(part.file.keep(), caller.user_id)
    with stored_inputs.store_file(recording_id, part.file.path, store, key_of=keys.own_text) as key, transaction() as write_session:
        recordings.get_owned(caller, recording_id)
        hidden_formats.put(write_session, recording_id, hidden_formats.OWN_TEXT, key, part.file.size_bytes, part.file.sha256)
    return options


def remove(caller: Caller, recording_id: str, store: Store) -> None:
    """Delete the text; the next conversion shows the recognised words. Raises NotFound."""
    with transaction() as write_session:
        recordings.get_owned(caller, recording_id)
        of_recording = select(Artifact).where(Artifact.recording_id == recording_id, Artifact.format == hidden_formats.OWN_TEXT)
        row = write_session.execute(of_recording).scalar_one_or_none()
        if row is None:
            raise errors.NotFound("own text")
        hidden_formats.delete(write_session, row)
    object_deletion.try_run_due(store)
