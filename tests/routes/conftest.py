"""Tests of routes convert recordings with cached stages: the conversion itself is not their subject."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flask import Flask

    from tests.conftest import User


@pytest.fixture(autouse=True)
def stages_run_once(cached_stages: None) -> None:
    pass


@pytest.fixture
def paused_queue(app: Flask) -> None:
    """Jobs stay in the queue."""
    from services.jobs.queue import maintenance

    with app.app_context():
        maintenance.pause_queue("test", "")


@pytest.fixture
def add_recording(app: Flask) -> Callable[..., str]:
    """Return a function that inserts a recording of a user, without a file, and returns its id."""
    from database import transaction
    from models import Recording

    def insert(user: User, title: str, **columns: Any) -> str:
        facts = {"filename": "a.mp4", "storage_key": f"videos/{title}.mp4", "size_bytes": 4, "sha256": "0", "duration_s": 100.0}
        with app.app_context(), transaction() as session:
            recording = Recording(**{"user_id": user.id, "title": title, "media": {}, **facts, **columns})
            session.add(recording)
            session.flush()
            return recording.id

    return insert
