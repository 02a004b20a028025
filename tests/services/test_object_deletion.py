"""Objects that have to go do go, whatever fails on the way."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

import errors
from database import end_read, session, transaction
from models import PendingDeletion
from services.library import object_deletion
from services.storage import LocalStore
from tests.conftest import User, list_stored_keys


class LameStore(LocalStore):
    """A real store whose deleting can be switched off, as a store that is away."""

    away = False

    def delete(self, keys) -> None:
        if self.away:
            raise errors.TransientError("away")
        super().delete(keys)


@pytest.fixture
def store(app: Flask, tmp_path: Path) -> LameStore:
    app.extensions["lectern"].shut_down(wait_s=0)  # its janitor
    with app.app_context():
        yield LameStore(tmp_path / "store")


def put(store: LocalStore, folder: Path, key: str) -> None:
    (folder / "part").write_bytes(b"content")
    store.put(folder / "part", key, "text/plain")


def doomed() -> int:
    end_read()
    return session().execute(select(func.count()).select_from(PendingDeletion)).scalar_one()


def test_doomed_goes_spared_stays_later_waits(store: LameStore, tmp_path: Path) -> None:
    for key in ("a", "b", "c"):
        put(store, tmp_path, key)
    with transaction() as writing:
        object_deletion.schedule(writing, ["a", "b"])
        object_deletion.schedule(writing, ["c"], after=dt.timedelta(hours=1))
        object_deletion.cancel(writing, ["b"])
    assert object_deletion.run_due(store) == 1
    assert [store.path(key).exists() for key in ("a", "b", "c")] == [False, True, True]
    object_deletion.delete_now(store, ["c", "b"])
    assert [store.path(key).exists() for key in ("b", "c")] == [True, False]
    assert doomed() == 0


def test_a_store_that_is_away_is_asked_again(store: LameStore, tmp_path: Path) -> None:
    put(store, tmp_path, "a")
    with transaction() as writing:
        object_deletion.schedule(writing, ["a"])
    store.away = True
    object_deletion.try_run_due(store)
    assert doomed() == 1
    store.away = False
    object_deletion.try_run_due(store)
    assert doomed() == 0
    assert not store.path("a").exists()


def test_a_row_that_cannot_be_written_leaves_no_object(app: Flask, user: User, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: object) -> None:
        raise errors.TransientError("the queue is away")

    with monkeypatch.context() as patched:
        patched.setattr("services.jobs.queue.submit", fails)
        answer = user.upload(tiny)
    assert (answer.status_code, answer.json["code"]) == (503, "temporarily_unavailable")
    assert answer.headers["Retry-After"]
    assert list_stored_keys(app) == []
    assert user.get("/list").json["total"] == 0
