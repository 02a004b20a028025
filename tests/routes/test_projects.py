"""Projects: content, members, assets, archive and export; the flow to a video is in test_film.py."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from database import in_transaction, session, transaction
from lib.clock import now
from lib.paging import count_rows
from models import Delivery, Job, Project, Recording, UploadedFile
from models import User as UserRow
from services.email.port import Message
from services.jobs.queue import Claim
from services.lessons import lesson_jobs
from services.lessons.errors import RecordingMissing
from services.library import lecture_jobs
from services.outbox.mail_sender import MailSender
from services.outbox.port import DeliveryAttempt
from services.projects import narration
from services.projects.invitation_email import InvitationEmailChannel
from tests.conftest import SAMPLES, User, list_stored_keys
from tests.statements import record_statements

pytestmark = pytest.mark.usefixtures("paused_queue")

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf"
    b"\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)
CLIENT_PROJECT = {
    "title": "Leaves",
    "script": "Leaves make sugar. They need light.\n\nWithout them there is no life on land.",
    "settings": {"duration": "30", "style": "cinematic", "mood": "dramatic", "resolution": "720p"},
    "metadata": {"youtubeReference": "https://youtu.be/x"},
}


def put(user: User, path: str, **body: Any) -> Any:
    return user.http.put(path, json=body, headers=user.headers)


def create(user: User, **body: Any) -> dict[str, Any]:
    response = user.post("/api/v1/projects", json=body or CLIENT_PROJECT)
    assert response.status_code == 201, response.text
    project: dict[str, Any] = response.json
    return project


def add_member(owner: User, project_id: str, member: User, role: str) -> None:
    response = owner.post(f"/api/v1/projects/{project_id}/members", json={"email": member.email, "role": role})
    assert response.status_code == 201, response.text
    if any(each["is_invited"] for each in response.json["members"] if each["user_id"] == member.id):
        assert member.post(f"/api/v1/projects/{project_id}/invitation/accept").status_code == 200


def upload(user: User, content: bytes, name: str, **form: str) -> Any:
    data = {"file": (io.BytesIO(content), name), **form}
    return user.post("/api/v1/upload", data=data, content_type="multipart/form-data")


def test_both_spellings_are_taken_and_shown(user: User, stranger: User) -> None:
    client = create(user)
    assert (client["name"], client["title"], client["status"]) == ("Leaves", "Leaves", "draft")
    assert {name: client[name] for name in CLIENT_PROJECT} == CLIENT_PROJECT
    assert client["createdAt"] == client["created_at"] and client["videoUrl"] is client["thumbnailUrl"] is client["completedAt"] is None
    readme = create(user, name="Roots", description="Below\u202e ground")
    assert (readme["title"], readme["description"], readme["script"], readme["script_id"]) == ("Roots", "Below ground", "", None)
    response = user.get("/api/v1/projects")
    assert [each["title"] for each in response.json] == ["Roots", "Leaves"] and response.headers["X-Total-Count"] == "2"
    assert user.get(f"/api/v1/projects/{client['id']}").json == client
    assert response.json[1] == {name: value for name, value in client.items() if name != "glossary"}
    assert stranger.get("/api/v1/projects").json == []
    assert stranger.get(f"/api/v1/projects/{client['id']}").status_code == 404
    again = put(user, f"/api/v1/projects/{client['id']}", **{**client, "title": "Ignored", "name": "Green"}).json
    assert (again["title"], again["script"]) == ("Green", client["script"])
    assert user.delete(f"/api/v1/projects/{client['id']}").json["message"] == "Deleted."
    assert user.get(f"/api/v1/projects/{client['id']}").status_code == 404


def test_wrong_projects_are_refused(user: User) -> None:
    for body in (
        {},
        {"title": " "},
        {"title": "a" * 501},
        {"title": "a", "settings": []},
        {"title": "a", "metadata": {"x": "y" * 20_001}},
        {"title": "a", "defaults": {"theme": "nowhere"}},
        {"title": "a", "defaults": {"unknown": 1}},
        {"title": "a", "script": {"title": "x", "scenes": []}},
        {"title": "a", "glossary": [{"term": ""}]},
        {"title": "a", "glossary": [{"term": f"{number}", "misheard": ["x" * 120] * 20} for number in range(100)]},
    ):
        assert user.post("/api/v1/projects", json=body).status_code == 422, body
    project = create(user)
    path = f"/api/v1/projects/{project['id']}"
    for value in ("NaN", "-Infinity", "1e999", "[" * 60 + "]" * 60):
        for method, address, field in (("PUT", path, "settings"), ("PUT", path, "metadata"), ("POST", f"{path}/assets", "metadata")):
            source_field = f'"script_id": "{project["script_id"]}"' if method == "POST" else '"x": 1'
            body = f'{{{source_field}, "{field}": {{"a": {value}}}}}'
            response = user.http.open(address, method=method, data=body, headers=user.headers, content_type="application/json")
            assert (response.status_code, response.json["code"]) == (400, "malformed_json"), body
    assert put(user, path, title="").status_code == 422
    assert user.get(path).json["settings"] == project["settings"]
    assert user.get("/api/v1/projects?status=unknown").status_code == 422


def test_a_script_has_versions_and_follows_edits(user: User) -> None:
    project = create(user)
    path, script = f"/api/v1/projects/{project['id']}", f"/api/v1/scripts/{project['script_id']}"
    script_body = user.get(script).json
    narrations = [scene["narration"] for scene in script_body["script"]["scenes"]]
    assert narrations == ["", "Leaves make sugar. They need light.", "Without them there is no life on land."]
    assert script_body["version"] == 1 and put(user, path, script=CLIENT_PROJECT["script"]).status_code == 200
    assert user.get(script).json["version"] == 1  # the same text
    assert put(user, path, script="Leaves fall.").json["script"] == "Leaves fall."
    assert user.get(script).json["version"] == 2
    scene = script_body["script"]["scenes"][1] | {"id": "s2", "narration": "Leaves fall in autumn."}
    assert put(user, f"{script}/scenes/s2", scene=scene).status_code == 200
    assert user.get(path).json["script"] == "Leaves fall in autumn."
    other = create(user, name="Same script")
    user.post(f"/api/v1/projects/{other['id']}/assets", json={"script_id": project["script_id"], "is_main": True})
    assert [user.get(f"/api/v1/projects/{each['id']}").json["script"] for each in (other, project)] == ["Leaves fall in autumn."] * 2
    scenes = {"title": "Own", "scenes": [{"id": "a", "narration": "One.", "content": {"kind": "title", "heading": "One"}}]}
    assert put(user, path, script=scenes).json["script"] == "One."


def test_texts_are_divided_outside_transactions(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    divide, locks = narration.divide, []

    def record_lock(text: str, language: str = "") -> narration.SpokenText:
        locks.append(in_transaction())
        return divide(text, language)

    monkeypatch.setattr(narration, "divide", record_lock)
    project_id = user.post("/api/v1/projects", json={"title": "Leaves", "script": "Leaves make sugar."}).json["id"]
    assert put(user, f"/api/v1/projects/{project_id}", title="Light", script="They need light.").status_code == 200
    job = {"type": "voice_synthesis", "parameters": {"text": "Leaves make sugar."}}
    assert user.post("/api/v1/jobs", json=job).status_code in (200, 201, 202)
    assert locks == [False] * 3


def test_roles_allow_what_they_say(user: User, stranger: User, admin: User) -> None:
    project = create(user)
    path = f"/api/v1/projects/{project['id']}"
    assert user.post(f"{path}/members", json={"email": "nobody@example.org"}).status_code == 404
    assert user.post(f"{path}/members", json={"email": user.email}).status_code == 409
    add_member(user, project["id"], stranger, "viewer")
    assert stranger.get(path).json["role"] == "viewer" and [each["role"] for each in stranger.get("/api/v1/projects").json] == ["viewer"]
    assert stranger.get("/api/v1/projects?scope=own").json == [] and len(stranger.get("/api/v1/projects?scope=shared").json) == 1
    assert stranger.get(f"/api/v1/scripts/{project['script_id']}").status_code == 200
    response = put(stranger, path, title="Mine")
    assert (response.status_code, response.json["code"]) == (403, "project_role_too_low")
    assert put(stranger, f"/api/v1/scripts/{project['script_id']}", script={"title": "x", "scenes": []}).status_code == 422
    assert stranger.post(f"{path}/render", json={}).status_code == 403
    assert admin.get(path).status_code == 200 and put(admin, path, title="Mine").status_code == 403
    add_member(user, project["id"], stranger, "editor")
    assert put(stranger, path, title="Ours", script="We write.").json["title"] == "Ours"
    for forbidden in (stranger.delete(path), stranger.post(f"{path}/archive"), stranger.post(f"{path}/members", json={"email": "a@b.c"})):
        assert forbidden.status_code == 403
    assert stranger.delete(f"/api/v1/scripts/{project['script_id']}").status_code == 403
    assert stranger.post(f"/api/v1/scripts/{project['script_id']}/render", json={}).json["code"] == "render_in_project"
    members = user.get(f"{path}/members").json["members"]
    assert [(each["email"], each["role"], each["is_payer"]) for each in members] == [
        (user.email, "owner", True),
        (stranger.email, "editor", False),
    ]
    add_member(user, project["id"], stranger, "viewer")
    assert [each["email"] for each in stranger.get(f"{path}/members").json["members"]] == ["", stranger.email]
    assert stranger.delete(f"{path}/members/{user.id}").status_code == 403 and user.delete(f"{path}/members/{user.id}").status_code == 409
    assert stranger.delete(f"{path}/members/{stranger.id}").status_code == 200
    assert stranger.get(path).status_code == stranger.get(f"/api/v1/scripts/{project['script_id']}").status_code == 404
    assert user.delete(f"{path}/members/{stranger.id}").status_code == 404


@dataclass(frozen=True)
class Outgoing:
    """A mailer that stores what it sends."""

    messages: list[Message]
    name: str = "list"

    def send(self, message: Message) -> None:
        self.messages.append(message)


def test_nobody_is_a_member_without_consent(app: Flask, user: User, stranger: User, admin: User) -> None:
    project = create(user)
    path = f"/api/v1/projects/{project['id']}"

    def invite(role: str) -> list[tuple[str, str, bool]]:
        members = user.post(f"{path}/members", json={"email": stranger.email, "role": role}).json["members"]
        return [(each["email"], each["role"], each["is_invited"]) for each in members]

    def emails() -> int:
        with app.app_context():
            return count_rows(Delivery, Delivery.channel == "invitation_mail", Delivery.user_id == stranger.id)

    assert invite("viewer")[1:] == invite("viewer")[1:] == [(stranger.email, "viewer", True)]
    assert invite("editor")[1:] == [(stranger.email, "editor", True)] and emails() == 1
    for response in (stranger.get(path), stranger.get(f"/api/v1/scripts/{project['script_id']}"), admin.post(f"{path}/invitation/accept")):
        assert response.status_code == 404
    assert stranger.get("/api/v1/projects").json == []
    notices = stranger.get("/api/v1/notices").json["notices"]
    assert [(each["kind"], each["project_id"], each["title"]) for each in notices] == [("project_invitation", project["id"], "Leaves")]
    (invitation,) = stranger.get("/api/v1/projects/invitations").json["invitations"]
    assert (invitation["project_name"], invitation["owner_name"], invitation["role"]) == ("Leaves", "Ada Lovelace", "editor")
    outbox: list[Message] = []
    channel = InvitationEmailChannel(MailSender(lambda: Outgoing(outbox), 1.0), lambda: False, lambda: "https://lectern.example.org")
    delivery = DeliveryAttempt("d", 1, "project.invitation", stranger.id, None, None, project["id"])
    with app.app_context():
        assert channel.attempt(delivery).is_delivered
    assert outbox[0].to == stranger.email and "Ada Lovelace invites you" in outbox[0].text
    assert "https://lectern.example.org/projects" in outbox[0].text and "as an editor" in outbox[0].text
    suspend(app, user)
    with app.app_context():
        assert channel.attempt(delivery).is_final and len(outbox) == 1
    assert stranger.get("/api/v1/projects/invitations").json["invitations"] == []
    assert stranger.post(f"{path}/invitation/accept").status_code == 404
    suspend(app, user, "active")
    assert stranger.post(f"{path}/invitation/decline").json["message"] == "Declined."
    assert stranger.post(f"{path}/invitation/accept").status_code == 404 and stranger.get("/api/v1/notices").json["total"] == 0
    invite("editor")
    assert user.delete(f"{path}/members/{stranger.id}").status_code == 200
    assert stranger.post(f"{path}/invitation/accept").status_code == 404
    invite("editor")
    acceptance = stranger.post(f"{path}/invitation/accept")
    assert (acceptance.json["role"], acceptance.json["id"]) == ("editor", project["id"])
    assert put(stranger, path, title="Ours").status_code == 200
    assert stranger.get("/api/v1/projects/invitations").json["invitations"] == [] and stranger.get("/api/v1/notices").json["total"] == 0
    assert invite("viewer")[1:] == [(stranger.email, "viewer", False)] and put(stranger, path, title="Mine").status_code == 403
    with zipfile.ZipFile(io.BytesIO(stranger.get("/api/v1/users/me/export").data)) as archive:
        assert json.loads(archive.read("invitations.json")) == [] and len(json.loads(archive.read("memberships.json"))) == 1


def test_nobody_makes_another_user_pay(user: User, stranger: User) -> None:
    path = f"/api/v1/projects/{create(user)['id']}"
    add_member(user, path.rpartition("/")[2], stranger, "viewer")
    assert stranger.http.put(f"{path}/payer", headers=stranger.headers).status_code == 403
    add_member(user, path.rpartition("/")[2], stranger, "editor")
    assert stranger.http.put(f"{path}/payer", headers=stranger.headers).status_code == 200
    assert user.get(path).json["payer_id"] == stranger.id
    assert user.delete(f"{path}/payer").status_code == 200 and user.get(path).json["payer_id"] == user.id
    stranger.http.put(f"{path}/payer", headers=stranger.headers)
    user.delete(f"{path}/members/{stranger.id}")
    assert user.get(path).json["payer_id"] == user.id


def test_assets_open_to_members(app: Flask, user: User, stranger: User, add_recording: Callable[..., str]) -> None:
    project = create(user)
    path = f"/api/v1/projects/{project['id']}"
    own, others = add_recording(user, "Own"), add_recording(stranger, "Others")
    assert user.post(f"{path}/assets", json={"recording_id": others}).status_code == 404
    assert stranger.get(f"/api/v1/videos/{own}").status_code == 404
    response = user.post(f"{path}/assets", json={"recording_id": own, "metadata": {"scene": 1}})
    assert response.status_code == 201 and (response.json["type"], response.json["title"], response.json["metadata"]) == (
        "recording",
        "Own",
        {"scene": 1},
    )
    assert user.post(f"{path}/assets", json={"recording_id": own}).json["id"] == response.json["id"]
    terms = [{"term": "Chlorophyll", "misheard": ["color fill"]}]
    assert put(user, path, glossary=terms).status_code == 200
    user.post("/api/v1/glossary", json={"term": "Xylem", "misheard": []})
    with app.app_context():  # proofreading knows the owner's terms and those of the project
        glossary = lecture_jobs.glossary_of(session().get_one(Recording, own))
        assert glossary == [{"term": "Xylem", "misheard": []}, *terms]
    picture = upload(user, PNG, "leaf.png", folder="pictures").json
    assert (picture["type"], picture["filename"], picture["folder"]) == ("image", "leaf.png", "pictures")
    assert user.http.get(picture["url"].removeprefix("http://localhost")).data == PNG
    assert user.post(f"{path}/assets", json={"file_id": picture["file_id"]}).status_code == 201
    add_member(user, project["id"], stranger, "viewer")
    assert stranger.get(f"/api/v1/videos/{own}").status_code == 200
    assert stranger.get(f"/api/v1/videos/{own}/playback").status_code == 200
    assert stranger.get(f"/api/v1/files/{picture['file_id']}").status_code == 200
    assert stranger.delete(f"/api/v1/files/{picture['file_id']}").status_code == 404
    assets = stranger.get(f"{path}/assets").json["assets"]
    assert [(each["type"], each["is_main"]) for each in assets] == [("script", True), ("recording", False), ("image", False)]
    assert stranger.delete(f"{path}/assets/{assets[1]['id']}").status_code == 403
    assert user.delete(f"{path}/assets/{assets[1]['id']}").status_code == 200
    assert stranger.get(f"/api/v1/videos/{own}").status_code == 404 and user.get(f"/api/v1/videos/{own}").status_code == 200
    assert user.delete(f"/api/v1/files/{picture['file_id']}").status_code == 200
    assert [each["type"] for each in user.get(f"{path}/assets").json["assets"]] == ["script"]
    assert not [key for key in list_stored_keys(app) if key.startswith("files/")]
    for wrong in ({}, {"recording_id": own, "file_id": "x"}, {"recording_id": own, "is_main": True}):
        assert user.post(f"{path}/assets", json=wrong).status_code == 422


def test_hidden_and_trashed_recordings_are_not_shared(app: Flask, user: User, stranger: User, add_recording: Callable[..., str]) -> None:
    project = create(user)
    own = add_recording(user, "Own")
    user.post(f"/api/v1/projects/{project['id']}/assets", json={"recording_id": own})
    add_member(user, project["id"], stranger, "viewer")
    assert stranger.get(f"/api/v1/videos/{own}").status_code == 200
    assert stranger.get(f"/api/v1/recordings/{own}").status_code == 404  # what owners see
    with app.app_context(), transaction() as session:
        session.get_one(Recording, own).hidden_at = now()
    assert stranger.get(f"/api/v1/videos/{own}").status_code == 404
    user.delete(f"/api/v1/recordings/{own}")
    assert [each["type"] for each in stranger.get(f"/api/v1/projects/{project['id']}/assets").json["assets"]] == ["script"]


def test_a_script_of_a_member_is_copied(user: User, stranger: User) -> None:
    project = create(user, name="Empty")
    path = f"/api/v1/projects/{project['id']}"
    add_member(user, project["id"], stranger, "editor")
    scenes = {"title": "Written elsewhere", "scenes": [{"id": "a", "narration": "One.", "content": {"kind": "title", "heading": "One"}}]}
    theirs = stranger.post("/api/v1/scripts", json={"script": scenes}).json["scripts"][0]["id"]
    assert user.post(f"{path}/assets", json={"script_id": theirs}).status_code == 404
    asset = stranger.post(f"{path}/assets", json={"script_id": theirs, "is_main": True}).json
    assert asset["is_main"] and asset["script_id"] != theirs
    assert user.get(f"/api/v1/scripts/{asset['script_id']}").json["title"] == "Written elsewhere"
    assert user.get(path).json["script"] == "One."
    assert user.get(f"/api/v1/scripts/{theirs}").status_code == 404


def test_archived_projects_do_not_change(user: User) -> None:
    project = create(user)
    path = f"/api/v1/projects/{project['id']}"
    assert user.post(f"{path}/archive").json["archived_at"]
    assert user.get("/api/v1/projects").json == [] and len(user.get("/api/v1/projects?archived=true").json) == 1
    response = put(user, path, title="New")
    assert (response.status_code, response.json["code"]) == (409, "project_archived")
    assert user.post(f"{path}/restore").json["archived_at"] is None and put(user, path, title="New").status_code == 200


def test_the_export_has_a_manifest_and_all_files(user: User, stranger: User) -> None:
    project = create(user)
    path = f"/api/v1/projects/{project['id']}"
    picture = upload(user, PNG, "leaf.png").json
    user.post(f"{path}/assets", json={"file_id": picture["file_id"]})
    sound = upload(user, (SAMPLES / "tiny.m4a").read_bytes(), "tiny.m4a", formats="txt").json
    assert sound["type"] == "recording" and sound["job_id"]
    user.post(f"{path}/assets", json={"recording_id": sound["recording_id"]})
    assert stranger.get(f"{path}/export").status_code == 404
    assert user.post(f"{path}/members", json={"email": stranger.email, "role": "viewer"}).status_code == 201
    response = user.get(f"{path}/export")
    assert response.mimetype == "application/zip" and response.headers["Content-Disposition"].endswith("Leaves.zip")
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        files = [file["path"] for asset in manifest["assets"] for file in asset["files"]]
        assert sorted(archive.namelist()) == sorted([*files, "manifest.json"]) and len(files) == 3
        assert archive.read(f"files/{picture['file_id']}/leaf.png") == PNG
        for file in (each for asset in manifest["assets"] for each in asset["files"]):
            content = archive.read(file["path"])
            assert (file["size_bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest()), file
        assert archive.read(f"recordings/{sound['recording_id']}/tiny.m4a") == (SAMPLES / "tiny.m4a").read_bytes()
    assert manifest["project"]["name"] == "Leaves"
    assert [(each["role"], each["is_invited"]) for each in manifest["members"]] == [("owner", False), ("viewer", True)]


def test_an_account_takes_its_projects_and_files_along(app: Flask, user: User, stranger: User) -> None:
    from services.accounts import deletion

    project = create(user)
    upload(user, PNG, "leaf.png")
    add_member(user, project["id"], stranger, "viewer")
    with zipfile.ZipFile(io.BytesIO(user.get("/api/v1/users/me/export").data)) as archive:
        assert [each["name"] for each in json.loads(archive.read("projects.json"))] == ["Leaves"]
        assert len(json.loads(archive.read("files.json"))) == 1
    with app.app_context():
        deletion.delete_user(user.id, app.extensions["lectern"].store)
        with transaction() as session:
            assert session.query(Project).count() == session.query(UploadedFile).count() == 0
    assert not [key for key in list_stored_keys(app) if key.startswith("files/")]
    assert stranger.get("/api/v1/projects").json == []


def test_pictures_count_towards_the_quota(app: Flask, user: User) -> None:
    app.extensions["lectern"].settings.user_quota_bytes = len(PNG) + 10
    assert upload(user, PNG, "leaf.png").status_code == 200
    response = upload(user, PNG, "leaf.png")
    assert (response.status_code, response.json["code"]) == (413, "quota_exceeded")
    assert upload(user, b"", "empty.txt").status_code == 400
    response = upload(user, b"PK\x03\x04rest", "program.jar")
    assert (response.status_code, response.json["code"]) == (415, "not_media") and "picture" in response.json["hint"]
    assert user.post("/api/v1/upload", json={}).status_code == 400


def test_pictures_count_towards_the_uploads_of_a_day_and_have_a_limit(app: Flask, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.extensions["lectern"].settings
    settings.user_uploads_per_day = 2
    assert [upload(user, PNG, "leaf.png").status_code for _ in range(3)] == [200, 200, 429]
    settings.user_uploads_per_day = 500
    monkeypatch.setattr("services.files.files.MAX_FILES_PER_USER", 2)
    response = upload(user, PNG, "leaf.png")
    assert (response.status_code, response.json["code"]) == (409, "too_many_files")
    assert len([key for key in list_stored_keys(app) if key.startswith("files/")]) == 2
    settings.transcribing_allowed = False
    assert upload(user, PNG, "leaf.png").json["code"] == "intake_paused"


def test_lists_need_as_many_statements_for_one_as_for_many(app: Flask, user: User) -> None:
    counts = []
    for number in (1, 7):
        for each in range(number):
            project = create(user, **{**CLIENT_PROJECT, "title": f"Project {number}-{each}"})
            script = user.get(f"/api/v1/scripts/{project['script_id']}").json["script"]
            script["scenes"][1]["narration"] = f"Edited {each}."
            put(user, f"/api/v1/scripts/{project['script_id']}", script=script)
            assert user.post(f"/api/v1/projects/{project['id']}/render", json={}).status_code == 201
        with app.app_context(), record_statements() as statements:
            assert len(user.get("/api/v1/projects").json) >= number
        counts.append(sum(statement.startswith("SELECT") for statement, _ in statements))
    assert counts[0] == counts[1]


def test_statuses_can_be_filtered(app: Flask, user: User, add_recording: Callable[..., str]) -> None:
    ids = {name: create(user, name=name)["id"] for name in ("draft", "processing", "completed", "failed", "broken")}
    with app.app_context(), transaction() as session:
        for name, state in (("processing", "running"), ("failed", "failed"), ("completed", "succeeded"), ("broken", "cancelled")):
            job = Job(user_id=user.id, project_id=ids[name], pipeline="lesson", state=state, error_code="x" if state == "failed" else None)
            session.add(job)
            session.flush()
            session.get_one(Project, ids[name]).job_id = job.id
    video = add_recording(user, "Video")
    with app.app_context(), transaction() as session:
        session.get_one(Project, ids["completed"]).recording_id = video
    for status, names in {
        "draft": {"draft", "broken"},
        "processing": {"processing"},
        "completed": {"completed"},
        "failed": {"failed"},
    }.items():
        projects = user.get(f"/api/v1/projects?status={status}").json
        assert {each["name"] for each in projects} == names and {each["status"] for each in projects} == {status}
    assert user.delete(f"/api/v1/projects/{ids['processing']}").json["code"] == "project_processing"
    user.delete(f"/api/v1/recordings/{video}")
    assert user.get(f"/api/v1/projects/{ids['completed']}").json["status"] == "draft"


def scenes_with(*contents: dict[str, Any], **narrations: str) -> dict[str, Any]:
    scenes = [{"id": f"s{number}", "narration": "Look.", "content": each, **narrations} for number, each in enumerate(contents)]
    return {"title": "Scenes", "scenes": scenes}


def suspend(app: Flask, user: User, status: str = "suspended") -> None:
    with app.app_context(), transaction() as session:
        session.get_one(UserRow, user.id).status = status


def test_a_viewer_of_one_project_changes_no_script_through_another(user: User, stranger: User) -> None:
    project, other_project = create(user), create(user, name="Empty")
    add_member(user, project["id"], stranger, "viewer")
    add_member(user, other_project["id"], stranger, "editor")
    main_asset = stranger.post(
        f"/api/v1/projects/{other_project['id']}/assets", json={"script_id": project["script_id"], "is_main": True}
    ).json
    assert main_asset["script_id"] != project["script_id"]
    script = scenes_with({"kind": "title", "heading": "Changed"})
    assert put(stranger, f"/api/v1/scripts/{project['script_id']}", script=script).status_code == 403
    assert put(stranger, f"/api/v1/scripts/{main_asset['script_id']}", script=script).status_code == 200
    assert user.get(f"/api/v1/projects/{project['id']}").json["script"] == CLIENT_PROJECT["script"]
    add_member(user, project["id"], stranger, "editor")
    asset = stranger.post(f"/api/v1/projects/{other_project['id']}/assets", json={"script_id": project["script_id"]}).json
    assert asset["script_id"] == project["script_id"]


def test_an_editor_shows_nothing_private_of_the_owner(app: Flask, user: User, stranger: User, add_recording: Callable[..., str]) -> None:
    private = add_recording(user, "Private")
    picture = upload(user, PNG, "leaf.png").json["file_id"]
    project = create(user)
    path = f"/api/v1/projects/{project['id']}"
    add_member(user, project["id"], stranger, "editor")
    clip = {"kind": "clip", "recording_id": private, "start_s": 0, "end_s": 5}
    content = {"kind": "image", "source": {"image_id": picture}}
    title = {"kind": "title", "heading": "Title"}
    for script in (scenes_with(clip), scenes_with(title, narration_id=private), scenes_with(content)):
        assert put(user, path, script=script).status_code == 200
        response = stranger.post(f"{path}/render", json={})
        assert response.status_code == 422 and "may open" in response.json["message"], response.text
        response = stranger.post("/api/v1/jobs", json={"type": "voice_synthesis", "project_id": project["id"], "parameters": {}})
        assert response.status_code == 201
        with app.app_context(), transaction() as session:  # a voice over reads its script when it begins
            job = session.get_one(Job, response.json["id"])
            claim = Claim(job.id, 1, "worker", job.user_id, None, job.pipeline, job.options, now())
            if "narration_id" in script["scenes"][0]:
                with pytest.raises(RecordingMissing):
                    lesson_jobs.load_voice_over(claim)
            else:
                lesson_jobs.load_voice_over(claim)  # sounds only
        stranger.delete(f"/api/v1/jobs/{response.json['id']}")
    user.post(f"{path}/assets", json={"file_id": picture})
    response = stranger.post(f"{path}/render", json={})
    assert response.status_code == 201, response.text
    assert user.post(f"{path}/render", json={}).json["id"] == response.json["id"]  # whoever asks for the same video


def test_an_editor_adds_nothing_that_they_may_not_open(user: User, stranger: User, add_recording: Callable[..., str]) -> None:
    """Else the owner, who may open it, would make the video that shows it."""
    private, picture = add_recording(user, "Private"), upload(user, PNG, "leaf.png").json["file_id"]
    project = create(user)
    path, script_path = f"/api/v1/projects/{project['id']}", f"/api/v1/scripts/{project['script_id']}"
    add_member(user, project["id"], stranger, "editor")
    clip = {"kind": "clip", "recording_id": private, "start_s": 10, "end_s": 15, "sound": "narration"}
    slide, title = {"kind": "image", "source": {"recording_id": private, "slide": 1}}, {"kind": "title", "heading": "Title"}
    content = {"kind": "callouts", "source": {"image_id": picture}, "callouts": [{"x": 0, "y": 0, "text": "Here"}]}

    def refuses(response: Any) -> bool:
        return response.status_code == 422 and response.json["code"] in ("scene_recording_missing", "scene_image_missing")

    for script in (scenes_with(clip), scenes_with(slide), scenes_with(content), scenes_with(title, narration_id=private)):
        assert refuses(put(stranger, path, script=script)) and refuses(put(stranger, script_path, script=script))
        scene = script["scenes"][0]
        assert refuses(put(stranger, f"{script_path}/scenes/s1", scene=scene | {"id": "s1"}))
        assert refuses(stranger.post(f"{script_path}/scenes", json={"scene": scene | {"id": "more"}, "position": 0}))
        if "narration_id" not in scene:  # the paths of Manimate
            new_script = {"scenes": [{"seq": 2, "content": scene["content"]}]}
            assert refuses(stranger.post(f"/api/script/{project['script_id']}", json=new_script))
            assert refuses(stranger.post(f"/update_script/{project['script_id']}", json={"script": new_script, "chatID": "x"}))
        theirs = stranger.post("/api/v1/scripts", json={"script": script}).json["scripts"][0]["id"]
        assert refuses(stranger.post(f"{path}/assets", json={"script_id": theirs, "is_main": True}))
    assert put(stranger, path, defaults={"logo_image_id": picture}).status_code == 404
    assert user.get(script_path).json["version"] == 1 and user.get(path).json["defaults"] == {}
    # What the owner shows stays, as it is.
    assert put(user, script_path, script=scenes_with(clip, title)).status_code == 200
    for change in ({"end_s": 90}, {"start_s": 0}, {"sound": "own"}):
        assert refuses(put(stranger, f"{script_path}/scenes/s0", scene=scenes_with({**clip, **change})["scenes"][0])), change
    new_script = scenes_with({**title, "heading": "Changed"}, {**clip, "heading": "A clip"})
    assert put(stranger, script_path, script=new_script).status_code == 200
    assert put(stranger, script_path, script=scenes_with(title)).status_code == 200
    assert refuses(stranger.post(f"{script_path}/versions/2/restore", json={})) and user.get(script_path).json["version"] == 4
    # What is in the project can be used.
    user.post(f"{path}/assets", json={"recording_id": private})
    user.post(f"{path}/assets", json={"file_id": picture})
    assert put(stranger, path, script=scenes_with(clip, content), defaults={"logo_image_id": picture}).status_code == 200


def test_what_is_hidden_or_suspended_is_neither_listed_nor_exported_nor_used(
    app: Flask, user: User, stranger: User, add_recording: Callable[..., str]
) -> None:
    project = create(user)
    path = f"/api/v1/projects/{project['id']}"
    own, theirs = add_recording(user, "Own"), add_recording(stranger, "Theirs", media={"audio": {"codec": "aac"}})
    picture = upload(stranger, PNG, "leaf.png").json["file_id"]
    user.post(f"{path}/assets", json={"recording_id": own})
    add_member(user, project["id"], stranger, "viewer")
    assert stranger.get(f"{path}/export").json["code"] == "project_role_too_low"
    add_member(user, project["id"], stranger, "editor")
    for asset in ({"recording_id": theirs}, {"file_id": picture}):
        assert stranger.post(f"{path}/assets", json=asset).status_code == 201

    def list_exported(caller: User) -> list[str]:
        with zipfile.ZipFile(io.BytesIO(caller.get(f"{path}/export").data)) as archive:
            return sorted(each["title"] for each in json.loads(archive.read("manifest.json"))["assets"] if each["type"] != "script")

    def submit(caller: User, kind: str, recording_id: str) -> int:
        order = {"type": kind, "project_id": project["id"], "parameters": {"recording_id": recording_id}}
        status: int = caller.post("/api/v1/jobs", json=order).status_code
        return status

    assert list_exported(stranger) == list_exported(user) == ["Own", "Theirs", "leaf.png"]
    with app.app_context(), transaction() as session:
        session.get_one(Recording, own).hidden_at = now()
    assert list_exported(stranger) == ["Theirs", "leaf.png"] and list_exported(user) == ["Own", "Theirs", "leaf.png"]
    assert submit(stranger, "subtitle_generation", own) == submit(stranger, "podcast_video", own) == 404
    suspend(app, stranger)
    assert list_exported(user) == ["Own"] and user.get(f"/api/v1/files/{picture}").status_code == 404
    assert submit(user, "subtitle_generation", theirs) == submit(user, "podcast_video", theirs) == 404
    suspend(app, stranger, "active")
    suspend(app, user)
    assert stranger.get(path).status_code == 404 and stranger.get("/api/v1/projects").json == []
    assert stranger.post(f"{path}/render", json={}).status_code == 404 and submit(stranger, "podcast_video", theirs) == 404


def test_who_leaves_takes_recordings_and_files_along(user: User, stranger: User, add_recording: Callable[..., str]) -> None:
    project = create(user)
    path = f"/api/v1/projects/{project['id']}"
    own, theirs = add_recording(user, "Own"), add_recording(stranger, "Theirs", media={"audio": {"codec": "aac"}})
    add_member(user, project["id"], stranger, "editor")
    user.post(f"{path}/assets", json={"recording_id": own})
    stranger.post(f"{path}/assets", json={"recording_id": theirs})
    stranger.post(f"{path}/assets", json={"file_id": upload(stranger, PNG, "leaf.png").json["file_id"]})
    assert user.get(f"/api/v1/videos/{theirs}").status_code == 200 and len(user.get(f"{path}/assets").json["assets"]) == 4
    assert user.delete(f"{path}/members/{stranger.id}").status_code == 200
    assert [each["title"] for each in user.get(f"{path}/assets").json["assets"] if each["type"] != "script"] == ["Own"]
    assert user.get(f"/api/v1/videos/{theirs}").status_code == 404


def test_a_project_pays_only_for_its_assets(user: User, stranger: User, add_recording: Callable[..., str]) -> None:
    project = create(user)
    add_member(user, project["id"], stranger, "editor")
    theirs = add_recording(stranger, "Theirs", media={"audio": {"codec": "aac"}})
    for kind in ("subtitle_generation", "podcast_video"):
        order = {"type": kind, "project_id": project["id"], "parameters": {"recording_id": theirs}}
        assert stranger.post("/api/v1/jobs", json=order).status_code == 404
    assert stranger.post(f"/api/v1/projects/{project['id']}/assets", json={"recording_id": theirs}).status_code == 201
    assert stranger.post("/api/v1/jobs", json=order).status_code == 201
