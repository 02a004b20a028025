"""Courses, and how far the caller has watched recordings."""

from __future__ import annotations

from typing import Any

from flask import Response

from routes.caller import caller, login_required, viewer, viewer_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.paging import PageQuery, page_response
from schemas.accounts import MessageOut
from schemas.courses import (
    CourseDetailOut,
    CourseEntryOut,
    CourseIn,
    CourseOut,
    CoursePatch,
    CourseRecordingsIn,
    CoursesOut,
    PositionIn,
    PositionOut,
)
from services.courses import courses as use_case
from services.courses import watching
from services.courses.courses import Scope

courses = Blueprint("courses", __name__, scope="content", tag="Videos")
positions = Blueprint("positions", __name__, scope="content", tag="Videos")


class CoursesQuery(PageQuery):
    scope: Scope = "own"


@courses.get("")
@viewer_required
@courses.input(CoursesQuery, location="query")
@courses.output(CoursesOut)
def list_courses(query_data: CoursesQuery) -> Response:
    """List the caller's courses, or the public ones of all users (`scope=public`; also for visitors)."""
    page = use_case.list_page(viewer(), query_data.scope, query_data.paging)
    course_list = [CourseOut.of(each, viewer(), with_progress=_has_progress()) for each in page.rows]
    return page_response(CoursesOut(courses=course_list, total=page.total), query_data, page.total)


@courses.post("")
@login_required
@courses.input(CourseIn)
@courses.output(CourseDetailOut, status_code=201)
@courses.doc(responses={409: "Too many courses"})
def create_course(json_data: CourseIn) -> Any:
    """Create an empty course."""
    return _course_out(use_case.create(caller(), json_data.title, json_data.description, json_data.visibility))


@courses.get("/<course_id>")
@viewer_required
@courses.output(CourseDetailOut)
@courses.doc(responses={404: "Not found"})
def show_course(course_id: str) -> Any:
    """Show a course with its recordings and the caller's progress."""
    return _course_out(course_id)


@courses.patch("/<course_id>")
@login_required
@courses.input(CoursePatch)
@courses.output(CourseDetailOut)
@courses.doc(responses={404: "Not found"})
def edit_course(course_id: str, json_data: CoursePatch) -> Any:
    """Change the fields that are sent."""
    use_case.edit(caller(), course_id, json_data.changes())
    return _course_out(course_id)


@courses.put("/<course_id>/recordings")
@login_required
@courses.input(CourseRecordingsIn)
@courses.output(CourseDetailOut)
@courses.doc(responses={404: "The course, or a recording that the caller may watch, does not exist"})
def set_recordings(course_id: str, json_data: CourseRecordingsIn) -> Any:
    """Replace the recordings of a course: the caller's own, and others' that are public or unlisted."""
    use_case.set_recordings(caller(), course_id, json_data.recording_ids)
    return _course_out(course_id)


@courses.delete("/<course_id>")
@login_required
@courses.output(MessageOut)
@courses.doc(responses={404: "Not found"})
def delete_course(course_id: str) -> Any:
    """Delete a course; its recordings stay."""
    use_case.remove(caller(), course_id)
    return MessageOut(message="Deleted.")


@positions.get("/<recording_id>/position")
@login_required
@positions.output(PositionOut)
@positions.doc(responses={404: "Not found", 409: "The server does not store positions"})
def show_position(recording_id: str) -> Any:
    """Show how far the caller has watched a recording."""
    _require_positions()
    return PositionOut.of(watching.get(caller(), recording_id))


@positions.put("/<recording_id>/position")
@login_required
@positions.input(PositionIn)
@positions.output(PositionOut)
@positions.doc(responses={404: "Not found", 409: "The server does not store positions"})
def save_position(recording_id: str, json_data: PositionIn) -> Any:
    """Store how far the caller has watched a recording; players call it every few seconds."""
    _require_positions()
    return PositionOut.of(watching.save(caller(), recording_id, json_data.position_s))


@positions.delete("/<recording_id>/position")
@login_required
@positions.output(MessageOut)
@positions.doc(responses={404: "Not found"})
def forget_position(recording_id: str) -> Any:
    """Forget how far the caller has watched a recording."""
    watching.forget(caller(), recording_id)
    return MessageOut(message="Deleted.")


def _course_out(course_id: str) -> CourseDetailOut:
    summary, entries = use_case.get(viewer(), course_id)
    entries_out = [CourseEntryOut.of(each, with_progress=_has_progress()) for each in entries]
    facts = CourseOut.facts(summary, viewer(), with_progress=_has_progress())
    return CourseDetailOut(**facts, entries=entries_out, hidden_recordings=use_case.count_hidden(viewer(), course_id))


def _has_progress() -> bool:
    return container().settings.watch_positions and viewer() is not None


def _require_positions() -> None:
    if not container().settings.watch_positions:
        raise watching.WatchPositionsOff
