"""Uploads in parts: what they reserve, for how long, and what becomes of wrong ones."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

import errors
from database import db, end_read, transaction
from lib.clock import now
from lib.paging import count_rows
from models import MultipartUpload, PendingDeletion
from services.accounts import Caller
from services.library import multipart_uploads
from services.library.direct_uploads import UploadClosed, UploadMissing
from services.library.limits import UploadLimits
from services.library.multipart_uploads import BegunUpload, NoSuchPart, PartSizes
from services.storage import IncomingFile, LocalStore, WrongPartSize
from tests.concurrency import run_concurrently
from tests.conftest import User

PATH = "/api/v1/upload/videos/multipart"
CONTENT = b"\x1a\x45\xdf\xa3" + bytes(2496)  # begins as WebM does; three parts of up to 1,000 bytes


@pytest.fixture
def store(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalStore]:
    app.extensions["lectern"].shut_down(wait_s=0)  # its janitor
    monkeypatch.setattr(multipart_uploads, "_PART_BYTES", 1000)
    with app.app_context():
        yield LocalStore(tmp_path / "store")


@pytest.fixture
def caller(user: User) -> Caller:
    return Caller(user.id, user.email, "user", f"user:{user.id}")


@pytest.fixture
def bounds(app: Flask) -> UploadLimits:
    return UploadLimits.from_settings(app.extensions["lectern"].settings)


@pytest.fixture
def begun_upload(store: LocalStore, caller: Caller, bounds: UploadLimits) -> BegunUpload:
    return multipart_uploads.begin(caller, len(CONTENT), bounds, store)


def send(begun_upload: BegunUpload, store: LocalStore, folder: Path, *numbers: int) -> None:
    for number in numbers:
        sink = IncomingFile(folder, 1000)
        sink.write(CONTENT[(number - 1) * 1000 : number * 1000])
        multipart_uploads.receive(sink, begun_upload.key, begun_upload.upload_id, number, PartSizes(len(CONTENT)), store)


def due_in(key: str) -> dt.timedelta:
    end_read()
    return db.session.get_one(PendingDeletion, key).due_at - now()


def set_times(key: str, begun_ago: dt.timedelta, due: dt.timedelta) -> None:
    with transaction() as session:
        session.execute(update(MultipartUpload).where(MultipartUpload.key == key).values(begun_at=now() - begun_ago))
        session.execute(update(PendingDeletion).where(PendingDeletion.key == key).values(due_at=now() + due))


def test_announced_sizes_count_against_the_quota(app: Flask, store: LocalStore, caller: Caller) -> None:
    settings = app.extensions["lectern"].settings.model_copy(update={"user_quota_bytes": 3 * len(CONTENT)})
    bounds = UploadLimits.from_settings(settings)
    results = run_concurrently(app, lambda _: multipart_uploads.begin(caller, len(CONTENT), bounds, store), 6)
    assert sum(isinstance(each, BegunUpload) for each in results) == 3
    assert sum(isinstance(each, errors.QuotaExceeded) for each in results) == 3


def test_an_aborted_upload_reserves_nothing(app: Flask, user: User) -> None:
    for _ in range(app.extensions["lectern"].settings.user_chunked_uploads + 2):
        response = user.post(PATH, json={"size_bytes": 100})
        assert response.status_code == 201, response.text
        upload = {name: response.json[name] for name in ("media_id", "upload_id")}
        assert user.post(f"{PATH}/abort", json=upload).status_code == 200
    assert user.post(f"{PATH}/abort", json=upload).json["code"] == "upload_closed"


def test_an_upload_that_the_store_does_not_begin_reserves_nothing(
    store: LocalStore, caller: Caller, bounds: UploadLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(key: str, content_type: str) -> str:
        raise errors.TransientError("away")

    monkeypatch.setattr(store, "begin_parts", fail)
    with pytest.raises(errors.TransientError):
        multipart_uploads.begin(caller, 100, bounds, store)
    end_read()
    assert count_rows(PendingDeletion) == count_rows(MultipartUpload) == 0


def test_every_part_has_its_size(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart_uploads, "_PART_BYTES", 1000)
    response = user.post(PATH, json={"size_bytes": len(CONTENT)}).json
    upload = {name: response[name] for name in ("media_id", "upload_id")}
    parts_response = user.post(f"{PATH}/part-urls", json={**upload, "numbers": [3, 4]})
    assert (response["part_bytes"], parts_response.status_code, parts_response.json["code"]) == (1000, 422, "no_such_part")
    url = user.post(f"{PATH}/part-urls", json={**upload, "numbers": [3]}).json["parts"][0]["url"]
    if url.startswith("http://localhost/"):
        for content in (bytes(499), bytes(501)):
            response = user.http.put(url, input_stream=io.BytesIO(content), content_length=len(content))
            assert (response.status_code, response.json["code"]) == (409, "wrong_part_size")
            assert "must have 500 bytes" in response.json["error"] + str(response.json.get("detail"))


def test_a_missing_tail_is_noticed(
    store: LocalStore, caller: Caller, bounds: UploadLimits, begun_upload: BegunUpload, tmp_path: Path
) -> None:
    send(begun_upload, store, tmp_path, 1, 2)
    with pytest.raises(UploadMissing, match="Part 3"):
        multipart_uploads.complete(caller, begun_upload.key, begun_upload.upload_id, bounds, store)
    send(begun_upload, store, tmp_path, 3)
    for _ in range(2):
        assert multipart_uploads.complete(caller, begun_upload.key, begun_upload.upload_id, bounds, store) == len(CONTENT)
    assert b"".join(store.read(begun_upload.key)) == CONTENT


def test_a_damaged_file_is_not_accepted(
    store: LocalStore, caller: Caller, bounds: UploadLimits, begun_upload: BegunUpload, tmp_path: Path
) -> None:
    send(begun_upload, store, tmp_path, 1, 2, 3)
    multipart_uploads.complete(caller, begun_upload.key, begun_upload.upload_id, bounds, store)
    store.path(begun_upload.key).write_bytes(CONTENT[:1500])
    with pytest.raises(WrongPartSize, match="2500 were announced"):
        multipart_uploads.complete(caller, begun_upload.key, begun_upload.upload_id, bounds, store)
    assert store.size(begun_upload.key) is None
    with pytest.raises(UploadClosed):
        multipart_uploads.complete(caller, begun_upload.key, begun_upload.upload_id, bounds, store)


def test_completing_at_once_gives_one_whole_file(
    app: Flask, store: LocalStore, caller: Caller, bounds: UploadLimits, begun_upload: BegunUpload, tmp_path: Path
) -> None:
    send(begun_upload, store, tmp_path, 1, 2, 3)
    results = run_concurrently(
        app, lambda _: multipart_uploads.complete(caller, begun_upload.key, begun_upload.upload_id, bounds, store), 6
    )
    assert len(CONTENT) in results and {str(each) for each in results if each != len(CONTENT)} <= {
        "Another request is joining the parts of this upload."
    }
    assert b"".join(store.read(begun_upload.key)) == CONTENT


def test_the_reservation_is_renewed_for_two_days(
    store: LocalStore, caller: Caller, bounds: UploadLimits, begun_upload: BegunUpload
) -> None:
    def sign(**more: Any) -> None:
        multipart_uploads.keep_open(caller.user_id, begun_upload.key, begun_upload.upload_id, bounds, **more)

    hour = dt.timedelta(hours=1)
    for begun_ago, while_joining, at_least in ((11, False, 11), (47, False, 0.9), (47, True, 11)):
        set_times(begun_upload.key, begun_ago * hour, hour / 2)
        sign(while_joining=while_joining)
        assert at_least * hour < due_in(begun_upload.key) <= 13 * hour, (begun_ago, while_joining)
    set_times(begun_upload.key, 47 * hour, -hour)
    with pytest.raises(UploadClosed):
        sign()
    ages: list[float] = []
    store.delete_stale_parts = ages.append
    multipart_uploads.delete_stale(bounds, store)
    assert ages[0] >= (48 + 12) * 3600, "as long as the longest reservation"


def test_a_joined_file_does_not_outlive_its_reservation(
    store: LocalStore, caller: Caller, bounds: UploadLimits, begun_upload: BegunUpload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(begun_upload, store, tmp_path, 1, 2, 3)
    join = store.join_parts

    def join_late(key: str, upload_id: str) -> None:
        with transaction() as session:
            session.delete(session.get_one(PendingDeletion, key))
        join(key, upload_id)

    monkeypatch.setattr(store, "join_parts", join_late)
    with pytest.raises(UploadClosed):
        multipart_uploads.complete(caller, begun_upload.key, begun_upload.upload_id, bounds, store)
    assert store.size(begun_upload.key) == len(CONTENT) and due_in(begun_upload.key) <= dt.timedelta()


def test_parts_are_numbered_up_to_the_size() -> None:
    sizes = PartSizes(40 * 2**20)
    assert (sizes.count, sizes.of(1), sizes.of(3)) == (3, 16 * 2**20, 8 * 2**20)
    with pytest.raises(NoSuchPart):
        sizes.of(4)
    assert PartSizes(2**40).count <= multipart_uploads.MAX_PARTS
