"""Bookmarks: moments of a recording that a user has marked, with or without a note."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from database import session, transaction
from lib.media_time import format_clock
from lib.paging import count_rows
from lib.text import clean_lines
from models import Bookmark, Recording
from services.accounts import Caller
from services.jobs.queue.recording_lock import lock_recording
from services.library import videos

MAX_BOOKMARKS = 1000
MAX_TEXT_CHARS = 5000


def list_own(caller: Caller, recording_id: str) -> Sequence[Bookmark]:
    """Return the caller's bookmarks of a recording that they may watch, in the order of time. Raises NotFound."""
    videos.get_viewable(caller, recording_id)
    query = select(Bookmark).where(Bookmark.recording_id == recording_id, Bookmark.user_id == caller.user_id)
    return session().execute(query.order_by(Bookmark.time_s, Bookmark.created_at)).scalars().all()


def add(caller: Caller, recording_id: str, time_s: float, text: str) -> Bookmark:
    """Add a bookmark. Raises NotFound, ValidationFailed and TooManyBookmarks."""
    with transaction() as write_session:
        recording = _lock_viewable(write_session, caller, recording_id)
        if count_rows(Bookmark, Bookmark.recording_id == recording_id, Bookmark.user_id == caller.user_id) >= MAX_BOOKMARKS:
            raise TooManyBookmarks(f"The limit is {MAX_BOOKMARKS} for a recording.")
        row = Bookmark(user_id=caller.user_id, recording_id=recording_id, time_s=_check_time(time_s, recording), text=clean_lines(text))
        write_session.add(row)
        return row


def change(caller: Caller, recording_id: str, bookmark_id: str, *, time_s: float | None, text: str | None) -> Bookmark:
    """Change the fields that are not None. Raises NotFound and ValidationFailed."""
    with transaction() as write_session:
        recording = _lock_viewable(write_session, caller, recording_id)
        row = _get_own(write_session, caller, recording_id, bookmark_id)
        if time_s is not None:
            row.time_s = _check_time(time_s, recording)
        if text is not None:
            row.text = clean_lines(text)
        return row


def remove(caller: Caller, recording_id: str, bookmark_id: str) -> None:
    """Delete a bookmark. Raises NotFound."""
    with transaction() as write_session:
        _lock_viewable(write_session, caller, recording_id)
        write_session.delete(_get_own(write_session, caller, recording_id, bookmark_id))


def as_markdown(title: str, bookmarks: Sequence[Bookmark]) -> str:
    """Return bookmarks as a Markdown list."""
    items = [f"- **{format_clock(each.time_s)}**{_indent(each.text)}" for each in bookmarks]
    return "\n".join([f"# {title}", "", *items, ""])


def _indent(text: str) -> str:
    return " " + text.replace("\n", "\n  ") if text else ""


def _lock_viewable(write_session: Session, caller: Caller, recording_id: str) -> Recording:
    lock_recording(write_session, recording_id)
    return videos.get_viewable(caller, recording_id)


def _get_own(write_session: Session, caller: Caller, recording_id: str, bookmark_id: str) -> Bookmark:
    row = write_session.get(Bookmark, bookmark_id)
    if row is None or (row.user_id, row.recording_id) != (caller.user_id, recording_id):
        raise errors.NotFound("bookmark")
    return row


def _check_time(time_s: float, recording: Recording) -> float:
    """Return the time. The tolerance is for players, which count the length of a file in their own ways."""
    if time_s > recording.duration_s + 60:
        raise errors.ValidationFailed(f"time_s: the recording ends at {recording.duration_s:.0f} s")
    return time_s


class TooManyBookmarks(errors.Conflict):
    """This recording has too many bookmarks."""

    code = "too_many_bookmarks"
    hint = "Delete bookmarks that you no longer need."
