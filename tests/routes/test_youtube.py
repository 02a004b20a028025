"""Publishing on YouTube, with a local server that speaks OAuth and the resumable protocol."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, update

from database import session, transaction
from lib.clock import iso, now
from models import Job, PendingRevocation, Publication, Recording, YouTubeAccount
from pipelines import workspaces
from scripts.youtube_server import CLIENT_ID, CLIENT_SECRET, YouTubeServer
from services.accounts import Caller
from services.library import hidden_formats
from services.publishing import channels, revocations
from services.publishing.channels import PublishingAccess
from services.publishing.chapters import Mark, chapter_lines, with_chapters
from tests import waiting
from tests.applications import run_with_settings
from tests.conftest import PASSWORD, User

CHAPTERS = [
    {"start_s": start, "title": title} for start, title in ((0, "Welcome"), (60, "Trees <b>"), (61, "Too short"), (300, "Questions"))
]


@pytest.fixture
def publishing(app: Flask, settings: Any, google: YouTubeServer) -> Iterator[Flask]:
    urls = {"google_token_url": f"{google.url}/token", "google_revoke_url": f"{google.url}/revoke", "youtube_api_url": google.url}
    client = {"google_client_id": CLIENT_ID, "google_client_secret": SecretStr(CLIENT_SECRET), "public_url": "https://lectern.example"}
    with run_with_settings(app, settings, **urls, **client, youtube_chunk_bytes=256 * 1024):
        yield app


@pytest.fixture
def channel(publishing: Flask, user: User, google: YouTubeServer) -> str:
    return connect(user, google)


@pytest.fixture
def recording(publishing: Flask, user: User, make_recording: Callable[..., str]) -> str:
    return make_recording(user)


@pytest.fixture
def make_recording(publishing: Flask) -> Callable[..., str]:
    """Store a recording without converting it. The bytes need not be a video: YouTube is imitated."""

    def make(user: User, content: bytes = bytes(range(256)) * 4500) -> str:
        with publishing.app_context(), transaction() as write_session:
            recording = Recording(
                user_id=user.id, title="Roots & <leaves>", filename="a.mp4", storage_key="", size_bytes=len(content), sha256=""
            )
            recording.duration_s, recording.media, recording.chapters = 600.0, {"video": {"codec": "h264"}}, CHAPTERS
            recording.tags, recording.description, recording.language = ["botany", "plant life"], "About trees.", "en"
            write_session.add(recording)
            write_session.flush()
            recording.storage_key = f"videos/{recording.id}/a.mp4"
            recording.subtitles_key = f"videos/{recording.id}/a.srt"
            facts = recording.id, recording.storage_key, recording.subtitles_key
        store, folder = publishing.extensions["lectern"].store, publishing.extensions["lectern"].settings.data_dir
        for key, data in ((facts[1], content), (facts[2], b"1\n00:00:00,000 --> 00:00:01,000\nTrees\n")):
            part = Path(folder) / "made.part"
            part.write_bytes(data)
            store.put(part, key, "application/octet-stream")
        return facts[0]

    return make


def connect(user: User, google: YouTubeServer) -> str:
    code, state = google.allow(user.get("/api/v1/youtube/oauth").json["url"])
    response = user.post("/api/v1/youtube/callback", json={"code": code, "state": state})
    assert response.status_code == 200, response.text
    assert response.json["channel"]["channel_title"] == "Ada's lectures"
    return str(response.json["channel"]["id"])


def wait_for(user: User, recording_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        publication = user.get(f"/api/v1/youtube/recordings/{recording_id}").json["publications"][0]
        if publication["state"] in ("succeeded", "failed", "cancelled"):
            return publication
        assert time.monotonic() < deadline, publication
        time.sleep(0.05)


def content_of(app: Flask, recording_id: str) -> bytes:
    with app.app_context():
        key = session().execute(select(Recording.storage_key).where(Recording.id == recording_id)).scalar_one()
    return b"".join(app.extensions["lectern"].store.read(key))


def test_a_recording_is_published_with_captions_and_chapters(
    publishing: Flask, user: User, channel: str, recording: str, google: YouTubeServer
) -> None:
    preview = user.post(f"/api/v1/youtube/recordings/{recording}/preview", json={"privacy": "unlisted"}).json
    assert (preview["title"], preview["privacy"], preview["has_captions"]) == ("Roots & (leaves)", "unlisted", True)
    assert preview["description"] == "About trees.\n\n0:00 Welcome\n1:00 Trees (b)\n5:00 Questions"
    picture = b"\xff\xd8 a picture"
    (part := Path(publishing.extensions["lectern"].settings.data_dir) / "made.part").write_bytes(picture)
    with publishing.app_context():
        publishing.extensions["lectern"].store.put(part, "pictures/1.jpg", "image/jpeg")
        facts = ("pictures/1.jpg", len(picture), hashlib.sha256(picture).hexdigest())
        with transaction() as write_session:
            hidden_formats.put(write_session, recording, hidden_formats.POSTER, *facts)
            write_session.get_one(Recording, recording).has_poster = True
    google.cut_after = [None, 300 * 1024 // 2, None, 10**9]  # the answer to the fourth part is lost
    response = user.post("/api/v1/youtube/upload", json={"video_id": recording, "privacyStatus": "unlisted"})
    assert response.status_code == 202, response.text
    upload = wait_for(user, recording)
    assert (upload["state"], upload["privacy"], upload["warnings"]) == ("succeeded", "unlisted", []), upload
    assert list(google.videos) == [upload["video_id"]]
    assert upload["url"].endswith(upload["video_id"])
    assert google.contents[upload["video_id"]] == content_of(publishing, recording)
    video = google.videos[upload["video_id"]]
    assert video["snippet"]["tags"] == ["botany", "plant life"]
    assert video["status"] == {"privacyStatus": "unlisted", "selfDeclaredMadeForKids": False}
    assert [(each[0], each[1]["language"]) for each in google.captions] == [(upload["video_id"], "en")]
    assert b"Trees" in google.captions[0][2]
    assert google.thumbnails == {upload["video_id"]: picture}


def test_scheduled_and_locked_videos_are_reported(
    publishing: Flask, user: User, channel: str, make_recording: Callable[..., str], google: YouTubeServer
) -> None:
    later = iso(now() + dt.timedelta(days=2))
    first, second = make_recording(user, b"a" * 1000), make_recording(user, b"b" * 1000)
    assert user.post("/api/v1/youtube/upload", json={"recording_id": first, "publish_at": later}).status_code == 202
    upload = wait_for(user, first)
    assert google.videos[upload["video_id"]]["status"]["publishAt"] == later
    assert upload["warnings"] == []
    assert (upload["publish_at"], upload["privacy"]) == (later, "private")
    google.locks_private = True
    assert user.post("/api/v1/youtube/upload", json={"recording_id": second, "privacy": "public"}).status_code == 202
    upload = wait_for(user, second)
    assert upload["state"] == "succeeded"
    assert "private instead of public" in upload["warnings"][0]
    past = user.post("/api/v1/youtube/upload", json={"recording_id": first, "publish_at": "2001-01-01T00:00:00Z"})
    assert past.status_code == 422


@pytest.mark.parametrize(
    ("reason", "code"), [("quotaExceeded", "youtube_quota_exceeded"), ("uploadLimitExceeded", "youtube_channel_limit")]
)
def test_limits_of_youtube_are_explained(
    reason: str, code: str, publishing: Flask, user: User, channel: str, recording: str, google: YouTubeServer
) -> None:
    with publishing.app_context(), transaction() as write_session:
        write_session.add(Job(user_id=user.id, recording_id=recording, pipeline="lecture_notes", state="succeeded"))
    google.refusal = (403, reason)
    job = user.post("/api/v1/youtube/upload", json={"recording_id": recording}).json
    upload = wait_for(user, recording)
    assert upload["state"] == "failed"
    assert user.get(f"/api/v1/jobs/{job['job_id']}").json["error"]["code"] == code
    assert user.get(f"/status/{recording}").json["status"] == "completed"  # as its conversion ended
    google.refusal = None
    assert user.post(f"/api/v1/jobs/{job['job_id']}/retry").status_code == 200
    assert wait_for(user, recording)["state"] == "succeeded"
    assert len(google.videos) == 1


def test_a_sign_in_that_has_ended_is_explained_and_can_be_renewed(
    publishing: Flask, user: User, channel: str, recording: str, google: YouTubeServer
) -> None:
    google.end_sign_ins()
    job = user.post("/api/v1/youtube/upload", json={"recording_id": recording}).json
    upload = wait_for(user, recording)
    assert upload["state"] == "failed", (upload, google.requests)
    assert "7 days" in upload["hint"]
    assert [each["is_active"] for each in user.get("/api/v1/youtube/accounts").json["channels"]] == [False]
    assert connect(user, google) == channel
    assert user.post(f"/api/v1/jobs/{job['job_id']}/retry").status_code == 200
    assert wait_for(user, recording)["state"] == "succeeded"


def test_a_sign_in_belongs_to_the_user_who_began_it(publishing: Flask, user: User, stranger: User, google: YouTubeServer) -> None:
    code, state = google.allow(user.get("/api/v1/youtube/oauth").json["url"])
    response = stranger.post("/api/v1/youtube/callback", json={"code": code, "state": state})
    assert (response.status_code, response.json["code"]) == (400, "youtube_sign_in_failed")
    assert user.get(f"/api/v1/youtube/callback?error=access_denied&state={state}").status_code == 400
    code, state = google.allow(user.get("/api/v1/youtube/oauth").json["url"])
    assert user.get(f"/api/v1/youtube/callback?code={code}&state={state}").status_code == 200
    assert user.post("/api/v1/youtube/callback", json={"code": code, "state": state}).status_code == 400
    with publishing.app_context():
        account = session().execute(select(YouTubeAccount)).scalar_one()
        assert not any(token in account.sealed_token for token in google.refresh_tokens)
    assert user.delete(f"/api/v1/youtube/accounts/{account.id}").status_code == 200
    assert google.refresh_tokens == set()
    assert user.get("/api/v1/youtube/accounts").json["channels"] == []


def test_browsers_return_to_the_page_whatever_google_answers(publishing: Flask, user: User, google: YouTubeServer) -> None:
    for answer in ("code=a%26b&state=c", "error=access_denied&state=c"):
        for headers in (user.headers, {}):  # a session may have expired meanwhile; the page renews it
            page = user.http.get(f"/api/v1/youtube/callback?{answer}&scope=x", headers={**headers, "Accept": "text/html,*/*;q=0.8"})
            expected = f"https://lectern.example/account?youtube=returned&{sorted_like(answer)}"
            assert (page.status_code, page.headers["Location"]) == (302, expected)
    assert user.http.get("/api/v1/youtube/callback?code=x&state=y").status_code == 401


def sorted_like(answer: str) -> str:
    """Return the parameters in the order of the redirect."""
    order = ("state", "code", "error")
    return "&".join(sorted(answer.split("&"), key=lambda each: order.index(each.partition("=")[0])))


def test_a_channel_whose_connection_has_ended_takes_no_more_uploads(
    publishing: Flask, user: User, channel: str, recording: str, google: YouTubeServer
) -> None:
    google.end_sign_ins()
    assert user.post("/api/v1/youtube/upload", json={"recording_id": recording}).status_code == 202
    assert wait_for(user, recording)["state"] == "failed"
    response = user.post("/api/v1/youtube/upload", json={"recording_id": recording})
    assert (response.status_code, response.json["code"]) == (409, "channel_disconnected")


def test_what_cannot_be_published_is_refused(publishing: Flask, user: User, stranger: User, channel: str, recording: str) -> None:
    assert stranger.post("/api/v1/youtube/upload", json={"recording_id": recording}).status_code == 404
    with publishing.app_context(), transaction() as write_session:
        write_session.execute(update(Recording).where(Recording.id == recording).values(media={"video": None}))
    response = user.post("/api/v1/youtube/upload", json={"recording_id": recording})
    assert (response.status_code, response.json["code"]) == (409, "no_video")


def test_a_server_without_an_oauth_client_says_so(app: Flask, user: User) -> None:
    assert user.get("/api/v1/youtube/oauth").json["code"] == "publishing_off"
    assert user.get("/api/v1/youtube/accounts").json == {"is_configured": False, "channels": []}


def test_chapters_meet_youtubes_rules() -> None:
    assert chapter_lines([Mark(0, "A"), Mark(5, "B"), Mark(30, "C")], 600) == []
    assert chapter_lines([Mark(3, "A"), Mark(30, "B"), Mark(3700, "C"), Mark(7195, "D")], 7200) == ["0:00 A", "0:30 B", "1:01:40 C"]
    marks = [Mark(20.0 * number, "x" * 100) for number in range(60)]
    assert with_chapters("Short", marks, 3000) == "Short"


def test_a_cancelled_upload_stops_after_its_part_and_goes_on_when_it_is_retried(
    publishing: Flask, user: User, channel: str, recording: str, google: YouTubeServer
) -> None:
    google.may_read.clear()
    job = user.post("/api/v1/youtube/upload", json={"recording_id": recording}).json["job_id"]
    waiting.wait_for(lambda: google.parts == 1)
    assert user.post(f"/api/v1/jobs/{job}/cancel").status_code == 200
    google.pause_s = 0.5  # a worker looks for a cancel request four times a second
    google.may_read.set()
    assert wait_for(user, recording)["state"] == "cancelled"
    google.pause_s = 0
    (upload,) = google.uploads.values()
    assert 0 < len(upload.content) < upload.size_bytes
    assert google.videos == {}
    assert user.post(f"/api/v1/jobs/{job}/retry").status_code < 300
    waiting.wait_for(lambda: google.videos)
    retry = wait_for(user, recording)
    assert (retry["state"], len(google.uploads), list(google.videos)) == ("succeeded", 1, [retry["video_id"]])
    assert google.contents[retry["video_id"]] == content_of(publishing, recording)


def test_the_folder_of_an_unfinished_upload_is_kept(publishing: Flask, user: User, recording: str) -> None:
    with publishing.app_context(), transaction() as write_session:
        row = Publication(user_id=user.id, recording_id=recording)
        write_session.add(row)
        write_session.flush()
        publication_id = row.id
    folder = publishing.extensions["lectern"].settings.data_dir / "work"
    for name in (publication_id, "unknown"):
        (folder / name).mkdir(parents=True)
        os.utime(folder / name, (time.time() - 3600,) * 2)
    with publishing.app_context():
        workspaces.delete_abandoned(folder)
        assert [path.name for path in folder.iterdir()] == [publication_id]
        with transaction() as write_session:
            write_session.execute(update(Publication).values(video_id="vid1"))
        workspaces.delete_abandoned(folder)
    assert list(folder.iterdir()) == []


def test_a_channel_that_is_disconnected_while_google_is_away_is_revoked_later(
    publishing: Flask, user: User, channel: str, google: YouTubeServer
) -> None:
    container = publishing.extensions["lectern"]
    container.shut_down(wait_s=0)
    account_id = user.get("/api/v1/youtube/accounts").json["channels"][0]["id"]
    settings = container.settings
    with publishing.app_context():
        own = Caller(user.id, user.email, "user", f"user:{user.id}")
        offline = PublishingAccess.from_settings(settings.model_copy(update={"google_revoke_url": "http://127.0.0.1:9/revoke"}))
        channels.disconnect(own, account_id, offline)
        assert user.get("/api/v1/youtube/accounts").json["channels"] == [] and google.refresh_tokens
        revocations.run_due(PublishingAccess.from_settings(settings))
        assert google.refresh_tokens  # it is not due yet
        with transaction() as write_session:
            write_session.execute(update(PendingRevocation).values(due_at=now()))
        revocations.run_due(PublishingAccess.from_settings(settings))
        assert not google.refresh_tokens and session().execute(select(PendingRevocation)).first() is None


def test_deleting_an_account_revokes_its_access(publishing: Flask, user: User, channel: str, google: YouTubeServer) -> None:
    container = publishing.extensions["lectern"]
    container.shut_down(wait_s=0)
    assert google.refresh_tokens
    assert user.delete("/api/v1/users/me", json={"password": PASSWORD}).status_code == 200
    offline = container.settings.model_copy(update={"google_revoke_url": "http://127.0.0.1:9/revoke"})
    with publishing.app_context():
        revocations.run_due(PublishingAccess.from_settings(offline))
        assert google.refresh_tokens and session().execute(select(PendingRevocation.attempts)).scalar_one() == 1
        with transaction() as write_session:
            write_session.execute(update(PendingRevocation).values(due_at=now()))
        revocations.run_due(PublishingAccess.from_settings(container.settings))
        assert not google.refresh_tokens and session().execute(select(PendingRevocation)).first() is None
