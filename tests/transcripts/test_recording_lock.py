"""The order in which transactions lock rows of a recording: PostgreSQL ends those that wait for each other."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from tests.conftest import SAMPLES, User
from tests.waiting import wait_for

SUBTITLES = b"1\n00:00:00,500 --> 00:00:03,000\nTeh keys hash , fast.\n\n2\n00:00:04,000 --> 00:00:06,000\nThat is all.\n"
_LOCK = re.compile(r"FROM recordings\b.*FOR (NO KEY )?UPDATE", re.DOTALL)
_NEW_RECORDING = re.compile(r"INSERT INTO recordings\b")
_REFERENCES = re.compile(r"INSERT INTO (transcripts|transcript_segments|artifacts|notices)\b")
_OTHER_LOCKS = re.compile(
    r"(UPDATE|DELETE FROM) (jobs|artifacts|transcripts|transcript_segments)\b|FROM (transcripts|jobs)\b.*FOR UPDATE$", re.DOTALL
)


class LockOrder:
    """Watches the statements of all transactions. `violations`: those that lock other rows before their recording."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.lock_count = 0

    def begin(self, connection: Connection) -> None:
        connection.info["locks_recording"], connection.info["earlier"] = False, ""

    def execute(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        state = connection.info
        if _LOCK.search(statement) or _NEW_RECORDING.search(statement):
            if state.get("earlier"):
                self.violations.append(f"{state['earlier']}; then {statement}")
            state["locks_recording"] = True
            self.lock_count += 1
        elif _REFERENCES.search(statement) and not state.get("locks_recording"):
            self.violations.append(statement)
        elif _OTHER_LOCKS.search(statement) and not state.get("locks_recording"):
            state["earlier"] = statement


@pytest.fixture
def lock_order() -> Iterator[LockOrder]:
    order = LockOrder()
    event.listen(Engine, "begin", order.begin)
    event.listen(Engine, "before_cursor_execute", order.execute)
    yield order
    event.remove(Engine, "begin", order.begin)
    event.remove(Engine, "before_cursor_execute", order.execute)


@pytest.mark.usefixtures("cached_stages")
@pytest.mark.parametrize("settings", ["postgres-s3"], indirect=True)  # SQLite has one writer
def test_a_recording_is_locked_before_the_rows_that_refer_to_it(user: User, lock_order: LockOrder) -> None:
    recording_id = user.upload(SAMPLES / "tiny.m4a", subtitles=(io.BytesIO(SUBTITLES), "subtitles.srt"), formats="txt").json["video_id"]
    assert user.wait(recording_id)["status"] == "completed"
    transcript = f"/api/v1/transcripts/{recording_id}"

    def wait_for_jobs() -> None:
        wait_for(lambda: all(job["state"] == "succeeded" for job in user.get("/api/v1/jobs").json["jobs"]))

    wait_for_jobs()
    changes = [
        ("PATCH", f"{transcript}/segments/2", {"text": "That is nearly all."}),
        ("POST", f"{transcript}/replacements", {"find": "nearly", "replace": "almost", "add_to_glossary": True}),
        ("POST", f"{transcript}/undo", {}),
        ("POST", f"{transcript}/proofread", {}),
        ("POST", f"{transcript}/corrections/accept-all", {}),
        ("POST", f"{transcript}/documents", {}),
        ("PATCH", f"/api/v1/recordings/{recording_id}", {"title": "Another title"}),
        ("POST", f"/cancel/{recording_id}", {}),
        ("DELETE", f"/api/v1/recordings/{recording_id}?permanent=true", None),
    ]
    for method, path, body in changes:
        response = user.http.open(path, method=method, json=body, headers=user.headers)
        assert response.status_code < 300, (path, response.text)
        if path.endswith(("/proofread", "/documents", recording_id)) and method != "DELETE":
            wait_for_jobs()
    assert lock_order.lock_count > len(changes)
    assert lock_order.violations == []
