"""Courses: ordered lists of recordings. Who sees a course sees those of its recordings that they may watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true

import errors
from database import session, transaction
from domain import Visibility
from lib.clock import now
from lib.paging import Page, Paging, count_rows, fetch_page
from models import Course, CourseRecording, Recording, User, WatchPosition
from services.accounts import Caller, suspension
from services.accounts.user_lock import lock_user
from services.courses import watching
from services.library import videos
from services.library.videos import Video
from services.projects import access

MAX_RECORDINGS = 500
MAX_COURSES = 1_000  # of a user
Scope = Literal["own", "public"]


class TooManyCourses(errors.Conflict):
    """You have too many courses."""

    code = "too_many_courses"
    hint = f"Delete some; the limit is {MAX_COURSES}."


@dataclass(frozen=True)
class CourseChanges:
    """New values; None leaves a field as it is."""

    title: str | None = None
    description: str | None = None
    visibility: Visibility | None = None


@dataclass(frozen=True)
class CourseSummary:
    """A course with the numbers of its recordings that the viewer may watch and has watched."""

    course: Course
    owner_name: str
    recordings: int
    watched: int


@dataclass(frozen=True)
class CourseEntry:
    """A recording of a course, and how far the viewer has watched it."""

    video: Video
    position: WatchPosition | None


def list_page(viewer: Caller | None, scope: Scope, paging: Paging) -> Page[CourseSummary]:
    """List the caller's courses or the public ones, those that changed last first."""
    query = select(Course).where(Course.visibility == Visibility.PUBLIC, suspension.is_active(Course.user_id))
    if scope == "own" and viewer is not None:
        query = select(Course).where(Course.user_id == viewer.user_id)
    page = fetch_page(query.order_by(Course.updated_at.desc(), Course.id), paging)
    return Page(_summaries(viewer, page.rows), page.total)


def get(viewer: Caller | None, course_id: str) -> tuple[CourseSummary, Sequence[CourseEntry]]:
    """Return a course with its recordings in order. Raises NotFound."""
    course = _get_visible(viewer, course_id)
    rows = _recordings(viewer, course_id)
    known_positions = watching.positions(viewer, rows)
    entries = [CourseEntry(video, known_positions.get(video.recording.id)) for video in videos.with_owners(rows)]
    return _summaries(viewer, [course])[0], entries


def recording_ids(viewer: Caller | None, course_id: str) -> Sequence[str]:
    """Return the ids of the recordings of a course that the viewer may watch. Raises NotFound."""
    _get_visible(viewer, course_id)
    return [row.id for row in _recordings(viewer, course_id)]


def count_hidden(viewer: Caller | None, course_id: str) -> int:
    """Return how many recordings of a course exist that it doesn't show to the viewer."""
    query = select(func.count()).select_from(CourseRecording).join(Recording, Recording.id == CourseRecording.recording_id)
    existing = query.where(CourseRecording.course_id == course_id, Recording.deleted_at.is_(None))
    return session().execute(existing).scalar_one() - len(_recordings(viewer, course_id))


def create(caller: Caller, title: str, description: str, visibility: Visibility) -> str:
    """Create an empty course and return its id. Raises TooManyCourses."""
    with transaction() as write_session:
        lock_user(write_session, caller.user_id)
        if count_rows(Course, Course.user_id == caller.user_id) >= MAX_COURSES:
            raise TooManyCourses
        course = Course(user_id=caller.user_id, title=title, description=description, visibility=visibility)
        write_session.add(course)
        write_session.flush()
        return course.id


def edit(caller: Caller, course_id: str, changes: CourseChanges) -> None:
    """Change a course. Raises NotFound."""
    with transaction():
        course = _get_owned(caller, course_id)
        for name, value in asdict(changes).items():
            if value is not None:
                setattr(course, name, value)


def set_recordings(caller: Caller, course_id: str, ids: Sequence[str]) -> None:
    """Replace the recordings of a course by these, in this order. Raises NotFound, also for a recording that the caller may not watch."""
    rows = {row.id: row for row in session().execute(select(Recording).where(Recording.id.in_(ids))).scalars()} if ids else {}
    if not all(each in rows and videos.may_watch(caller, rows[each]) for each in ids):
        raise errors.NotFound("recording")
    conflict = errors.Conflict("A recording was deleted at the same time.")
    with transaction(on_conflict=conflict) as write_session:
        course = _get_owned(caller, course_id, is_locked=True)
        write_session.execute(delete(CourseRecording).where(CourseRecording.course_id == course_id))
        write_session.add_all(CourseRecording(course_id=course_id, recording_id=each, position=at) for at, each in enumerate(ids))
        course.updated_at = now()


def remove(caller: Caller, course_id: str) -> None:
    """Delete a course; its recordings stay. Raises NotFound."""
    with transaction() as write_session:
        write_session.delete(_get_owned(caller, course_id))


def _get_owned(caller: Caller, course_id: str, *, is_locked: bool = False) -> Course:
    course = session().get(Course, course_id, populate_existing=True, with_for_update=is_locked or None)
    if course is None or course.user_id != caller.user_id:
        raise errors.NotFound("course")
    return course


def _get_visible(viewer: Caller | None, course_id: str) -> Course:
    course = session().get(Course, course_id)
    is_own = course is not None and viewer is not None and (viewer.is_admin or viewer.user_id == course.user_id)
    if course is None or not (is_own or (course.visibility != Visibility.PRIVATE and not suspension.suspended_among([course.user_id]))):
        raise errors.NotFound("course")
    return course


def _is_shown(viewer: Caller | None) -> ColumnElement[bool]:
    """Return the condition that a course shows a recording to the viewer: one that they may watch, but not an unlisted one of a third user.

    The owner of a course knows the address of such a recording, and must not publish it.
    """
    viewer_id = viewer.user_id if viewer is not None else ""
    may_know = or_(
        Recording.visibility == Visibility.PUBLIC,
        Recording.user_id.in_((Course.user_id, viewer_id)),
        Course.user_id == viewer_id,
        access.shares_recording(viewer_id),
    )
    return videos.is_watchable(viewer) & (true() if viewer is not None and viewer.is_admin else may_know)


def _recordings(viewer: Caller | None, course_id: str) -> Sequence[Recording]:
    query = select(Recording).join(CourseRecording, CourseRecording.recording_id == Recording.id)
    query = query.join(Course, Course.id == CourseRecording.course_id).where(Course.id == course_id, _is_shown(viewer))
    return session().execute(query.order_by(CourseRecording.position)).scalars().all()


def _summaries(viewer: Caller | None, courses: Sequence[Course]) -> Sequence[CourseSummary]:
    """Add numbers and owners, in as many queries for one course as for many."""
    ids = [each.id for each in courses]
    counts = _counts(viewer, ids)
    owners = session().execute(select(User).where(User.id.in_({each.user_id for each in courses}))).scalars() if courses else ()
    names = {owner.id: videos.owner_name(owner) for owner in owners}
    return [CourseSummary(each, names.get(each.user_id, ""), *counts.get(each.id, (0, 0))) for each in courses]


def _counts(viewer: Caller | None, ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """Return the numbers of recordings that the viewer may watch and has watched, by course."""
    if not ids:
        return {}
    viewer_id = viewer.user_id if viewer is not None else ""
    is_watched_recording = and_(WatchPosition.recording_id == Recording.id, WatchPosition.user_id == viewer_id, WatchPosition.is_watched)
    query = (
        select(CourseRecording.course_id, func.count(), func.count(WatchPosition.recording_id))
        .join(Recording, Recording.id == CourseRecording.recording_id)
        .join(Course, Course.id == CourseRecording.course_id)
        .outerjoin(WatchPosition, is_watched_recording)
        .where(CourseRecording.course_id.in_(ids), _is_shown(viewer))
        .group_by(CourseRecording.course_id)
    )
    return {course_id: (total, watched_count) for course_id, total, watched_count in session().execute(query)}
