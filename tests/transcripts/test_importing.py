"""The text of a conversion becomes rows without a lock while words are compared and encoded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import errors
from database import in_transaction, transaction
from domain import Segment, SpeechSource, Word
from lib.clock import now
from models import Recording
from services.jobs.queue import Claim
from services.library import hidden_formats
from services.transcript_text import lines
from services.transcripts import carry_over, corrections, importing, journal, segments
from tests.conftest import User


def make_segment(text: str, start_s: float) -> Segment:
    words = tuple(Word(f" {word}", start_s + at, start_s + at + 0.8) for at, word in enumerate(text.split()))
    return Segment(start_s, words[-1].end_s, words)


class ConvertedRecording:
    """A recording whose conversions are what the test says."""

    def __init__(self, app: Flask, user: User, folder: Path) -> None:
        self.app, self.user, self._folder = app, user, folder
        self.store = app.extensions["lectern"].store
        with app.app_context(), transaction() as session:
            media: dict[str, Any] = {"storage_key": "videos/a/a.mp4", "size_bytes": 1, "sha256": "", "duration_s": 40.0, "media": {}}
            recording = Recording(user_id=user.id, title="Lecture", filename="a.mp4", **media)
            session.add(recording)
            session.flush()
            self.recording_id = recording.id
        self.path = f"/api/v1/transcripts/{self.recording_id}"

    def claim(self) -> Claim:
        return Claim("job", 1, "worker", self.user.id, self.recording_id, "lecture_notes", {"proofread": "rules"}, now())

    def store_text(self, name: str, format_name: str, *spoken_segments: Segment) -> None:
        file = self._folder / name
        lines.write(file, lines.Header("en", SpeechSource.RECOGNISED), spoken_segments)
        self.put(file, format_name, name[:1])

    def put(self, file: Path, format_name: str, sha256: str) -> None:
        key, size_bytes = f"texts/{file.name}", file.stat().st_size
        self.store.put(file, key, lines.CONTENT_TYPE)
        with self.app.app_context(), transaction() as session:
            hidden_formats.put(session, self.recording_id, format_name, key, size_bytes, sha256, "job")

    def import_raw(self) -> None:
        with self.app.app_context():
            importing.import_raw(self.claim(), self.store)

    def import_corrections(self) -> None:
        with self.app.app_context():
            corrections.import_new(self.claim(), self.store)

    def texts(self) -> list[str]:
        return [segment["text"] for segment in self.user.get(self.path).json["segments"]]

    def edit(self, segment_id: int, text: str) -> None:
        response = self.user.http.patch(f"{self.path}/segments/{segment_id}", json={"text": text}, headers=self.user.headers)
        assert response.status_code == 200, response.text


@pytest.fixture
def recording(app: Flask, user: User, tmp_path: Path) -> ConvertedRecording:
    recording = ConvertedRecording(app, user, tmp_path)
    recording.store_text("1.raw", hidden_formats.RAW_TRANSCRIPT, make_segment("we haching keys", 1.0), make_segment("that is all", 20.0))
    recording.import_raw()
    return recording


@pytest.fixture
def overtaking(recording: ConvertedRecording, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """The edits that come while corrections are compared, one at each time. Comparing and encoding must hold no lock."""
    edits: list[Callable[[], None]] = []

    def watch(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            assert not in_transaction(), name
            if name in ("carry", "correct") and edits:
                edits.pop()()
            return original(*args, **options)

        return call

    functions = ((carry_over, "carry"), (corrections, "correct"), (importing, "number_words"), (segments, "word_to_plain"))
    for module, name in (*functions, (journal, "segment_to_plain")):
        monkeypatch.setattr(module, name, watch(name, getattr(module, name)))
    return edits


def test_a_new_text_is_compared_without_a_lock(recording: ConvertedRecording, overtaking: list[Callable[[], None]]) -> None:
    recording.edit(1, "we hashing keys")
    recording.store_text(
        "1.old", hidden_formats.PREVIOUS_TRANSCRIPT, make_segment("we haching keys", 1.0), make_segment("that is all", 20.0)
    )
    recording.store_text(
        "2.raw", hidden_formats.RAW_TRANSCRIPT, make_segment("well we haching keys", 1.0), make_segment("that is all", 20.0)
    )
    overtaking.append(lambda: recording.edit(2, "that was all"))
    recording.import_raw()
    assert recording.texts() == ["well we hashing keys", "that was all"], "also the edit that came meanwhile"
    recording.user.post(f"{recording.path}/undo", json={})
    assert recording.texts() == ["well we haching keys", "that is all"]
    recording.user.post(f"{recording.path}/undo", json={})
    assert recording.texts() == ["we hashing keys", "that was all"]


def test_corrections_are_compared_without_a_lock(
    recording: ConvertedRecording, overtaking: list[Callable[[], None]], tmp_path: Path
) -> None:
    file = tmp_path / "corrections.jsonl"
    correction = {"first": 1, "last": 1, "before": "haching", "after": "hashing", "reason": "spelling", "source": "rules"}
    file.write_text("{}\n" + json.dumps(correction) + "\n")
    recording.put(file, hidden_formats.CORRECTIONS, "3")
    overtaking.append(lambda: recording.edit(2, "that was all"))
    recording.import_corrections()
    assert recording.texts() == ["we hashing keys", "that was all"]
    (open_correction,) = recording.user.get(f"{recording.path}/corrections").json["corrections"]
    assert (open_correction["state"], open_correction["before"], open_correction["after"]) == ("open", "haching", "hashing")
    recording.user.post(f"{recording.path}/undo", json={})
    assert recording.texts() == ["we haching keys", "that was all"]
    assert recording.user.get(f"{recording.path}/corrections").json["corrections"][0]["state"] == "rejected"


def test_an_import_that_edits_overtake_again_and_again_is_tried_later(
    recording: ConvertedRecording, overtaking: list[Callable[[], None]]
) -> None:
    recording.edit(1, "we hashing keys")
    recording.store_text(
        "1.old", hidden_formats.PREVIOUS_TRANSCRIPT, make_segment("we haching keys", 1.0), make_segment("that is all", 20.0)
    )
    recording.store_text("2.raw", hidden_formats.RAW_TRANSCRIPT, make_segment("we haching keys now", 1.0))
    overtaking.extend(lambda number=number: recording.edit(2, f"edit {number}") for number in range(5))  # type: ignore[misc]
    with pytest.raises(errors.TransientError):
        recording.import_raw()
    assert recording.texts() == ["we hashing keys", "edit 0"]
    recording.import_raw()
    assert recording.texts() == ["we hashing keys now"]
