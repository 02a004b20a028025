"""The lock of a recording, which orders the transactions that change it or its rows.

Transcripts, documents and jobs refer to their recording, so that PostgreSQL locks the recording's row when they are inserted, and theirs
when the recording is deleted. A transaction that locks one of them first and then needs the recording is in a deadlock with a deletion.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Job, Recording


def lock_recording(session: Session, recording_id: str | None) -> bool:
    """Lock a recording until the transaction ends; call it before the first write. Return whether the recording exists.

    The lock does not block rows that are inserted and refer to the recording (PostgreSQL: FOR NO KEY UPDATE).
    """
    query = select(Recording.id).where(Recording.id == recording_id).with_for_update(key_share=True)
    return recording_id is not None and session.execute(query).first() is not None


def lock_recording_of_job(session: Session, job_id: str) -> None:
    """Lock the recording of a job, if it has one."""
    lock_recording(session, session.execute(select(Job.recording_id).where(Job.id == job_id)).scalar_one_or_none())


def lock_recordings_of_user(session: Session, user_id: str) -> None:
    """Lock all recordings of a user, before the user's row is locked or deleted."""
    query = select(Recording.id).where(Recording.user_id == user_id).order_by(Recording.id)
    session.execute(query.with_for_update()).all()
