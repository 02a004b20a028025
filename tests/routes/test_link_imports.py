"""Recordings from links: download, conversion, limits and errors, over HTTP."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select

from config import Settings
from database import session
from models import SiteCookies
from tests.conftest import SAMPLES, User, list_stored_keys
from tests.link_server import MEDIA, PASSWORD, TOKEN, LinkServer, link_server


@pytest.fixture(scope="module")
def running_site() -> Iterator[LinkServer]:
    with link_server() as server:
        yield server


@pytest.fixture
def site(running_site: LinkServer) -> LinkServer:
    running_site.reset()
    return running_site


@pytest.fixture
def settings(settings: Settings, site: LinkServer) -> Settings:
    return settings.model_copy(update={"link_allowed_hosts": (site.host,)})


@pytest.fixture
def app(app: Flask, settings: Settings) -> Flask:
    return app


def test_a_link_becomes_documents(user: User, stranger: User, app: Flask, site: LinkServer) -> None:
    body = {"url": f"{site.url}/srt-player", "formats": ["txt"], "language": "en"}
    response = user.post("/api/v1/links", json=body)
    assert response.status_code == 201, response.text
    recording = response.json
    assert (recording["job"]["pipeline"], recording["source_url"], recording["size_bytes"]) == ("link_import", body["url"], 0)
    status = user.wait(recording["id"])
    while status["status"] == "completed" and not status["downloads"]:
        status = user.wait(recording["id"])
    assert status["status"] == "completed", status
    assert (status["title"], status["file_size"], status["filename"]) == ("Gradient descent", len(MEDIA), "Gradient descent.m4a")
    text = user.open_link(status["downloads"]["txt"]).content.decode()
    assert "Gradient descent" in text and body["url"] in text and "Air presses on the water," in text  # as in the subtitles
    keys = [key for key in list_stored_keys(app) if recording["id"] in key or key.startswith("jobs/")]
    assert f"videos/{recording['id']}/Gradient descent.m4a" in keys and not [key for key in keys if key.startswith("jobs/")]
    assert user.get(f"/api/v1/recordings/{recording['id']}/media").data == MEDIA
    jobs = [job for job in user.get("/api/v1/jobs").json["jobs"] if job["recording_id"] == recording["id"]]
    assert {job["pipeline"]: job["state"] for job in jobs} == {"lecture_notes": "succeeded", "link_import": "succeeded"}
    assert [job["options"]["audio_only"] for job in jobs if job["pipeline"] == "link_import"] == [True]  # no pictures in `txt`
    assert stranger.get(f"/api/v1/recordings/{recording['id']}").status_code == 404
    notices = [notice for notice in user.get("/api/v1/notices").json["notices"] if notice["recording_id"] == recording["id"]]
    assert [notice["kind"] for notice in notices] == ["succeeded"]  # one for both jobs


def test_a_server_without_uploads_renders_and_proofreads(user: User, app: Flask, site: LinkServer) -> None:
    link_import = user.post("/api/v1/links", json={"url": f"{site.url}/srt-player", "formats": ["txt"], "language": "en"}).json
    status = user.wait(link_import["id"])
    while status["status"] == "completed" and not status["downloads"]:
        status = user.wait(link_import["id"])
    for call, body in (("documents", {}), ("proofread", {"engine": "rules"})):
        response = user.post(f"/api/v1/transcripts/{link_import['id']}/{call}", json=body)
        assert response.status_code == 202, response.text
        while user.get(f"/api/v1/jobs/{response.json['id']}").json["state"] in ("queued", "running"):
            time.sleep(0.05)


def test_a_link_of_another_kind_is_refused_in_words(user: User) -> None:
    for url in ("youtube.com/watch?v=abc", "ftp://example.org/talk.mp4", "--exec=id"):
        for path, body in (("/api/v1/links", {"url": url}), ("/import-url", {"url": url}), ("/api/v1/batches", {"url": url})):
            response = user.post(path, json=body)
            assert response.status_code in (400, 422) and response.json["code"] == "validation_failed", (path, response.text)
            assert response.json["message"].endswith(": An http or https URL is needed, such as https://example.org."), response.text
        response = user.http.post("/process", data={"drive_link": url}, headers=user.headers)
        assert response.status_code == 422 and "An http or https URL is needed" in response.json["message"], response.text
    reversed_part = {"drive_link": "https://example.org/talk.mp4", "start_time": "20", "end_time": "0:05"}
    response = user.http.post("/process", data=reversed_part, headers=user.headers)
    assert response.json["message"] == "Some fields are missing or invalid. The end (end_time) must be later than the start (start_time)"


def test_a_failed_download_says_why_and_can_be_retried(user: User, app: Flask, site: LinkServer) -> None:
    link_import = user.post("/import-url", json={"url": f"{site.url}/locked/s/{TOKEN}", "filename": "Week 1.mp4"}).json
    status = user.wait(link_import["video_id"])
    assert (status["status"], status["error_code"], status["title"]) == ("failed", "link_password", "Week 1")
    assert "password" in status["error_hint"]
    assert user.get(f"/api/v1/recordings/{link_import['video_id']}/media").status_code == 400
    again = user.post(f"/api/v1/recordings/{link_import['video_id']}/jobs", json={})
    assert (again.status_code, again.json["hint"]) == (409, "Retry its job.")
    assert user.post(f"/api/v1/jobs/{link_import['job_id']}/retry").status_code == 200
    assert user.wait(link_import["video_id"])["status"] == "failed"
    assert user.delete(f"/videos/{link_import['video_id']}").status_code == 200
    assert list_stored_keys(app) == []


def test_the_password_of_a_share_is_not_shown(user: User, site: LinkServer) -> None:
    body = {"url": f"{site.url}/locked/s/{TOKEN}", "password": PASSWORD, "formats": ["txt"]}
    recording = user.post("/api/v1/links", json=body).json
    job = user.get(f"/api/v1/jobs/{recording['job']['id']}").json
    assert PASSWORD not in json.dumps([recording, job]) and "sealed_password" not in json.dumps([recording, job])
    assert user.post(f"/api/v1/jobs/{job['id']}/cancel").status_code == 200
    user.wait(recording["id"])


def test_description_chapters_and_picture_are_taken_along(user: User, stranger: User, app: Flask, site: LinkServer) -> None:
    link = {"url": f"{site.url}/chapters", "formats": ["md"], "language": "en"}
    recording_id = user.post("/api/v1/links", json=link).json["id"]
    status = user.wait(recording_id)
    while not status["downloads"]:
        status = user.wait(recording_id)
    recording = user.get(f"/api/v1/recordings/{recording_id}").json
    assert (recording["title"], recording["description"]) == ("Trees", "Two\nlines")
    chapters = [{"start_s": 0.0, "title": "Welcome"}, {"start_s": 8.0, "title": "Roots & leaves"}]
    assert recording["chapters"] == chapters
    poster = user.get(f"/api/v1/recordings/{recording_id}/poster")
    assert (recording["has_poster"], poster.status_code, poster.content_type) == (True, 200, "image/jpeg")
    assert cv2.imdecode(np.frombuffer(poster.data, np.uint8), cv2.IMREAD_COLOR).shape == (360, 640, 3)
    assert stranger.get(f"/api/v1/recordings/{recording_id}/poster").status_code == 404
    with zipfile.ZipFile(io.BytesIO(user.open_link(status["downloads"]["md"]).content)) as archive:
        text = next(archive.read(name).decode() for name in archive.namelist() if name.endswith(".md"))
    welcome, roots = text.index("# Welcome\n"), text.index("# Roots")
    assert user.delete(f"/api/v1/recordings/{recording_id}?permanent=true").status_code == 200
    assert list_stored_keys(app) == []
    assert welcome < roots and len(text[welcome:roots].split()) > 8 and len(text[roots:].split()) > 8


def test_cookies_of_a_user_reach_the_site_and_nothing_else(
    user: User, stranger: User, app: Flask, site: LinkServer, caplog: pytest.LogCaptureFixture
) -> None:
    cookies = "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tvery-secret-value\n"
    for text in ("no cookies", cookies.replace("\t", " "), cookies.replace("\t0\t", "\tsoon\t"), "# nothing\n"):
        response = user.http.put("/api/v1/site-cookies", json={"text": text}, headers=user.headers)
        assert (response.status_code, response.json["code"]) == (422, "invalid_cookies")
    response = user.http.put("/api/v1/site-cookies", json={"text": cookies}, headers=user.headers)
    assert (response.status_code, response.json["domains"]) == (200, ["127.0.0.1"])
    assert user.get("/api/v1/site-cookies").json == response.json
    assert stranger.get("/api/v1/site-cookies").json == {"domains": [], "updated_at": None}
    responses = [response.text]
    for each, header in ((user, "sid=very-secret-value"), (stranger, None)):
        site.requests.clear()
        response = each.post("/api/v1/links", json={"url": f"{site.url}/player?of={each.id}", "formats": ["txt"], "language": "en"})
        status = each.wait(response.json["id"])
        assert status["file_size"] == len(MEDIA), status
        assert {headers.get("cookie") for path, headers in site.requests if path.startswith("/player")} == {None, header}
        responses += [response.text, json.dumps(status), each.get("/api/v1/jobs").text]
    assert "very-secret-value" not in caplog.text + "".join(responses)
    with app.app_context():
        assert "very-secret-value" not in session().execute(select(SiteCookies.sealed_text)).scalar_one()
    assert user.delete("/api/v1/site-cookies").status_code == 200
    assert user.get("/api/v1/site-cookies").json["domains"] == []


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("http://127.0.0.1/x.mp4", 422, "validation_failed"),
        ("http://localhost/x.mp4", 422, "validation_failed"),
        ("http://[::1]/x.mp4", 422, "validation_failed"),
        ("http://169.254.169.254/latest/meta-data", 422, "validation_failed"),
        ("http://ada:secret@example.org/x.mp4", 422, "validation_failed"),
        ("file:///etc/passwd", 422, "validation_failed"),
        ("-o/tmp/x", 422, "validation_failed"),
        ("https://example.org/a b.mp4", 422, "validation_failed"),
    ],
)
def test_an_unusable_link_is_refused_at_once(user: User, url: str, status: int, code: str) -> None:
    for path in ("/api/v1/links", "/import-url"):
        response = user.post(path, json={"url": url})
        assert (response.status_code, response.json["code"]) == (status, code), response.text
    assert user.get("/list").json["total"] == 0


_UNUSABLE_LINKS = (
    *("--exec=id", "--batch-file=/etc/passwd", "ytsearch:trees", "ytsearch1:trees", ":ytfavourites", "dQw4w9WgXcQ", "//127.0.0.1/x"),
    *("ftp://127.0.0.1/x", "gopher://127.0.0.1/_x", "data:video/mp4;base64,AAAA", "rtsp://127.0.0.1/x", "concat:http://127.0.0.1/x"),
    *("http:127.0.0.1", "http:///127.0.0.1/", "http://127.0.0.1#@example.org/", "http://example.org\\@127.0.0.1/", "http://local\thost/"),
    *("http://a.localhost/x", "http://2852039166/latest/", "http://0177.0.0.01/x", "http://127.0.0.1./x", "http://[::127.0.0.1]/x"),
    *("http://[64:ff9b::7f00:1]/x", "http://[64:ff9b:1::7f00:1]/x", "http://[2002:7f00:1::]/x", "http://[2001:0:7f00:1::1]/x"),
)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/links", "url"),
        ("/import-url", "url"),
        ("/api/v1/batches", "url"),
        ("/batch-import/list-videos", "share_url"),
        ("/process", "drive_link"),
    ],
)
def test_tricks_are_refused_at_once_on_every_path(user: User, path: str, field: str) -> None:
    for link in _UNUSABLE_LINKS:
        body = {"data": {field: link}} if path == "/process" else {"json": {field: link}}
        response = user.post(path, **body)
        assert (response.status_code, response.json["code"]) == (422, "validation_failed"), f"{link}: {response.text}"
    assert user.get("/api/v1/recordings").json["total"] == 0


def test_a_download_respects_the_quota_and_the_size_limit(
    app_with: Callable[..., Flask], user: User, admin: User, site: LinkServer
) -> None:
    http: Any = app_with(max_upload_bytes=50_000).test_client()
    recording = http.post("/api/v1/links", json={"url": f"{site.url}/files/a.m4a"}, headers=user.headers).json
    status = user.wait(recording["id"])
    assert (status["status"], status["error_code"]) == ("failed", "too_large")
    tight: Any = app_with(user_quota_bytes=0).test_client()
    response = tight.post("/api/v1/links", json={"url": f"{site.url}/files/a.m4a"}, headers=user.headers)
    assert (response.status_code, response.json["code"]) == (413, "quota_exceeded")


def test_a_download_must_fit_beside_unfinished_uploads(app_with: Callable[..., Flask], user: User, site: LinkServer) -> None:
    size_bytes = (SAMPLES / "tiny.m4a").stat().st_size
    http: Any = app_with(user_quota_bytes=2 * size_bytes).test_client()
    link = {"url": f"{site.url}/files/a.m4a"}
    fits = user.wait(http.post("/api/v1/links", json=link, headers=user.headers).json["id"])
    assert fits["status"] == "completed", fits
    assert user.delete(f"/api/v1/recordings/{fits['video_id']}?permanent=true").status_code == 200

    tus = {**user.headers, "Tus-Resumable": "1.0.0", "Upload-Length": str(size_bytes + 1)}
    assert http.post("/api/v1/uploads", headers=tus).status_code == 201
    status = user.wait(http.post("/api/v1/links", json=link, headers=user.headers).json["id"])
    assert (status["status"], status["error_code"]) == ("failed", "quota_exceeded")


def test_ezras_link_is_downloaded_and_proofread(user: User, admin: User, site: LinkServer) -> None:
    link = {"drive_link": f"{site.url}/player", "start_time": "0:01", "end_time": "00:00:05"}
    response = user.post("/process", data=link, content_type="multipart/form-data")
    assert response.status_code == 200, response.text
    [job] = user.get("/api/v1/jobs").json["jobs"]
    assert (job["pipeline"], job["recording_id"]) == ("link_import", response.json["transcription_id"])
    options = job["options"]["conversion_options"]
    assert (options["start_time"], options["end_time"]) == ("0:01", "00:00:05")
    assert (options["formats"], options["proofread"], job["options"]["audio_only"]) == (["txt", "md", "docx"], "rules", True)
    assert user.get("/transcriptions").json[0]["status"] in ("submitted", "waiting", "uploading")
    assert user.delete(f"/api/v1/recordings/{job['recording_id']}?permanent=true").status_code == 200
    admin.post("/admin/settings", json={"setting_key": "transcribing_allowed", "setting_value": "false"})
    assert user.post("/process", data=link, content_type="multipart/form-data").json["code"] == "intake_paused"
    admin.delete("/admin/settings/transcribing_allowed")
