"""Notifications about ended jobs: notices and e-mails, by the preferences of the user."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import errors
from config import Settings
from database import transaction
from models import Artifact, Recording
from models import User as Row
from scripts.client import Client
from scripts.server import Server, free_port
from services.jobs import queue
from tests.conftest import User, upload_quick_recording
from tests.mail_server import MailServer
from tests.waiting import wait_for

LEASE_S = 30.0
BASE = "https://lectern.example.org"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("services.outbox.deliverer._POLL_INTERVAL_S", 0.1)
    more = {"smtp_host": "127.0.0.1", "smtp_port": mail_server.port, "smtp_from": "notes@lectern.test", "smtp_tls": "none"}
    return settings.model_copy(update={**more, "mail_backoff_s": 0.1, "public_url": BASE, "notification_emails": ("office@example.org",)})


@pytest.fixture
def user(app: Flask, user: User) -> User:
    return verify_email(app, user)


def verify_email(app: Flask, user: User) -> User:
    """Mark the address of a user as verified."""
    with app.app_context(), transaction() as session:
        session.get_one(Row, user.id).email_verified = True
    return user


@pytest.fixture
def idle(app: Flask) -> Flask:
    """An app whose own executor takes no jobs."""
    app.extensions["lectern"].executor.shut_down(0)
    return app


def end_job(
    app: Flask,
    user: User,
    *,
    title: str = "Trees & <graphs>",
    error: errors.LecternError | None = None,
    pdf: bytes | None = None,
    pipeline: str = "lecture_notes",
) -> str:
    """End a job and return its id. `pdf`: its document; empty if the file is missing from the store."""
    with app.app_context():
        with transaction() as session:
            about = {"filename": "t.mp4", "storage_key": f"k/{title}", "size_bytes": 1, "sha256": "0" * 64, "duration_s": 1.0, "media": {}}
            recording = Recording(user_id=user.id, title=title, **about)
            session.add(recording)
            session.flush()
            job = queue.submit(user_id=user.id, pipeline=pipeline, options={}, recording_id=recording.id)
        claim = queue.claim("w", LEASE_S)
        assert claim is not None
        if error is not None:
            queue.fail(claim, error, stage="speech", log="")
        else:
            if pdf:
                source = app.extensions["lectern"].settings.data_dir / "made.pdf"
                source.write_bytes(pdf)
                app.extensions["lectern"].store.put(source, "pdfs/1.pdf", "application/pdf")
            with transaction() as session:
                if pdf is not None:
                    about = {"filename": "Trees.pdf", "storage_key": "pdfs/1.pdf", "content_type": "application/pdf", "sha256": "0" * 64}
                    session.add(Artifact(recording_id=claim.recording_id, job_id=job.id, format="pdf", size_bytes=len(pdf), **about))
                queue.succeed(session, claim, warnings=["One page is empty."], metrics={})
        return job.id


def emails_about_jobs(mail_server: MailServer, count: int) -> list[tuple[list[str], EmailMessage]]:
    """Wait for at least `count` e-mails about jobs and return them; others, such as verification e-mails, are left out."""

    def read_emails() -> list[tuple[list[str], EmailMessage]]:
        return [each for each in mail_server.messages if str(each[1]["Subject"]).endswith(("is ready", "could not be converted"))]

    wait_for(lambda: len(read_emails()) >= count)
    return read_emails()


def set_preferences(user: User, **choices: list[str]) -> Any:
    return user.http.put("/api/v1/users/me/notifications", headers=user.headers, json=choices)


def test_notices_are_listed_read_and_deleted(idle: Flask, user: User, stranger: User) -> None:
    job_id = end_job(idle, user)
    end_job(idle, user, title="Silence", error=errors.NoSlidesNoSpeech())
    response = user.get("/api/v1/notices?limit=1")
    assert (response.json["total"], response.json["unread"], response.headers["X-Total-Count"]) == (2, 2, "2")
    (newest,) = response.json["notices"]
    assert (newest["kind"], newest["title"], newest["read_at"]) == ("failed", "Silence", None)
    assert newest["text"] == f"{errors.NoSlidesNoSpeech().message} {errors.NoSlidesNoSpeech.hint}"
    (older,) = user.get("/api/v1/notices?page=2&limit=1").json["notices"]
    assert (older["kind"], older["title"], older["job_id"], older["text"]) == ("succeeded", "Trees & <graphs>", job_id, "")

    path = f"/api/v1/notices/{newest['id']}"
    assert stranger.get("/api/v1/notices").json == {"notices": [], "total": 0, "unread": 0}
    assert stranger.post(f"{path}/read").status_code == stranger.delete(path).status_code == 404
    assert user.post(f"{path}/read").json["read_at"]
    assert user.get("/api/v1/notices").json["unread"] == 1
    unread = user.get("/api/v1/notices?unread=true").json
    assert ([each["id"] for each in unread["notices"]], unread["total"]) == ([older["id"]], 1)
    assert user.post("/api/v1/notices/read").json["message"] == "1 marked as read."
    assert user.get("/api/v1/notices").json["unread"] == 0
    assert user.delete(path).status_code == 200
    assert user.delete(path).status_code == 404
    assert user.get("/api/v1/notices").json["total"] == 1
    assert user.delete("/api/v1/notices").status_code == 200
    assert user.get("/api/v1/notices").json["total"] == 0


def test_an_email_reports_the_outcome_as_text_and_html(idle: Flask, user: User, mail_server: MailServer) -> None:
    end_job(idle, user)
    recipients, message = emails_about_jobs(mail_server, 1)[0]
    assert recipients == [user.email, "office@example.org"]
    assert (message["To"], message["Subject"]) == (user.email, "Trees & <graphs> is ready")
    text, html = (part.get_content() for part in message.iter_parts())
    assert "One page is empty." in text and f"{BASE}/watch/" in text
    assert "Trees &amp; &lt;graphs&gt;" in html and "<graphs>" not in html

    end_job(idle, user, title="Silence", error=errors.NoSlidesNoSpeech())
    _, message = emails_about_jobs(mail_server, 2)[1]
    assert message["Subject"] == "Silence could not be converted"
    assert errors.NoSlidesNoSpeech.hint in next(message.iter_parts()).get_content()


@pytest.mark.parametrize(
    ("pipeline", "outcomes"),
    [
        ("youtube_publishing", ("is on YouTube", "could not be published on YouTube")),
        ("lesson", ("is ready as a video", "could not be made into a video")),
    ],
)
def test_notices_say_what_a_job_was_for(idle: Flask, user: User, mail_server: MailServer, pipeline: str, outcomes: tuple[str, str]) -> None:
    for error in (None, errors.DiskFull()):
        end_job(idle, user, title=f"{pipeline} {error is None}", error=error, pipeline=pipeline)
    expected = {f"{pipeline} True {outcomes[0]}", f"{pipeline} False {outcomes[1]}"}
    wait_for(lambda: {str(message["Subject"]) for _, message in mail_server.messages} >= expected)
    assert [each["pipeline"] for each in user.get("/api/v1/notices").json["notices"]] == [pipeline, pipeline]


@pytest.mark.parametrize(("limit", "is_attached"), [(1000, True), (9, False), (0, False)])
def test_the_email_about_a_finished_job_carries_its_pdf(
    idle: Flask, user: User, mail_server: MailServer, tmp_path: Path, limit: int, is_attached: bool
) -> None:
    idle.extensions["lectern"].settings.mail_attachment_bytes = limit
    end_job(idle, user, pdf=b"%PDF-1.7 ten bytes or more")
    _, message = emails_about_jobs(mail_server, 1)[0]
    files = [(part.get_filename(), part.get_content_type(), part.get_content()) for part in message.iter_attachments()]
    assert files == ([("Trees.pdf", "application/pdf", b"%PDF-1.7 ten bytes or more")] if is_attached else [])
    body = message.get_body(("plain",))
    assert body is not None and "is ready" in body.get_content()


def test_an_email_without_its_deleted_pdf_is_sent(idle: Flask, user: User, mail_server: MailServer) -> None:
    end_job(idle, user, pdf=b"")
    assert list(emails_about_jobs(mail_server, 1)[0][1].iter_attachments()) == []


def test_an_invitation_to_a_project_arrives(idle: Flask, user: User, stranger: User, mail_server: MailServer) -> None:
    verify_email(idle, stranger)
    project = user.post("/api/v1/projects", json={"name": "Leaves & <roots>"}).json
    assert user.post(f"/api/v1/projects/{project['id']}/members", json={"email": stranger.email, "role": "editor"}).status_code == 201

    def invitations() -> list[tuple[list[str], EmailMessage]]:
        return [each for each in mail_server.messages if str(each[1]["Subject"]).startswith("Invitation")]

    wait_for(lambda: bool(invitations()))
    ((recipients, message),) = invitations()
    assert (recipients, message["To"], message["Subject"]) == ([stranger.email], stranger.email, "Invitation to “Leaves & <roots>”")
    text = message.get_content()
    assert "invites you to the project “Leaves & <roots>” as an editor" in text and f"{BASE}/projects" in text
    assert stranger.post(f"/api/v1/projects/{project['id']}/invitation/accept").status_code == 200


def test_users_choose_their_notifications(idle: Flask, user: User, mail_server: MailServer) -> None:
    all_kinds = ["succeeded", "failed"]
    path = "/api/v1/users/me/notifications"
    assert user.get(path).json == {"in_app": all_kinds, "email": all_kinds, "email_available": True}
    assert set_preferences(user, in_app=["succeeded"], email=["born"]).status_code == 422
    assert set_preferences(user, in_app=["failed"], email=["failed"]).json["email"] == ["failed"]
    end_job(idle, user, title="Unheard")
    assert set_preferences(user, in_app=[], email=["succeeded"]).status_code == 200
    end_job(idle, user, title="Heard")
    assert [message["Subject"] for _, message in emails_about_jobs(mail_server, 1)] == ["Heard is ready"]
    assert user.get("/api/v1/notices").json["total"] == 0


def test_no_email_is_sent_to_an_unverified_address(idle: Flask, user: User, stranger: User, mail_server: MailServer) -> None:
    end_job(idle, stranger, title="For whoever it is")
    end_job(idle, user, title="For the owner")
    readers_by_subject = {str(message["Subject"]): readers for readers, message in emails_about_jobs(mail_server, 2)}
    assert readers_by_subject["For whoever it is is ready"] == ["office@example.org"]
    assert sorted(readers_by_subject["For the owner is ready"]) == [user.email, "office@example.org"]
    assert stranger.get("/api/v1/notices").json["total"] == 1


def test_an_email_is_retried_until_accepted_and_delivered_once(idle: Flask, user: User, mail_server: MailServer) -> None:
    mail_server.responses = ["451 Later", "421 Closing", "250 OK"]
    end_job(idle, user, title="First")
    end_job(idle, user, title="Second")
    emails = emails_about_jobs(mail_server, 2)
    assert {message["Subject"] for _, message in emails} == {"First is ready", "Second is ready"}
    assert len({message["Message-ID"] for _, message in emails}) == 2


def test_a_rejected_address_is_not_retried(idle: Flask, user: User, stranger: User, mail_server: MailServer) -> None:
    mail_server.refused_addresses = {user.email, "office@example.org"}
    end_job(idle, user)
    end_job(idle, verify_email(idle, stranger), title="Next")
    assert [message["Subject"] for _, message in emails_about_jobs(mail_server, 1)] == ["Next is ready"]


@pytest.mark.slow("kills and restarts a server")
def test_emails_survive_a_restart_and_an_outage(migrated_data_dir: Path) -> None:
    port = free_port()  # no server listens there yet
    mail = {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "FROM_EMAIL": "notes@lectern.test",
        "SMTP_TLS": "none",
        "MAIL_BACKOFF_S": "1",
        "EMAIL_VERIFICATION": "off",
    }
    server = Server(migrated_data_dir, mail)
    server.start()
    client = Client(server.url)
    address = client.register()
    upload_quick_recording(client, title="Kept")
    wait_for(lambda: client.call("GET", "/api/v1/notices")["unread"] == 1, 120)
    wait_for(lambda: "cannot accept the e-mail" in server.log_file.read_text())
    server.kill()
    with MailServer(port=port) as mail_server, Server(migrated_data_dir, mail):
        recipients, message = emails_about_jobs(mail_server, 1)[0]
        assert (recipients, message["Subject"]) == ([address], "Kept is ready")


def test_the_mail_test_command_shows_the_answer_of_the_server(app: Flask, mail_server: MailServer) -> None:
    runner = app.test_cli_runner()
    result = runner.invoke(args=["mail", "test", "ada@example.org"])
    assert result.exit_code == 0, result.output
    assert mail_server.messages[-1][0] == ["ada@example.org"]
    mail_server.refused_addresses = {"gone@example.org"}
    result = runner.invoke(args=["mail", "test", "gone@example.org"])
    assert result.exit_code == 1 and "550" in result.output
