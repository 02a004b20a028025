"""What tests of the queue share: an app that runs nothing by itself, somebody whose jobs wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from services import accounts
from services.jobs import queue


@pytest.fixture
def idle(app: Flask) -> Iterator[Flask]:
    """An app whose own executor takes no jobs."""
    app.extensions["lectern"].shut_down(wait_s=0)
    with app.app_context():
        yield app


@pytest.fixture
def owner(idle: Flask) -> str:
    return accounts.register(email="owner@example.org", password="long enough").id


def submit(owner: str, **more: int) -> str:
    return queue.submit(user_id=owner, pipeline="lecture_notes", options={}, **more).id
