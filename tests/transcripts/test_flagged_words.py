"""Recognised words that were probably not said: they are left out of the text and can be restored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from domain import FlaggedSegment, Segment, SpeechSource, Word
from lib.clock import now
from services.jobs.queue import Claim
from services.library import hidden_formats
from services.transcript_text import lines
from services.transcripts import importing
from tests.conftest import User


def make_segment(text: str, start_s: float) -> Segment:
    words = tuple(Word(f" {word}", start_s + at, start_s + at + 0.8) for at, word in enumerate(text.split()))
    return Segment(start_s, words[-1].end_s, words)


@pytest.fixture
def path(app: Flask, user: User, tmp_path: Path) -> str:
    """The address of a transcript whose recognition left out a passage."""
    from database import transaction
    from models import Recording

    plausible = [make_segment("We begin.", 1.0), make_segment("We go on.", 20.0)]
    loop = FlaggedSegment(make_segment("thank you thank you", 10.0), "repetition")
    file = tmp_path / "raw.jsonl"
    lines.write(file, lines.Header("en", SpeechSource.RECOGNISED), plausible, flagged_segments=[loop])
    size_bytes = file.stat().st_size
    store = app.extensions["lectern"].store
    with app.app_context():
        store.put(file, "raw/one", lines.CONTENT_TYPE)
        with transaction() as session:
            media: dict[str, Any] = {"storage_key": "videos/a/a.mp4", "size_bytes": 1, "sha256": "", "duration_s": 40.0, "media": {}}
            recording = Recording(user_id=user.id, title="Lecture", filename="a.mp4", **media)
            session.add(recording)
            session.flush()
            hidden_formats.put(session, recording.id, hidden_formats.RAW_TRANSCRIPT, "raw/one", size_bytes, "1")
            recording_id = recording.id
        importing.import_raw(Claim("job", 1, "worker", user.id, recording_id, "lecture_notes", {}, now()), store)
    return f"/api/v1/transcripts/{recording_id}"


def text(user: User, path: str, version: str = "current") -> str:
    page = user.get(f"{path}?version={version}").json
    return " ".join(segment["text"] for segment in page["segments"] if segment["text"])


def send(user: User, method: str, address: str, path: str) -> None:
    revision = user.get(path).json["revision"]
    answer = getattr(user, method)(address, json={"revision": revision})
    assert answer.status_code == 200, answer.text


def test_flagged_words_are_left_out_stay_in_the_raw_version_and_can_be_restored(user: User, path: str) -> None:
    assert text(user, path) == text(user, path, "proofread") == "We begin. We go on."
    assert text(user, path, "raw") == "We begin. thank you thank you We go on."
    (left_out,) = user.get(f"{path}/corrections").json["corrections"]
    assert (left_out["source"], left_out["reason"], left_out["state"]) == ("speech", "repetition", "open")
    assert (left_out["before"], left_out["after"], left_out["start_s"]) == ("thank you thank you", "", 10.0)

    send(user, "post", f"{path}/corrections/reject-all", path)  # all corrections of proofreading
    assert text(user, path) == "We begin. We go on."
    send(user, "post", f"{path}/corrections/{left_out['id']}/reject", path)
    assert text(user, path) == text(user, path, "proofread") == "We begin. thank you thank you We go on."
    send(user, "post", f"{path}/undo", path)
    assert text(user, path) == "We begin. We go on."


def test_word_numbers_of_the_text_do_not_count_flagged_words(user: User, path: str) -> None:
    segments = user.get(path).json["segments"]
    assert [word["id"] for segment in segments for word in segment["words"]] == [1, 2, 3, 4, 5]
    raw = user.get(f"{path}?version=raw").json["segments"]
    assert [word["id"] for segment in raw for word in segment["words"]] == [1, 2, 6, 7, 8, 9, 3, 4, 5]
