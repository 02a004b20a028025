"""Facts about a recording for documents and citations: its speakers, and its place in a course."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from models import Course, CourseRecording, Recording


def facts_of(session: Session, recording: Recording) -> dict[str, Any]:
    """Return author, course and lecture_number (from 1), "" and 0 if unknown. Of several courses of its owner the oldest counts."""
    earlier_item = aliased(CourseRecording)
    number = select(func.count()).where(
        earlier_item.course_id == CourseRecording.course_id, earlier_item.position <= CourseRecording.position
    )
    query = (
        select(Course.title, number.scalar_subquery())
        .join(CourseRecording, CourseRecording.course_id == Course.id)
        .where(CourseRecording.recording_id == recording.id, Course.user_id == recording.user_id)
        .order_by(Course.created_at, Course.id)
    )
    place = session.execute(query.limit(1)).one_or_none()
    course, lecture_number = ("", 0) if place is None else place
    return {"author": recording.author, "course": course, "lecture_number": lecture_number}
