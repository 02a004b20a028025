"""Uploads in chunks: valid ones, repeated ones and refused ones."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest
from flask import Flask

import errors
from config import Settings
from services.library.chunked_uploads import ChunkedUpload
from tests.conftest import User, list_files, list_stored_keys

FILE_ID = "chunked-1700000000000-abc123"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"min_chunk_bytes": 1, "user_concurrent_uploads": 100})


def split_into_chunks(path: Path, size: int = 50_000) -> list[bytes]:
    content = path.read_bytes()
    return [content[start : start + size] for start in range(0, len(content), size)]


def send(user: User, index: int, total: int, content: bytes, file_id: str = FILE_ID):
    form = {"chunk": (io.BytesIO(content), "blob"), "chunk_index": index, "total_chunks": total, "file_id": file_id}
    return user.post("/upload-chunk", data={**form, "original_filename": "lecture.mp4"}, content_type="multipart/form-data")


def assemble(user: User, total: int, file_id: str = FILE_ID, **more: object):
    return user.post("/assemble-file", json={"file_id": file_id, "total_chunks": total, "original_filename": "lecture.mp4", **more})


def test_chunks_may_arrive_out_of_order_repeatedly_and_after_a_pause(user: User, settings: Settings, tiny: Path) -> None:
    parts = split_into_chunks(tiny)
    order = [*reversed(range(len(parts))), 0, len(parts) - 1]
    for index in order[:2]:
        assert send(user, index, len(parts), parts[index]).json["chunk_size"] == len(parts[index])
    incomplete = assemble(user, len(parts))
    assert (incomplete.status_code, incomplete.json["code"]) == (400, "missing_chunks")
    assert incomplete.json["missing_chunks"] == list(range(len(parts) - 2))
    for index in order[2:]:
        assert send(user, index, len(parts), parts[index]).status_code == 200
    response = assemble(user, len(parts), options={"formats": "txt", "language": "en"}, title="In pieces")
    assert response.status_code == 200, response.text
    assert response.json["total_size"] == tiny.stat().st_size
    assert assemble(user, len(parts)).json["video_id"] == response.json["video_id"]  # a client that missed the response gets it again
    assert user.wait(response.json["video_id"])["status"] == "completed"
    assert user.get("/list").json["total"] == 1
    assert not [name for name in list_files(settings.data_dir / "chunks") if name.rpartition("/")[2].isdigit()]


def test_a_server_that_was_killed_after_it_stored_the_recording_makes_no_second_one(
    user: User, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_server(*_: object) -> None:
        raise errors.TransientError("as if it were killed")

    send(user, 0, 1, tiny.read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(ChunkedUpload, "finish", end_server)
        assert assemble(user, 1, options={"formats": "txt"}).status_code == 503
    [recording] = user.get("/api/v1/recordings").json["recordings"]
    again = assemble(user, 1, options={"formats": "txt"}).json
    assert (again["video_id"], again["job_id"]) == (recording["id"], recording["job"]["id"])
    assert user.get("/list").json["total"] == 1


def test_chunks_and_assembly_may_run_in_parallel(user: User, tiny: Path) -> None:
    parts = split_into_chunks(tiny, 20_000)
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda i=i: statuses.append(send(user, i, len(parts), parts[i]).status_code)) for i in range(len(parts))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * len(parts)
    responses = []
    threads = [threading.Thread(target=lambda: responses.append(assemble(user, len(parts), options={"formats": "txt"}))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({response.json["video_id"] for response in responses}) == 1
    assert user.get("/list").json["total"] == 1


def test_chunks_belong_to_one_user(user: User, stranger: User, tiny: Path) -> None:
    parts = split_into_chunks(tiny)
    for index, part in enumerate(parts):
        send(user, index, len(parts), part)
    response = assemble(stranger, len(parts))
    assert (response.status_code, response.json["code"]) == (404, "unknown_upload")
    send(stranger, 0, len(parts), b"poison")
    assert assemble(user, len(parts), options={"formats": "txt"}).status_code == 200


@pytest.mark.parametrize("file_id", ["../../outside", "/etc/passwd", "a\nb", "x" * 200])
def test_a_file_id_never_becomes_a_path(user: User, settings: Settings, file_id: str) -> None:
    assert send(user, 0, 1, b"content", file_id).status_code == 200
    (folder,) = (settings.data_dir / "chunks").glob("*/*")
    assert (folder.parent.name, len(folder.name)) == (user.id, 64)
    assert assemble(user, 1, file_id).status_code == 415  # it is not a recording; the chunk is kept for another attempt
    assert (folder / "0").exists()


def test_size_and_quota_are_checked_with_every_chunk(app: Flask, user: User, settings: Settings) -> None:
    settings.max_upload_bytes = 2500
    assert send(user, 0, 3, b"x" * 1000).status_code == 200
    assert send(user, 1, 3, b"x" * 1000).status_code == 200
    assert send(user, 1, 3, b"x" * 1500).status_code == 200  # a repeated one replaces the first
    response = send(user, 2, 3, b"x" * 1000)
    assert (response.status_code, response.json["code"]) == (413, "too_large")
    settings.user_quota_bytes = 3000
    settings.max_upload_bytes = 10_000
    assert send(user, 2, 3, b"x" * 1000).json["code"] == "quota_exceeded"
    assert list_files(settings.data_dir / "incoming") == []
    assert list_stored_keys(app) == []


def test_the_quota_includes_unfinished_uploads(user: User, stranger: User, settings: Settings) -> None:
    settings.user_quota_bytes = 2500
    assert send(user, 0, 3, b"x" * 1000, "first").status_code == 200
    assert send(user, 0, 3, b"x" * 1000, "second").status_code == 200
    response = send(user, 0, 3, b"x" * 1000, "third")
    assert (response.status_code, response.json["code"]) == (413, "quota_exceeded")
    assert response.json["hint"]
    assert send(user, 0, 3, b"x" * 400, "second").status_code == 200  # a repeated one replaces the first
    assert send(user, 1, 3, b"x" * 1000, "second").status_code == 200
    assert send(stranger, 0, 3, b"x" * 1000, "third").status_code == 200
    assert list_files(settings.data_dir / "incoming") == []


def test_the_quota_is_checked_when_chunks_are_assembled(user: User, settings: Settings, tiny: Path) -> None:
    parts = split_into_chunks(tiny)
    for index, part in enumerate(parts):
        send(user, index, len(parts), part)
    settings.user_quota_bytes = tiny.stat().st_size - 1
    response = assemble(user, len(parts), options={"formats": "txt"})
    assert (response.status_code, response.json["code"]) == (413, "quota_exceeded")
    assert user.get("/list").json["total"] == 0
    settings.user_quota_bytes = tiny.stat().st_size * 10
    assert assemble(user, len(parts), options={"formats": "txt"}).status_code == 200  # the chunks were kept


def test_only_one_chunk_of_an_upload_may_be_small_whatever_total_it_names(user: User, settings: Settings) -> None:
    settings.min_chunk_bytes = 1000
    assert send(user, 0, 1, b"x").status_code == 200
    for index in (1, 7):
        response = send(user, index, index + 1, b"x")
        assert (response.status_code, response.json["code"]) == (422, "chunk_too_small")
    assert send(user, 0, 1, b"y").status_code == 200  # repeated
    assert send(user, 0, 2, b"x" * 1000).status_code == 200  # replaced by one that is large enough
    assert send(user, 1, 2, b"x").status_code == 200


def test_small_chunks_are_refused_except_for_the_last(user: User, settings: Settings) -> None:
    settings.min_chunk_bytes = 1000
    response = send(user, 0, 2, b"x" * 999)
    assert (response.status_code, response.json["code"]) == (422, "chunk_too_small")
    assert list_files(settings.data_dir / "chunks") == []
    assert send(user, 0, 2, b"x" * 1000).status_code == 200
    assert send(user, 1, 2, b"x").status_code == 200
    assert Settings(_env_file=None).min_chunk_bytes == 64 * 1024


def test_a_chunk_costs_the_same_however_many_there_are(user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[Path] = []
    stat = Path.stat

    def count_stat(path: Path, **options: bool) -> os.stat_result:
        if path.name.isdigit():
            looked_at.append(path)
        return stat(path, **options)

    for index in range(30):
        assert send(user, index, 100, b"x" * 10).status_code == 200
    monkeypatch.setattr(Path, "stat", count_stat)
    assert send(user, 30, 100, b"x" * 10).status_code == 200
    assert len(looked_at) < 3


def test_chunks_of_an_earlier_version_count(user: User, settings: Settings) -> None:
    assert send(user, 0, 3, b"x" * 1000).status_code == 200
    (folder,) = {path.parent for path in (settings.data_dir / "chunks").rglob(".sizes")}
    (folder / ".sizes").unlink()
    settings.max_upload_bytes = 1500
    assert send(user, 1, 3, b"x" * 1000).json["code"] == "too_large"
    assert send(user, 0, 3, b"x" * 400).status_code == 200
    assert send(user, 1, 3, b"x" * 1000).status_code == 200


@pytest.mark.parametrize(("index", "total"), [(-1, 2), (2, 2), (0, 0), (0, 10**9), ("x", 2)])
def test_invalid_chunk_numbers_are_refused(user: User, index: object, total: object) -> None:
    assert send(user, index, total, b"x").status_code in (400, 422)


def test_a_total_below_the_received_chunks_is_refused(user: User, tiny: Path) -> None:
    parts = split_into_chunks(tiny)
    for index, part in enumerate(parts):
        send(user, index, len(parts), part)
    response = assemble(user, len(parts) - 1)
    assert (response.status_code, response.json["code"]) == (400, "wrong_total")
    assert assemble(user, len(parts), options={"formats": "txt", "language": "xx"}).json["code"] == "unknown_language"
    assert assemble(user, len(parts), options={"formats": "txt"}).status_code == 200


def test_abandoned_chunks_are_deleted(app: Flask, user: User, settings: Settings) -> None:
    from services.library.feature import delete_incomplete_uploads

    send(user, 0, 3, b"x")
    (folder,) = (settings.data_dir / "chunks").glob("*/*")
    for path in (*folder.iterdir(), folder):
        os.utime(path, (0, 0))
    for index in (1, 0):  # a repeated chunk counts as a change too
        os.utime(folder, (0, 0))
        send(user, index, 3, b"x")
        with app.app_context():
            delete_incomplete_uploads(settings)
        assert list_files(settings.data_dir / "chunks")
    os.utime(folder, (0, 0))
    with app.app_context():
        delete_incomplete_uploads(settings)
    assert list_files(settings.data_dir / "chunks") == []
