"""Likes of recordings, at most one per user."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import errors
from database import session, transaction
from lib.paging import count_rows
from models import Recording, RecordingLike
from services.accounts import Caller
from services.jobs.queue.recording_lock import lock_recording
from services.library import video_cache, videos


def set_liked(viewer: Caller, recording_id: str, *, is_liked: bool) -> int:
    """Like a recording, or no longer. Return the number of its likes. Raises NotFound."""
    videos.get_viewable(viewer, recording_id)
    with transaction() as write_session:
        if not lock_recording(write_session, recording_id):
            raise errors.NotFound("recording")
        row = write_session.get(RecordingLike, (recording_id, viewer.user_id), populate_existing=True)
        if is_liked and row is None:
            write_session.add(RecordingLike(recording_id=recording_id, user_id=viewer.user_id))
        elif not is_liked and row is not None:
            write_session.delete(row)
        write_session.flush()
        return _count(write_session, recording_id)


def get(viewer: Caller, recording_id: str) -> tuple[int, bool]:
    """Return the number of likes, and whether the viewer likes the recording. Raises NotFound."""
    likes = videos.get_viewable(viewer, recording_id).like_count
    return likes, session().get(RecordingLike, (recording_id, viewer.user_id)) is not None


def _count(write_session: Session, recording_id: str) -> int:
    """Store the number of likes in the recording's row, for lists, and return it."""
    number = count_rows(RecordingLike, RecordingLike.recording_id == recording_id)
    values = {"like_count": number, "updated_at": Recording.updated_at}
    write_session.execute(update(Recording).where(Recording.id == recording_id).values(values))
    video_cache.forget_after_commit(recording_id)
    return number


def forget_user(write_session: Session, user_id: str) -> None:
    """Uncount the likes of a user who is being deleted; the rows go with the user. Call it before the user is locked."""
    recording_ids = select(RecordingLike.recording_id).where(RecordingLike.user_id == user_id)
    ids = (
        write_session.execute(select(Recording.id).where(Recording.id.in_(recording_ids)).order_by(Recording.id).with_for_update())
        .scalars()
        .all()
    )
    if ids:
        values = {"like_count": Recording.like_count - 1, "updated_at": Recording.updated_at}
        write_session.execute(update(Recording).where(Recording.id.in_(ids)).values(values))
        video_cache.forget_after_commit(*ids)
