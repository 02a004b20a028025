"""Being told how jobs end: a notice on the page, an e-mail where a mail server is set, both as the user wants them."""

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
from models import Recording
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
    with MailServer() as started:
        yield started


@pytest.fixture
def settings(settings: Settings, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("services.outbox.deliverer._POLL_INTERVAL_S", 0.1)
    more = {"smtp_host": "127.0.0.1", "smtp_port": mail_server.port, "smtp_from": "notes@lectern.test", "smtp_tls": "none"}
    return settings.model_copy(update={**more, "mail_backoff_s": 0.1, "notification_emails": ("office@example.org",)})


@pytest.fixture
def user(app: Flask, user: User) -> User:
    return confirmed(app, user)


def confirmed(app: Flask, somebody: User) -> User:
    """Somebody whose address is known to be theirs."""
    with app.app_context(), transaction() as writing:
        writing.get_one(Row, somebody.id).email_verified = True
    return somebody


@pytest.fixture
def idle(app: Flask) -> Flask:
    """An app whose own executor takes no jobs."""
    app.extensions["lectern"].executor.shut_down(0)
    return app


def end_job(app: Flask, user: User, *, title: str = "Trees & <graphs>", error: errors.LecternError | None = None) -> str:
    with app.app_context():
        with transaction() as writing:
            about = {"filename": "t.mp4", "storage_key": f"k/{title}", "size_bytes": 1, "sha256": "0" * 64, "duration_s": 1.0, "media": {}}
            recording = Recording(user_id=user.id, title=title, **about)
            writing.add(recording)
            writing.flush()
            job = queue.submit(user_id=user.id, pipeline="lecture_notes", options={"base_url": BASE}, recording_id=recording.id)
        claim = queue.claim("w", LEASE_S)
        assert claim is not None
        if error is not None:
            queue.fail(claim, error, stage="speech", log="")
        else:
            with transaction() as writing:
                queue.succeed(writing, claim, warnings=["One page is empty."], metrics={})
        return job.id


def letters(mail_server: MailServer, many: int) -> list[tuple[list[str], EmailMessage]]:
    """The e-mails about jobs, once there are so many; others, such as those that welcome a user, left out."""

    def about_jobs() -> list[tuple[list[str], EmailMessage]]:
        return [each for each in mail_server.taken if str(each[1]["Subject"]).endswith(("is ready", "could not be converted"))]

    wait_for(lambda: len(about_jobs()) >= many)
    return about_jobs()


def choose(user: User, **choices: list[str]) -> Any:
    return user.http.put("/api/v1/users/me/notifications", headers=user.headers, json=choices)


def test_notices_are_listed_read_and_deleted(idle: Flask, user: User, stranger: User) -> None:
    job_id = end_job(idle, user)
    end_job(idle, user, title="Silence", error=errors.NoSlidesNoSpeech())
    listed = user.get("/api/v1/notices?limit=1")
    assert (listed.json["total"], listed.json["unread"], listed.headers["X-Total-Count"]) == (2, 2, "2")
    (newest,) = listed.json["notices"]
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


def test_an_e_mail_says_how_it_ended_in_text_and_html(idle: Flask, user: User, mail_server: MailServer) -> None:
    end_job(idle, user)
    recipients, message = letters(mail_server, 1)[0]
    assert recipients == [user.email, "office@example.org"]
    assert (message["To"], message["Subject"]) == (user.email, "Trees & <graphs> is ready")
    text, html = (part.get_content() for part in message.iter_parts())
    assert "One page is empty." in text and f"{BASE}/watch/" in text
    assert "Trees &amp; &lt;graphs&gt;" in html and "<graphs>" not in html

    end_job(idle, user, title="Silence", error=errors.NoSlidesNoSpeech())
    _, message = letters(mail_server, 2)[1]
    assert message["Subject"] == "Silence could not be converted"
    assert errors.NoSlidesNoSpeech.hint in next(message.iter_parts()).get_content()


def test_users_choose_what_they_hear_of(idle: Flask, user: User, mail_server: MailServer) -> None:
    every = ["succeeded", "failed"]
    path = "/api/v1/users/me/notifications"
    assert user.get(path).json == {"in_app": every, "email": every, "email_available": True}
    assert choose(user, in_app=["succeeded"], email=["born"]).status_code == 422
    assert choose(user, in_app=["failed"], email=["failed"]).json["email"] == ["failed"]
    end_job(idle, user, title="Unheard")
    assert choose(user, in_app=[], email=["succeeded"]).status_code == 200
    end_job(idle, user, title="Heard")
    assert [message["Subject"] for _, message in letters(mail_server, 1)] == ["Heard is ready"]
    assert user.get("/api/v1/notices").json["total"] == 0


def test_nothing_is_sent_to_an_address_that_nobody_has_confirmed(idle: Flask, user: User, stranger: User, mail_server: MailServer) -> None:
    end_job(idle, stranger, title="For whoever it is")
    end_job(idle, user, title="For the owner")
    sent = {str(message["Subject"]): readers for readers, message in letters(mail_server, 2)}
    assert sent["For whoever it is is ready"] == ["office@example.org"]
    assert sorted(sent["For the owner is ready"]) == [user.email, "office@example.org"]
    assert stranger.get("/api/v1/notices").json["total"] == 1


def test_an_e_mail_is_sent_again_until_it_is_taken_and_once_only(idle: Flask, user: User, mail_server: MailServer) -> None:
    mail_server.answers = ["451 Later", "421 Closing", "250 OK"]
    end_job(idle, user, title="First")
    end_job(idle, user, title="Second")
    heard = letters(mail_server, 2)
    assert {message["Subject"] for _, message in heard} == {"First is ready", "Second is ready"}
    assert len({message["Message-ID"] for _, message in heard}) == 2


def test_an_address_that_is_refused_is_not_tried_for_ever(idle: Flask, user: User, stranger: User, mail_server: MailServer) -> None:
    mail_server.refused = {user.email, "office@example.org"}
    end_job(idle, user)
    end_job(idle, confirmed(idle, stranger), title="Next")
    assert [message["Subject"] for _, message in letters(mail_server, 1)] == ["Next is ready"]


@pytest.mark.slow("kills and restarts a server")
def test_mail_from_before_a_restart_and_an_outage_arrives_after_it(migrated_data_dir: Path) -> None:
    port = free_port()  # nobody listens there for now
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
    wait_for(lambda: "did not take the e-mail" in server.log_file.read_text())
    server.kill()
    with MailServer(port=port) as mail_server, Server(migrated_data_dir, mail):
        recipients, message = letters(mail_server, 1)[0]
        assert (recipients, message["Subject"]) == ([address], "Kept is ready")


def test_the_command_says_what_the_mail_server_said(app: Flask, mail_server: MailServer) -> None:
    runner = app.test_cli_runner()
    sent = runner.invoke(args=["mail", "test", "ada@example.org"])
    assert sent.exit_code == 0, sent.output
    assert mail_server.taken[-1][0] == ["ada@example.org"]
    mail_server.refused = {"gone@example.org"}
    refused = runner.invoke(args=["mail", "test", "gone@example.org"])
    assert refused.exit_code == 1 and "550" in refused.output
