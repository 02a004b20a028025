"""Shared by the tests of the queue: an application that runs no jobs, and a user who owns jobs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from services import accounts
from services.jobs import queue


@pytest.fixture
def idle(app: Flask) -> Iterator[Flask]:
    """An application whose executor takes no jobs."""
    app.extensions["lectern"].shut_down(wait_s=0)
    with app.app_context():
        yield app


@pytest.fixture
def owner(idle: Flask) -> str:
    return accounts.register(email="owner@example.org", password="long enough").id


def submit(owner: str, **fields: int) -> str:
    return queue.submit(user_id=owner, pipeline="lecture_notes", options={}, **fields).id
