"""Uploads in chunks, as a web frontend sends them and as it should not."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.conftest import User, list_files, list_stored_keys

FILE_ID = "chunked-1700000000000-abc123"


def pieces(path: Path, size: int = 50_000) -> list[bytes]:
    content = path.read_bytes()
    return [content[start : start + size] for start in range(0, len(content), size)]


def send(user: User, index: int, total: int, content: bytes, file_id: str = FILE_ID):
    form = {"chunk": (io.BytesIO(content), "blob"), "chunk_index": index, "total_chunks": total, "file_id": file_id}
    return user.post("/upload-chunk", data={**form, "original_filename": "lecture.mp4"}, content_type="multipart/form-data")


def assemble(user: User, total: int, file_id: str = FILE_ID, **more: object):
    return user.post("/assemble-file", json={"file_id": file_id, "total_chunks": total, "original_filename": "lecture.mp4", **more})


def test_out_of_order_repeated_and_resumed(user: User, settings: Settings, tiny: Path) -> None:
    parts = pieces(tiny)
    order = [*reversed(range(len(parts))), 0, len(parts) - 1]
    for index in order[:2]:
        assert send(user, index, len(parts), parts[index]).json["chunk_size"] == len(parts[index])
    early = assemble(user, len(parts))
    assert (early.status_code, early.json["code"]) == (400, "missing_chunks")
    assert early.json["missing_chunks"] == list(range(len(parts) - 2))
    for index in order[2:]:
        assert send(user, index, len(parts), parts[index]).status_code == 200
    answer = assemble(user, len(parts), options={"formats": "txt", "language": "en"}, title="In pieces")
    assert answer.status_code == 200, answer.text
    assert answer.json["total_size"] == tiny.stat().st_size
    assert assemble(user, len(parts)).json["video_id"] == answer.json["video_id"]  # a lost answer may be asked for again
    assert user.wait(answer.json["video_id"])["status"] == "completed"
    assert user.get("/list").json["total"] == 1
    assert not [name for name in list_files(settings.data_dir / "chunks") if name.rpartition("/")[2].isdigit()]


def test_in_parallel(user: User, tiny: Path) -> None:
    parts = pieces(tiny, 20_000)
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda i=i: statuses.append(send(user, i, len(parts), parts[i]).status_code)) for i in range(len(parts))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * len(parts)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(assemble(user, len(parts), options={"formats": "txt"}))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.json["video_id"] for answer in answers}) == 1
    assert user.get("/list").json["total"] == 1


def test_chunks_are_their_users_alone(user: User, stranger: User, tiny: Path) -> None:
    parts = pieces(tiny)
    for index, part in enumerate(parts):
        send(user, index, len(parts), part)
    answer = assemble(stranger, len(parts))
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_upload")
    send(stranger, 0, len(parts), b"poison")
    assert assemble(user, len(parts), options={"formats": "txt"}).status_code == 200


@pytest.mark.parametrize("file_id", ["../../outside", "/etc/passwd", "a\nb", "x" * 200])
def test_no_name_becomes_a_path(user: User, settings: Settings, file_id: str) -> None:
    assert send(user, 0, 1, b"content", file_id).status_code == 200
    (folder,) = (settings.data_dir / "chunks").glob("*/*")
    assert (folder.parent.name, len(folder.name)) == (user.id, 64)
    assert assemble(user, 1, file_id).status_code == 415  # it is no recording; the chunk is kept for another try
    assert (folder / "0").exists()


def test_limits_hold_as_the_whole_grows(app: Flask, user: User, settings: Settings) -> None:
    settings.max_upload_bytes = 2500
    assert send(user, 0, 3, b"x" * 1000).status_code == 200
    assert send(user, 1, 3, b"x" * 1000).status_code == 200
    assert send(user, 1, 3, b"x" * 1500).status_code == 200  # a repeated one replaces the first
    refused = send(user, 2, 3, b"x" * 1000)
    assert (refused.status_code, refused.json["code"]) == (413, "too_large")
    settings.user_quota_bytes = 3000
    settings.max_upload_bytes = 10_000
    assert send(user, 2, 3, b"x" * 1000).json["code"] == "quota_exceeded"
    assert list_files(settings.data_dir / "incoming") == []
    assert list_stored_keys(app) == []


def test_uploads_that_never_end_count_together(user: User, stranger: User, settings: Settings) -> None:
    settings.user_quota_bytes = 2500
    assert send(user, 0, 3, b"x" * 1000, "first").status_code == 200
    assert send(user, 0, 3, b"x" * 1000, "second").status_code == 200
    refused = send(user, 0, 3, b"x" * 1000, "third")
    assert (refused.status_code, refused.json["code"]) == (413, "quota_exceeded")
    assert refused.json["hint"]
    assert send(user, 0, 3, b"x" * 1400, "second").status_code == 200  # a repeated one replaces the first
    assert send(stranger, 0, 3, b"x" * 1000, "third").status_code == 200
    assert list_files(settings.data_dir / "incoming") == []


def test_the_quota_holds_when_chunks_become_a_recording(user: User, settings: Settings, tiny: Path) -> None:
    parts = pieces(tiny)
    for index, part in enumerate(parts):
        send(user, index, len(parts), part)
    settings.user_quota_bytes = tiny.stat().st_size - 1
    refused = assemble(user, len(parts), options={"formats": "txt"})
    assert (refused.status_code, refused.json["code"]) == (413, "quota_exceeded")
    assert user.get("/list").json["total"] == 0
    settings.user_quota_bytes = tiny.stat().st_size * 10
    assert assemble(user, len(parts), options={"formats": "txt"}).status_code == 200  # the chunks were kept


@pytest.mark.parametrize(("index", "total"), [(-1, 2), (2, 2), (0, 0), (0, 10**9), ("x", 2)])
def test_odd_numbers_are_refused(user: User, index: object, total: object) -> None:
    assert send(user, index, total, b"x").status_code in (400, 422)


def test_fewer_chunks_than_there_are_make_no_recording(user: User, tiny: Path) -> None:
    parts = pieces(tiny)
    for index, part in enumerate(parts):
        send(user, index, len(parts), part)
    answer = assemble(user, len(parts) - 1)
    assert (answer.status_code, answer.json["code"]) == (400, "wrong_total")
    assert assemble(user, len(parts), options={"formats": "txt", "language": "xx"}).json["code"] == "unknown_language"
    assert assemble(user, len(parts), options={"formats": "txt"}).status_code == 200


def test_abandoned_chunks_are_swept(app: Flask, user: User, settings: Settings) -> None:
    from bootstrap import sweep

    send(user, 0, 2, b"x")
    with app.app_context():
        sweep(settings)
        assert list_files(settings.data_dir / "chunks")
        settings.incomplete_upload_expiry_s = 0
        sweep(settings)
    assert list_files(settings.data_dir / "chunks") == []
