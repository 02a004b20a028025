"""Scheduled deletions are carried out even after failures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

import errors
from database import end_read, session, transaction
from lib.clock import now
from models import PendingDeletion
from services.library import hidden_formats, object_deletion, stored_inputs
from services.storage import LocalStore, keys
from tests.conftest import User, list_stored_keys


class UnreliableStore(LocalStore):
    """A local store that cannot delete while it is down."""

    is_down = False

    def delete(self, keys) -> None:
        if self.is_down:
            raise errors.TransientError("away")
        super().delete(keys)


@pytest.fixture
def store(app: Flask, tmp_path: Path) -> UnreliableStore:
    app.extensions["lectern"].shut_down(wait_s=0)  # its janitor
    with app.app_context():
        yield UnreliableStore(tmp_path / "store")


def put(store: LocalStore, folder: Path, key: str) -> None:
    (folder / "part").write_bytes(b"content")
    store.put(folder / "part", key, "text/plain")


def count_scheduled() -> int:
    end_read()
    return session().execute(select(func.count()).select_from(PendingDeletion)).scalar_one()


def test_due_keys_are_deleted_cancelled_and_later_ones_stay(store: UnreliableStore, tmp_path: Path) -> None:
    for key in ("a", "b", "c"):
        put(store, tmp_path, key)
    with transaction() as session:
        object_deletion.schedule(session, ["a", "b"])
        object_deletion.schedule(session, ["c"], after=dt.timedelta(hours=1))
        object_deletion.cancel(session, ["b"])
    assert object_deletion.run_due(store) == 1
    assert [store.path(key).exists() for key in ("a", "b", "c")] == [False, True, True]
    object_deletion.delete_now(store, ["c", "b"])
    assert [store.path(key).exists() for key in ("b", "c")] == [True, False]
    assert count_scheduled() == 0


def test_deletion_is_retried_after_an_outage_of_the_store(store: UnreliableStore, tmp_path: Path) -> None:
    put(store, tmp_path, "a")
    with transaction() as session:
        object_deletion.schedule(session, ["a"])
    store.is_down = True
    object_deletion.try_run_due(store)
    assert count_scheduled() == 1
    store.is_down = False
    object_deletion.try_run_due(store)
    assert count_scheduled() == 0
    assert not store.path("a").exists()


def test_the_deletion_of_a_copy_spares_the_file_that_a_row_names(user: User, tiny: Path, store: UnreliableStore, tmp_path: Path) -> None:
    """The same text is sent three times; the second request dies before a row names its object."""
    recording_id = user.upload(tiny).json["video_id"]

    def send() -> str:
        (tmp_path / "text").write_text("So we begin.")
        return stored_inputs.put(recording_id, tmp_path / "text", store, key_of=keys.own_text)

    def name(key: str) -> None:
        with transaction() as write_session:
            hidden_formats.put(write_session, recording_id, hidden_formats.OWN_TEXT, key, 12, "hash of the text")

    first = send()
    name(first)
    second, third = send(), send()
    name(third)
    with transaction() as write_session:
        object_deletion.expedite(write_session, f"transcripts/{recording_id}/")
    assert object_deletion.run_due(store) == 2
    assert [store.path(key).exists() for key in (first, second, third)] == [True, False, False]


def test_a_replaced_input_is_deleted_at_once_and_so_is_a_refused_one(
    user: User, tiny: Path, store: UnreliableStore, tmp_path: Path
) -> None:
    recording_id = user.upload(tiny).json["video_id"]

    def replace(text: str, *, is_refused: bool = False) -> None:
        (tmp_path / "text").write_text(text)
        storing = stored_inputs.store_file(recording_id, tmp_path / "text", store, key_of=keys.own_text)
        with storing as key, transaction() as write_session:
            hidden_formats.put(write_session, recording_id, hidden_formats.OWN_TEXT, key, len(text), text)
            if is_refused:
                raise errors.QuotaExceeded

    def read_stored() -> list[str]:
        return [path.read_text() for path in store.path("transcripts").rglob("*") if path.is_file()]

    replace("first")
    assert read_stored() == ["first"]
    replace("second")
    assert read_stored() == ["second"]
    with pytest.raises(errors.QuotaExceeded):
        replace("third", is_refused=True)
    assert read_stored() == ["second"]


def test_a_failed_insert_leaves_no_object(app: Flask, user: User, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: object) -> None:
        raise errors.TransientError("the queue is away")

    with monkeypatch.context() as patch:
        patch.setattr("services.jobs.queue.submit", fails)
        response = user.upload(tiny)
    assert (response.status_code, response.json["code"]) == (503, "temporarily_unavailable")
    assert response.headers["Retry-After"]
    assert list_stored_keys(app) == []
    assert user.get("/list").json["total"] == 0


def test_what_jobs_keep_for_a_retry_is_deleted_soon_after_their_recording(user: User, tiny: Path, store: UnreliableStore) -> None:
    first, second = user.upload(tiny).json, user.upload(tiny, title="another").json
    names = {upload["job_id"]: f"{keys.cached_stages(upload['job_id'])}audio.tar" for upload in (first, second)}
    with transaction() as write_session:
        object_deletion.schedule(write_session, list(names.values()), after=dt.timedelta(days=1))
    assert user.delete(f"/videos/{first['video_id']}").status_code == 200
    end_read()
    deletions = session().execute(select(PendingDeletion.key, PendingDeletion.due_at).where(PendingDeletion.key.in_(names.values())))
    due_at = dict(deletions.all())
    assert due_at[names[first["job_id"]]] < now() + dt.timedelta(hours=1) < due_at[names[second["job_id"]]]
