"""Words and terms of a course's other recordings help to recognise and to proofread."""

from __future__ import annotations

from flask import Flask

from database import session, transaction
from models import Course, CourseRecording, Project, ProjectAsset, Recording, RecordingSlide
from pipelines.stages import speech
from services.library.course_terms import CourseTerms, course_terms
from tests.conftest import User

FACTS = {"filename": "a.mp4", "storage_key": "videos/a.mp4", "size_bytes": 4, "sha256": "0", "duration_s": 1.0, "media": {}}


def add(user_id: str, course: Course | None, *texts: str, title: str = "Lesson") -> Recording:
    with transaction() as write_session:
        recording = Recording(user_id=user_id, title="A talk", **FACTS)
        write_session.add(recording)
        write_session.flush()
        for number, text in enumerate(texts):
            facts = {"number": number, "title": title, "text": text, "start_s": 0.0, "group": str(number)}
            write_session.add(RecordingSlide(recording_id=recording.id, **facts))
        if course is not None:
            write_session.add(CourseRecording(course_id=course.id, recording_id=recording.id, position=1))
        return recording


def test_words_on_several_slides_of_the_course(app: Flask, user: User, stranger: User) -> None:
    with app.app_context():
        with transaction() as write_session:
            course = Course(user_id=user.id, title="Algorithms")
            write_session.add(course)
        newest = add(user.id, course, "Quicksort partitions", "Quicksort again")
        add(user.id, course, "Hashing\nDijkstra, x86", "HASHING of Dijkstra", "Collisoin 1234567")
        add(user.id, course, "Dijkstra and Prüfsumme", "Prüfsumme")
        add(stranger.id, course, "Elsewhere", "Elsewhere")
        add(user.id, None, "Unrelated", "Unrelated")
        assert course_terms(session(), newest).words == ["dijkstra", "hashing", "lesson", "prüfsumme"]
        assert course_terms(session(), add(user.id, None, "Hashing")) == CourseTerms([], [])


def test_titles_of_words_on_several_slides_are_hints(app: Flask, user: User, stranger: User) -> None:
    with app.app_context():
        with transaction() as write_session:
            project = Project(user_id=user.id, name="Algorithms")
            write_session.add(project)
        recordings = [
            add(user.id, None, "Collision resolution by chains", title="Open hashing"),
            add(user.id, None, "Open hashing", title="Collision resolution"),
            add(user.id, None, "Once", title="Collisoin"),
            add(user.id, None, "A long title of words about hashing", title="What is hashing and why use it"),
            add(stranger.id, None, "Hashing of others", title="Hashing elsewhere"),
            newest := add(user.id, None, "New"),
        ]
        with transaction() as write_session:
            for recording in recordings:
                write_session.add(ProjectAsset(project_id=project.id, kind="recording", recording_id=recording.id))
        terms = course_terms(session(), newest).terms
        assert sorted(terms) == ["Collision resolution", "Open hashing"]
    options = {"glossary": [{"term": "AVL tree", "misheard": []}], "course_terms": terms}
    assert speech._hints(options) == ("AVL tree", *terms)
