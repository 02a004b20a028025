"""Comments on recordings. The author, the recording's owner and admins may delete one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

import errors
from database import session, transaction
from lib.paging import Page, Paging, count_rows, fetch_page
from models import Comment, Recording, User
from services.accounts import Caller
from services.jobs.queue.recording_lock import lock_recording
from services.library import videos
from services.operations import audit

MAX_COMMENT_CHARS = 5_000
MAX_COMMENTS_PER_RECORDING = 10_000
MAX_COMMENTS_PER_USER = 200  # on one recording; its owner has no limit of their own


class CommentsOff(errors.Conflict):
    """Comments are turned off for this recording."""

    code = "comments_off"
    hint = "Its owner can turn them on (comments_allowed)."


class TooManyComments(errors.Conflict):
    """This recording has too many comments."""

    code = "too_many_comments"
    hint = f"The limit is {MAX_COMMENTS_PER_RECORDING}; its owner can delete some."


class TooManyCommentsOfUser(errors.Conflict):
    """You have written too many comments on this recording."""

    code = "too_many_comments_of_user"
    hint = f"The limit is {MAX_COMMENTS_PER_USER}; delete some of them."


@dataclass(frozen=True)
class ShownComment:
    """A comment, the name of its author, whether the viewer wrote it, and whether the viewer may delete it."""

    comment: Comment
    author_name: str
    is_own: bool
    may_delete: bool


def list_page(viewer: Caller | None, recording_id: str, paging: Paging) -> tuple[Page[ShownComment], bool]:
    """Return the comments of a recording, oldest first, and whether they are turned on; none if they are not. Raises NotFound."""
    recording = videos.get_viewable(viewer, recording_id)
    if not recording.comments_allowed:
        return Page((), 0), False
    query = select(Comment).where(Comment.recording_id == recording_id).order_by(Comment.created_at, Comment.id)
    page = fetch_page(query, paging)
    return Page(_to_shown_comments(viewer, recording, page.rows), page.total), True


def add(viewer: Caller, recording_id: str, text: str, time_s: float | None) -> ShownComment:
    """Add a comment. Raises NotFound, CommentsOff, TooManyComments and TooManyCommentsOfUser."""
    videos.get_viewable(viewer, recording_id)
    with transaction() as write_session:
        if not lock_recording(write_session, recording_id):
            raise errors.NotFound("recording")
        recording = write_session.get_one(Recording, recording_id, populate_existing=True)
        if not recording.comments_allowed:
            raise CommentsOff
        of_recording = Comment.recording_id == recording_id
        if count_rows(Comment, of_recording) >= MAX_COMMENTS_PER_RECORDING:
            raise TooManyComments
        comment_count = count_rows(Comment, of_recording, Comment.user_id == viewer.user_id)
        if viewer.user_id != recording.user_id and comment_count >= MAX_COMMENTS_PER_USER:
            raise TooManyCommentsOfUser
        shown_at = min(time_s, recording.duration_s) if time_s is not None else None
        comment = Comment(recording_id=recording_id, user_id=viewer.user_id, text=text, time_s=shown_at)
        write_session.add(comment)
    return _to_shown_comments(viewer, recording, [comment])[0]


def delete(viewer: Caller, recording_id: str, comment_id: str) -> None:
    """Delete a comment. Raises NotFound, and Forbidden if the viewer is neither its author, nor the recording's owner, nor an admin."""
    recording = videos.get_viewable(viewer, recording_id)
    with transaction() as write_session:
        lock_recording(write_session, recording_id)
        comment = write_session.get(Comment, comment_id, populate_existing=True)
        if comment is None or comment.recording_id != recording_id:
            raise errors.NotFound("comment")
        if not _may_delete(viewer, recording, comment):
            raise errors.Forbidden("Only its author, the owner of the recording and admins can delete a comment.")
        write_session.delete(comment)
        audit.record_if_other_user(write_session, viewer, comment.user_id, "comment.delete", ("recording", recording_id))


def _to_shown_comments(viewer: Caller | None, recording: Recording, comments: Sequence[Comment]) -> Sequence[ShownComment]:
    authors = session().execute(select(User).where(User.id.in_({each.user_id for each in comments}))).scalars() if comments else ()
    names = {author.id: videos.owner_name(author) for author in authors}
    viewer_id = viewer.user_id if viewer is not None else None
    return [
        ShownComment(each, names.get(each.user_id, ""), each.user_id == viewer_id, _may_delete(viewer, recording, each))
        for each in comments
    ]


def _may_delete(viewer: Caller | None, recording: Recording, comment: Comment) -> bool:
    return viewer is not None and (viewer.is_admin or viewer.user_id in (comment.user_id, recording.user_id))
