"""Words and terms on the slides of a course's other recordings: hints for recognition, and what the proofreader compares with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from models import Course, CourseRecording, ProjectAsset, Recording, RecordingSlide

_MAX_SLIDES = 3000
_MAX_WORDS = 3000
_MAX_TERMS = 60
_MAX_TERM_WORDS = 4
_MIN_SLIDES = 2  # a word that is on one slide only may be a mistake of OCR
_WORD = re.compile(r"[^\W\d_]{6,40}")


@dataclass(frozen=True)
class CourseTerms:
    """`words`: long words on several slides, folded, in order. `terms`: short titles made of such words, as written, newest first."""

    words: list[str]
    terms: list[str]


def course_terms(session: Session, recording: Recording) -> CourseTerms:
    """Return frequent words and titles of slides, from the owner's other recordings that are in a course or a project with this one."""
    slide_texts = _slide_texts(session, recording)
    slides: Counter[str] = Counter()
    for title, text in slide_texts:
        slides.update(_words_of(f"{title} {text}"))
    words = {word for word, count in slides.most_common(_MAX_WORDS) if count >= _MIN_SLIDES}
    titles = dict.fromkeys(title.strip() for title, _ in slide_texts if 0 < len(title.split()) <= _MAX_TERM_WORDS)
    terms = [title for title in titles if (title_words := _words_of(title)) and title_words <= words]
    return CourseTerms(sorted(words), terms[:_MAX_TERMS])


def _slide_texts(session: Session, recording: Recording) -> Sequence[tuple[str, str]]:
    """Return title and text of each slide of the related recordings, the newest recording first."""
    place, asset = aliased(CourseRecording), aliased(ProjectAsset)
    in_courses = (
        select(CourseRecording.recording_id)
        .join(Course, Course.id == CourseRecording.course_id)
        .join(place, place.course_id == Course.id)
        .where(place.recording_id == recording.id, Course.user_id == recording.user_id)
    )
    in_projects = (
        select(ProjectAsset.recording_id).join(asset, asset.project_id == ProjectAsset.project_id).where(asset.recording_id == recording.id)
    )
    query = (
        select(RecordingSlide.title, RecordingSlide.text)
        .join(Recording, Recording.id == RecordingSlide.recording_id)
        .where(or_(Recording.id.in_(in_courses), Recording.id.in_(in_projects)))
        .where(Recording.id != recording.id, Recording.user_id == recording.user_id, Recording.deleted_at.is_(None))
        .order_by(Recording.created_at.desc(), RecordingSlide.recording_id, RecordingSlide.number)
    )
    return [(title, text) for title, text in session.execute(query.limit(_MAX_SLIDES))]


def _words_of(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}
