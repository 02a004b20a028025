"""One quota for all kinds of uploads: what one kind has sent or announced is not free for another."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask import Flask

from tests.conftest import User

SIZE_BYTES = 1000
CONTENT = b"\x1a\x45\xdf\xa3" + bytes(SIZE_BYTES - 4)  # begins as WebM does
_numbers = itertools.count()


def send_chunk(user: User) -> Any:
    form = {"chunk": (io.BytesIO(CONTENT), "blob"), "chunk_index": 1, "total_chunks": 2, "file_id": f"file-{next(_numbers)}"}
    return user.post("/upload-chunk", data={**form, "original_filename": "a.webm"}, content_type="multipart/form-data")


def announce_resumable(user: User) -> Any:
    headers = {**user.headers, "Tus-Resumable": "1.0.0", "Upload-Length": str(SIZE_BYTES)}
    return user.http.post("/api/v1/uploads", headers=headers)


def announce_parts(user: User) -> Any:
    return user.post("/api/v1/upload/videos/multipart", json={"size_bytes": SIZE_BYTES})


def send_direct(user: User) -> Any:
    response = user.post("/api/v1/upload/videos/upload-url")
    url = response.json["url"]
    if url.startswith("http://localhost/"):
        return user.http.put(url.removeprefix("http://localhost"), data=CONTENT, content_type="video/mp4")
    assert requests.put(url, data=CONTENT, headers={"Content-Type": "video/mp4"}, timeout=10).ok
    return response


def send_form(user: User) -> Any:
    """A damaged file: with enough quota it is read to its end, and refused for another reason."""
    return user.post("/upload", data={"file": (io.BytesIO(CONTENT), "a.webm")}, content_type="multipart/form-data")


@pytest.mark.parametrize("first", [send_chunk, announce_resumable, announce_parts, send_direct])
def test_kinds_of_uploads_share_the_quota(app: Flask, user: User, first: Callable[[User], Any]) -> None:
    settings = app.extensions["lectern"].settings
    assert first(user).status_code < 300
    used = SIZE_BYTES
    is_local = user.post("/api/v1/upload/videos/upload-url").json["url"].startswith("http://localhost/")
    for second in (send_chunk, announce_resumable, announce_parts, send_form, *([send_direct] if is_local else [])):
        settings.user_quota_bytes = used + SIZE_BYTES - 1
        response = second(user)
        assert (response.status_code, response.json["code"]) == (413, "quota_exceeded"), second
        settings.user_quota_bytes = used + SIZE_BYTES
        response = second(user)
        if second is send_form:
            assert response.status_code in (415, 422), response.text
        else:
            assert response.status_code < 300, response.text
            used += SIZE_BYTES
