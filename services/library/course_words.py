"""Words on the slides of a course's other recordings: the proofreader compares what was heard badly with them."""

from __future__ import annotations

import re
from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models import Course, CourseRecording, Recording, RecordingSlide

_MAX_SLIDES = 3000
_MAX_WORDS = 3000
_MIN_SLIDES = 2  # a word that is on one slide only may be a mistake of OCR
_WORD = re.compile(r"[^\W\d_]{6,40}")


def course_words(session: Session, recording: Recording) -> list[str]:
    """Return the words that stand on several slides of other recordings in a course with this one, all of its owner, in order."""
    place = aliased(CourseRecording)
    query = (
        select(RecordingSlide.title, RecordingSlide.text)
        .join(Recording, Recording.id == RecordingSlide.recording_id)
        .join(CourseRecording, CourseRecording.recording_id == Recording.id)
        .join(Course, Course.id == CourseRecording.course_id)
        .join(place, place.course_id == Course.id)
        .where(place.recording_id == recording.id, Recording.id != recording.id, Recording.deleted_at.is_(None))
        .where(Course.user_id == recording.user_id, Recording.user_id == recording.user_id)
        .order_by(Recording.created_at.desc(), RecordingSlide.recording_id, RecordingSlide.number)
    )
    slides: Counter[str] = Counter()
    for title, text in session.execute(query.limit(_MAX_SLIDES)):
        slides.update({word.casefold() for word in _WORD.findall(f"{title} {text}")})
    frequent = [word for word, count in slides.most_common(_MAX_WORDS) if count >= _MIN_SLIDES]
    return sorted(frequent)
