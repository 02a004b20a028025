"""Links that open a recording without an account, the page that embeds it, and hidden recordings."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import ValidationError

from config import Settings
from database import transaction
from lib.clock import now
from models import Artifact, Recording, ShareLink
from tests.conftest import User

PASSWORD = "blue kettle"


@pytest.fixture
def recording(app: Flask, user: User, tmp_path: Path) -> str:
    """A private recording with a file and a document."""
    components = app.extensions["lectern"]
    for key, content in (("videos/talk.mp4", b"moving pictures"), ("pdfs/talk.pdf", b"%PDF-1.7")):
        file = tmp_path / "object"
        file.write_bytes(content)
        components.store.put(file, key, "application/octet-stream")
    with app.app_context(), transaction() as session:
        facts = {"filename": "talk.mp4", "storage_key": "videos/talk.mp4", "size_bytes": 15, "sha256": "0" * 64, "duration_s": 9.0}
        row = Recording(user_id=user.id, title="A private talk", media={"video": {}}, **facts)
        session.add(row)
        session.flush()
        digest = hashlib.sha256(b"%PDF-1.7").hexdigest()
        document = {"format": "pdf", "filename": "A private talk.pdf", "content_type": "application/pdf", "size_bytes": 8, "sha256": digest}
        session.add(Artifact(recording_id=row.id, job_id="x", storage_key="pdfs/talk.pdf", **document))
        return row.id


def path_of(url: str) -> str:
    return url.removeprefix("http://localhost")


def open_link(user: User, link: Any, *, address: str = "192.0.2.1", **body: str) -> Any:
    return user.http.post(path_of(link["url"]), json=body, environ_overrides={"REMOTE_ADDR": address})


def test_a_link_opens_a_private_recording_until_it_is_revoked(app: Flask, user: User, stranger: User, recording: str) -> None:
    links = f"/api/v1/recordings/{recording}/links"
    assert stranger.post(links, json={}).status_code == stranger.get(links).status_code == 404
    link = user.post(links, json={"label": "For\u202e Bob"}).json
    assert (link["label"], link["has_password"], link["expires_at"]) == ("For Bob", False, None)
    shared_video = open_link(user, link).json
    assert shared_video["recording"]["title"] == "A private talk"
    original, [document] = path_of(shared_video["playback"]["original"]), shared_video["documents"]
    assert user.http.get(original, headers={"Range": "bytes=0-5"}).data == b"moving"
    response = user.http.get(path_of(document["url"]))
    assert response.data == b"%PDF-1.7" and "attachment" in response.headers["Content-Disposition"]
    assert user.http.get(path_of(document["url"]).replace("document.pdf", "document.docx")).status_code == 404
    own = path_of(user.get(f"/api/v1/videos/{recording}/playback").json["original"])
    assert user.http.get(own.replace("original", "document.pdf")).status_code == 404, "documents belong to links only"
    assert [each["id"] for each in user.get(links).json["links"]] == [link["id"]]
    assert stranger.delete(f"{links}/{link['id']}").status_code == 404
    assert user.delete(f"{links}/{link['id']}").status_code == 200
    for url in (original, path_of(document["url"])):
        assert user.http.get(url).status_code == 404
    assert open_link(user, link).status_code == user.delete(f"{links}/{link['id']}").status_code == 404


def test_links_expire_and_follow_the_recording(app: Flask, user: User, admin: User, recording: str) -> None:
    links = f"/api/v1/recordings/{recording}/links"
    link = user.post(links, json={"expires_at": (now() + dt.timedelta(hours=1)).isoformat()}).json
    original = path_of(open_link(user, link).json["playback"]["original"])
    admin_path = f"/api/v1/admin/videos/{recording}"
    assert admin.post(f"{admin_path}/hide").status_code == 200
    assert open_link(user, link).status_code == user.http.get(original).status_code == 404
    assert admin.post(f"{admin_path}/unhide").status_code == 200
    assert user.http.get(original).status_code == 200
    user.delete(f"/api/v1/recordings/{recording}")
    assert open_link(user, link).status_code == user.http.get(original).status_code == 404
    user.post(f"/api/v1/recordings/{recording}/restore")
    assert user.http.get(original).status_code == 200
    with app.app_context(), transaction() as session:
        session.get_one(ShareLink, link["id"]).expires_at = now()
    assert open_link(user, link).status_code == user.http.get(original).status_code == 404
    for wrong in ({"expires_at": "2020-01-01T00:00:00Z"}, {"expires_at": "2999-01-01T00:00:00"}, {"password": "x" * 201}):
        assert user.post(links, json=wrong).status_code == 422


def test_passwords_are_required_and_not_guessed(user: User, recording: str, monkeypatch: pytest.MonkeyPatch) -> None:
    link = user.post(f"/api/v1/recordings/{recording}/links", json={"password": PASSWORD}).json
    assert link["has_password"] and PASSWORD not in str(link)
    assert open_link(user, link).json["code"] == "password_required"
    assert open_link(user, link, password="red kettle").json["code"] == "wrong_password"
    assert open_link(user, link, password=PASSWORD).json["recording"]["id"] == recording

    def guess(address: str) -> str:
        return str(open_link(user, link, address=address, password="a guess").json["code"])

    assert [guess(f"2001:db8::{number}") for number in range(1, 12)] == ["wrong_password"] * 10 + ["too_many_attempts"]
    assert open_link(user, link, address="2001:db8::1", password=PASSWORD).status_code == 429
    for elsewhere in ("2001:db8:0:1::1", "192.0.2.1"):
        assert open_link(user, link, address=elsewhere, password=PASSWORD).status_code == 200, "guesses lock their own network only"
    monkeypatch.setattr("services.sharing.links._LINK_FACTOR", 3)
    assert [guess(f"198.51.100.{number}") for number in range(1, 6)] == ["wrong_password"] * 4 + ["too_many_attempts"]
    other = user.post(f"/api/v1/recordings/{recording}/links", json={"password": PASSWORD}).json
    assert open_link(user, other, password=PASSWORD).status_code == 200


def test_the_player_page_is_embedded_where_the_operator_allows_it(app: Flask, user: User, recording: str) -> None:
    link = user.post(f"/api/v1/recordings/{recording}/links", json={}).json
    page = user.http.get(path_of(link["embed_url"]))
    assert page.status_code == 200 and b"/web/embed.js" in page.data
    assert page.headers["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    app.extensions["lectern"].settings.embed_origins = ("https://moodle.example.org",)
    page = user.http.get(path_of(link["embed_url"]))
    assert "X-Frame-Options" not in page.headers
    assert "frame-ancestors https://moodle.example.org" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in user.http.get("/", headers={"Accept": "text/html"}).headers["Content-Security-Policy"]
    with pytest.raises(ValidationError, match="is not an origin"):
        Settings(_env_file=None, embed_origins="https://a.example; script-src *")


def test_hidden_recordings_are_for_their_owner(user: User, stranger: User, admin: User, recording: str) -> None:
    user.http.patch(f"/api/v1/recordings/{recording}", json={"visibility": "PUBLIC"}, headers=user.headers)
    video_path = f"/api/v1/videos/{recording}"
    assert stranger.get(video_path).status_code == 200
    assert admin.post(f"/admin/videos/{recording}/hide").status_code == 200
    assert stranger.get(video_path).status_code == 404
    assert stranger.get("/api/v1/videos").json["total"] == stranger.get("/api/v1/search?q=private").json["total"] == 0
    assert user.get(video_path).status_code == 200
    assert user.get(f"/api/v1/recordings/{recording}").json["hidden_at"]
    assert user.post(f"/admin/videos/{recording}/unhide").status_code == 403
    admin.post(f"/admin/videos/{recording}/unhide")
    assert stranger.get("/api/v1/search?q=private").json["total"] == 1


def test_what_a_suspended_user_shares_is_not_shown(app: Flask, user: User, stranger: User, admin: User, recording: str) -> None:
    user.http.patch(f"/api/v1/recordings/{recording}", json={"visibility": "PUBLIC"}, headers=user.headers)
    course = user.post("/api/v1/courses", json={"title": "Talks", "visibility": "PUBLIC"}).json["id"]
    user.http.put(f"/api/v1/courses/{course}/recordings", json={"recording_ids": [recording]}, headers=user.headers)
    own = stranger.post("/api/v1/courses", json={"title": "Found talks"}).json["id"]
    stranger.http.put(f"/api/v1/courses/{own}/recordings", json={"recording_ids": [recording]}, headers=stranger.headers)
    link = user.post(f"/api/v1/recordings/{recording}/links", json={}).json
    by_link = path_of(open_link(user, link).json["playback"]["original"])
    file_path = path_of(stranger.get(f"/api/v1/videos/{recording}/playback").json["original"])

    def list_responses() -> list[object]:
        statuses = [open_link(user, link).status_code, *(user.http.get(path).status_code for path in (by_link, file_path))]
        statuses += [stranger.get(f"/api/v1/videos/{recording}").status_code, stranger.get(f"/api/v1/courses/{course}").status_code]
        lists = ("/api/v1/videos", "/api/v1/search?q=private", "/api/v1/courses?scope=public")
        return [
            *statuses,
            *(stranger.get(path).json["total"] for path in lists),
            len(stranger.get(f"/api/v1/courses/{own}").json["entries"]),
        ]

    assert list_responses() == [200, 200, 200, 200, 200, 1, 1, 1, 1]
    assert admin.post(f"/api/v1/admin/users/{user.id}/suspend").status_code == 200
    assert list_responses() == [404, 404, 404, 404, 404, 0, 0, 0, 0]
    assert admin.get(f"/api/v1/videos/{recording}").status_code == 200
    assert admin.post(f"/api/v1/admin/users/{user.id}/unsuspend").status_code == 200
    assert list_responses() == [200, 200, 200, 200, 200, 1, 1, 1, 1]
