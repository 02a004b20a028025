"""Uploads by the tus protocol, with its Python client and by hand."""

from __future__ import annotations

import base64
import hashlib
import io
import os
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from tusclient.client import TusClient

import errors
from services.library import resumable_uploads, upload_hashes
from tests.applications import serve_app
from tests.conftest import SAMPLES, User, list_files

PATH = "/api/v1/uploads"
CONTENT = (SAMPLES / "tiny.m4a").read_bytes()
CHUNK = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def encode_metadata(**metadata: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())


def send(user: User, method: str, path: str, *, body: bytes = b"", **headers: str) -> Any:
    http_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return user.http.open(path, method=method, data=body, headers={**user.headers, **CHUNK, **http_headers})


def begin(user: User, length: int = len(CONTENT), body: bytes = b"", **headers: str) -> str:
    metadata = encode_metadata(filename="talk.m4a", title="A talk", formats="txt", filetype="audio/mp4")
    response = send(user, "POST", PATH, body=body, Upload_Length=str(length), Upload_Metadata=metadata, **headers)
    assert response.status_code == 201, response.text
    return response.headers["Location"].removeprefix("http://localhost")


@pytest.mark.usefixtures("cached_stages")
def test_the_python_client_continues_an_interrupted_upload(app: Flask, user: User) -> None:
    with serve_app(app) as url:
        client = TusClient(f"{url}{PATH}", headers=user.headers)
        metadata = {"filename": "talk.m4a", "formats": "txt"}
        first = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=20_000, metadata=metadata)
        first.upload_chunk()
        first.upload_chunk()
        second = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=50_000, url=first.url, metadata=metadata)
        assert second.offset == 40_000
        second.upload()
    [recording] = user.get("/api/v1/recordings").json["recordings"]
    assert (recording["sha256"], recording["filename"]) == (hashlib.sha256(CONTENT).hexdigest(), "talk.m4a")
    user.post(f"/api/v1/jobs/{recording['job']['id']}/cancel")


def test_offsets_checksums_and_the_end(user: User, stranger: User) -> None:
    location = begin(user, body=CONTENT[:1000], Content_Type="application/offset+octet-stream")
    state = send(user, "HEAD", location)
    assert (state.headers["Upload-Offset"], state.headers["Upload-Length"]) == ("1000", str(len(CONTENT)))
    assert state.headers["Upload-Expires"] and state.headers["Tus-Resumable"] == "1.0.0"
    assert send(stranger, "HEAD", location).status_code == 404
    assert send(user, "PATCH", location, body=b"x", Upload_Offset="5").json["code"] == "offset_conflict"
    wrong = f"sha1 {base64.b64encode(hashlib.sha1(b'other', usedforsecurity=False).digest()).decode()}"
    response = send(user, "PATCH", location, body=CONTENT[1000:2000], Upload_Offset="1000", Upload_Checksum=wrong)
    assert (response.status_code, response.json["code"]) == (460, "checksum_mismatch")
    assert send(user, "HEAD", location).headers["Upload-Offset"] == "1000"
    right = f"sha256 {base64.b64encode(hashlib.sha256(CONTENT[1000:2000]).digest()).decode()}"
    response = send(user, "PATCH", location, body=CONTENT[1000:2000], Upload_Offset="1000", Upload_Checksum=right)
    assert (response.status_code, response.headers["Upload-Offset"]) == (204, "2000")
    assert send(user, "PATCH", location, body=bytes(len(CONTENT)), Upload_Offset="2000").status_code == 413
    assert send(user, "DELETE", location).status_code == 204
    assert send(user, "HEAD", location).status_code == 404
    assert user.get("/api/v1/recordings").json["total"] == 0


def test_the_hash_is_that_of_the_file_whoever_received_its_parts(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [CONTENT[at : at + 20_000] for at in range(0, len(CONTENT), 20_000)]
    assert len(parts) > 4
    wrong = f"sha1 {base64.b64encode(bytes(20)).decode()}"
    location, offset, here, elsewhere = begin(user), 0, upload_hashes._hashes, OrderedDict[str, upload_hashes.UploadHash]()
    for number, part in enumerate(parts):
        monkeypatch.setattr(upload_hashes, "_hashes", elsewhere if number in (2, 3) else here)
        if number in (1, 2):
            assert send(user, "PATCH", location, body=b"x" * 20_000, Upload_Offset=str(offset), Upload_Checksum=wrong).status_code == 460
        response = send(user, "PATCH", location, body=part, Upload_Offset=str(offset))
        assert response.status_code == 204, response.text
        offset += len(part)
    recording = user.get(f"/api/v1/recordings/{response.headers['Recording-Id']}").json
    assert recording["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    user.post(f"/api/v1/jobs/{recording['job']['id']}/cancel")


def test_methods_can_be_overridden(user: User, stranger: User) -> None:
    location = begin(user)
    response = send(user, "POST", location, body=CONTENT[:500], Upload_Offset="0", X_HTTP_Method_Override="PATCH")
    assert (response.status_code, response.headers["Upload-Offset"]) == (204, "500")
    assert send(user, "POST", location, X_HTTP_Method_Override="HEAD").headers["Upload-Offset"] == "500"
    assert send(user, "POST", location, X_HTTP_Method_Override="PUT").status_code == send(user, "POST", location).status_code == 400
    assert send(stranger, "POST", location, X_HTTP_Method_Override="DELETE").status_code == 404
    assert send(user, "POST", location, X_HTTP_Method_Override="DELETE").status_code == 204
    assert send(user, "HEAD", location).status_code == 404


def test_uploads_that_are_created_at_once_share_the_quota(app: Flask, user: User) -> None:
    app.extensions["lectern"].settings.user_quota_bytes = 2500
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _: send(user, "POST", PATH, Upload_Length="1000").status_code, range(6)))
    assert statuses.count(201) == 2, statuses


def test_what_can_not_be_stored_is_refused(app: Flask, user: User) -> None:
    settings = app.extensions["lectern"].settings
    assert send(user, "POST", PATH, Upload_Length="9", Tus_Resumable="0.2.2").status_code == 412
    assert send(user, "POST", PATH, Upload_Length="many").status_code == 400
    assert send(user, "POST", PATH, Upload_Length=str(settings.max_upload_bytes + 1)).json["code"] == "too_large"
    assert send(user, "POST", PATH, Upload_Length="9", Upload_Metadata=encode_metadata(formats="papyrus")).status_code == 422
    assert send(user, "POST", PATH, Upload_Length="9", Upload_Metadata="filename !").status_code == 400
    text = b"this is not a recording " * 50
    location = begin(user, len(text))
    assert send(user, "PATCH", location, body=text, Upload_Offset="0").json["code"] == "not_media"
    content = CONTENT[:40] + bytes(500)
    location = begin(user, len(content))
    assert send(user, "PATCH", location, body=content, Upload_Offset="0").status_code in (415, 422)
    assert send(user, "HEAD", location).status_code == 404
    settings.user_quota_bytes = 100
    assert send(user, "POST", PATH, Upload_Length="101").json["code"] == "quota_exceeded"
    options = user.http.options(PATH)
    assert options.headers["Tus-Extension"].count(",") == 4 and options.headers["Tus-Version"] == "1.0.0"


def test_an_upload_that_ends_while_the_user_may_not_convert_loses_nothing(app: Flask, user: User) -> None:
    settings = app.extensions["lectern"].settings
    location = begin(user)
    settings.user_active_jobs = 0
    assert send(user, "POST", PATH, Upload_Length="9").json["code"] == "too_many_jobs"
    assert send(user, "PATCH", location, body=CONTENT, Upload_Offset="0").json["code"] == "too_many_jobs"
    settings.user_active_jobs = 9
    state = send(user, "HEAD", location)
    assert state.headers["Upload-Metadata"] == encode_metadata(filename="talk.m4a", title="A talk", formats="txt", filetype="audio/mp4")
    recording = user.get(f"/api/v1/recordings/{state.headers['Recording-Id']}").json
    assert recording["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    user.post(f"/api/v1/jobs/{recording['job']['id']}/cancel")


def test_first_bytes_are_judged_together(user: User) -> None:
    location = begin(user)
    assert send(user, "PATCH", location, body=CONTENT[:3], Upload_Offset="0").status_code == 204  # these three could be text
    text = b"this is not a recording " * 50
    location = begin(user, len(text))
    assert send(user, "PATCH", location, body=text[:3], Upload_Offset="0").status_code == 204
    assert send(user, "PATCH", location, body=text[3:], Upload_Offset="3").json["code"] == "not_media"


def test_a_refused_creation_with_bytes_leaves_nothing(app: Flask, user: User) -> None:
    wrong = f"sha1 {base64.b64encode(bytes(20)).decode()}"
    headers = {"Upload_Length": "9", "Upload_Checksum": wrong, "Content_Type": "application/offset+octet-stream"}
    assert send(user, "POST", PATH, body=CONTENT[:9], **headers).status_code == 460
    assert not list((app.extensions["lectern"].settings.data_dir / "resumable").glob("*/*"))


def test_a_server_that_was_killed_after_the_last_byte_stores_the_recording_when_it_is_asked(app: Flask, user: User) -> None:
    location = begin(user)
    settings = app.extensions["lectern"].settings
    folder = settings.data_dir / "resumable" / user.id / location.rpartition("/")[2]
    (folder / "data").write_bytes(CONTENT)  # as if the server had ended before it stored the recording
    key = user.post("/api/v1/api-keys", json={"name": "reader", "scopes": ["content:read"]}).json["key"]
    read = user.http.head(location, headers={"Authorization": f"Bearer {key}", "Tus-Resumable": "1.0.0"})
    assert read.headers["Upload-Offset"] == str(len(CONTENT)) and "Recording-Id" not in read.headers
    state = send(user, "HEAD", location)
    recording = user.get(f"/api/v1/recordings/{state.headers['Recording-Id']}").json
    assert (recording["title"], recording["size_bytes"]) == ("A talk", len(CONTENT))
    assert send(user, "HEAD", location).headers["Recording-Id"] == recording["id"]
    user.post(f"/api/v1/jobs/{recording['job']['id']}/cancel")


def test_a_server_that_was_killed_after_it_stored_the_recording_makes_no_second_one(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    location = begin(user)

    def end_server(*_: object) -> None:
        raise errors.TransientError("as if it were killed")

    with monkeypatch.context() as patch:
        patch.setattr(resumable_uploads.ResumableUpload, "finish", end_server)
        assert send(user, "PATCH", location, body=CONTENT, Upload_Offset="0").status_code == 503
    state = send(user, "HEAD", location)
    [recording] = user.get("/api/v1/recordings").json["recordings"]
    assert state.headers["Recording-Id"] == recording["id"]
    user.post(f"/api/v1/jobs/{recording['job']['id']}/cancel")


def test_forgotten_uploads_are_deleted(app: Flask, user: User) -> None:
    old, fresh = begin(user), begin(user)
    settings = app.extensions["lectern"].settings
    os.utime(settings.data_dir / "resumable" / user.id / old.rpartition("/")[2], (0, 0))
    resumable_uploads.sweep(settings)
    assert [send(user, "HEAD", each).status_code for each in (old, fresh)] == [404, 200]
    assert list_files(settings.data_dir / "incoming") == []
