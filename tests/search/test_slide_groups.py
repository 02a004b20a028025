"""Slides of several recordings that are the same, and how much work finding them is."""

from __future__ import annotations

import pytest
from flask import Flask

from database import session, transaction
from models import Recording, RecordingSlide
from services.search import indexing, slide_wall
from services.search.slide_groups import SlideGroups
from tests.conftest import User
from tests.statements import record_statements

FACTS = {"filename": "a.mp4", "storage_key": "videos/a.mp4", "size_bytes": 4, "sha256": "0", "duration_s": 1.0, "media": {}}
HASH = "f" * 64


def near(bits: int) -> str:
    """Return a hash that differs from HASH by so many bits."""
    return f"{int(HASH, 16) ^ ((1 << bits) - 1):064x}"


def add(user: User, *slides: tuple[str, str, str]) -> str:
    """Add a recording with slides: hash, terms and group of each."""
    with transaction() as write_session:
        recording = Recording(user_id=user.id, title="A talk", **FACTS)
        write_session.add(recording)
        write_session.flush()
        for number, (picture_hash, terms, group) in enumerate(slides):
            facts = {"number": number, "start_s": 0.0, "picture_hash": picture_hash, "terms": terms, "group": group}
            write_session.add(RecordingSlide(recording_id=recording.id, **facts))
        return recording.id


def test_similar_pictures_with_the_same_words_are_one_slide(app: Flask, user: User, stranger: User) -> None:
    with app.app_context():
        add(user, (near(5), " heat entropy ", "known"), ("", " heat entropy ", "without picture"), (near(100), " heat entropy ", "other"))
        add(stranger, (HASH, " heat entropy ", "of another user"))
        groups = SlideGroups(session(), user.id, "new", [HASH, near(60), ""])
        assert groups.find(1, HASH, " heat entropi ") == "known"
        assert groups.find(2, HASH, " another slide altogether ") == "new-2"
        assert groups.find(3, near(2), " another slide altogether ") == "new-2"
        assert groups.find(4, near(60), " heat entropy ") == "new-4"
        assert groups.find(5, "", " heat entropy ") == "new-5"


def test_a_slide_that_many_recordings_show_takes_no_more_statements(app: Flask, user: User) -> None:
    with app.app_context():
        counts = []
        for number in (1, 40):
            for each in range(number):
                add(user, (near(3), f" words {each} of {number * 'many '} others ", f"group-{number}-{each}"))
            with record_statements() as statements:
                groups = SlideGroups(session(), user.id, "new", [HASH])
                assert groups.find(1, HASH, " nothing like those ") == "new-1"
            counts.append(len(statements))
        assert counts[0] == counts[1]


def test_a_search_does_not_wait_until_everything_is_indexed(app: Flask, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        add(user)
        monkeypatch.setattr(indexing, "_REFRESH_BUDGET_S", -1.0)
        assert user.get("/api/v1/search?q=talk").json["total"] == user.get("/api/v1/slides").json["total"] == 0
        indexing.refresh_outdated(app.extensions["lectern"].store)
        assert user.get("/api/v1/search?q=talk").json["total"] == 1


def test_a_recording_that_is_deleted_meanwhile_is_left_out(app: Flask, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        add(user, (HASH, " heat ", "known"))
        indexing.refresh_outdated(app.extensions["lectern"].store)
        with transaction() as write_session:
            write_session.query(RecordingSlide).delete()
        add(user, (HASH, " heat ", "known"))
    monkeypatch.setattr(indexing, "refresh_before_search", lambda _: None)
    monkeypatch.setattr(slide_wall, "_places", lambda *_: {})
    assert user.get("/api/v1/slides").json["slides"] == []
