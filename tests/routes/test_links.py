"""Links that leave the server: in e-mail and webhooks from PUBLIC_URL only, elsewhere with known hosts only."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from config import Settings, deployment_errors
from lib.hosts import is_known_host
from services.jobs.notifications import with_public_links
from tests.conftest import SAMPLES, User
from tests.mail_server import MailServer
from tests.waiting import wait_for

EVIL = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Origin": "http://evil.example", "Forwarded": "host=evil.example"}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, server: MailServer) -> Settings:
    mail: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_from": "notes@lectern.test", "smtp_tls": "none"}
    return settings.model_copy(update={**mail, "mail_backoff_s": 0.1})


def wait_for_mail(server: MailServer, address: str, subject: str) -> str:
    def texts() -> list[str]:
        return [str(each.get_content()) for to, each in list(server.messages) if address in to and subject in str(each["Subject"])]

    wait_for(lambda: bool(texts()), 20)
    return texts()[-1]


@pytest.mark.parametrize("public_url", ["", "https://notes.example.org/lectern/"])
def test_a_reset_mail_never_names_the_host_of_the_request(
    app: Flask, user: User, server: MailServer, settings: Settings, public_url: str
) -> None:
    settings.public_url = public_url
    response = app.test_client().post("/api/v1/auth/forgot-password", json={"email": user.email}, headers=EVIL)
    assert response.status_code < 300, response.text
    text = wait_for_mail(server, user.email, "new password")
    assert "evil" not in text
    assert ("https://notes.example.org/lectern/#reset=" in text) is bool(public_url)
    assert ("http" in text) is bool(public_url)
    assert "code" in text  # works without a link


def test_a_code_alone_verifies_an_address(app: Flask, user: User, server: MailServer) -> None:
    text = wait_for_mail(server, user.email, "Verify")
    assert "http" not in text
    code = text.partition("e-mail address: ")[2].split()[0]
    response = app.test_client().post("/api/v1/auth/verify-email", json={"email": user.email, "otp": code})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("prefix", ["", "/lectern"])
def test_links_in_responses_contain_known_hosts_only(
    app_with: Callable[..., Flask], user: User, tiny_subtitles: bytes, prefix: str
) -> None:
    app = app_with(url_prefix=prefix, allowed_hosts=("notes.example.org",))

    def links(host: str, **headers: str) -> str:
        client = app.test_client(use_cookies=False)
        index = client.get(f"{prefix}/", headers={"Host": host, "Accept": "application/json", **headers})
        page = client.get(f"{prefix}/api/v1/recordings?limit=1", headers={**user.headers, "Host": host, **headers})
        assert (index.status_code, page.status_code) == (200, 200)
        return index.text + page.headers.get("Link", "")

    for _ in range(2):
        subtitles = (io.BytesIO(tiny_subtitles), "tiny.srt")
        assert user.upload(SAMPLES / "tiny.m4a", subtitles=subtitles).status_code < 300
    for host in ("evil.example", "localhost.evil.example", "notes.example.org.evil.example", "6.6.6.6", "evil.example:443"):
        text = links(host, **{"X-Forwarded-Host": "evil.example"})
        assert host not in text and "evil" not in text
        assert f'"{prefix}/docs"' in text
    for host in ("localhost:5001", "notes.example.org", "notes.example.org:8443", "192.168.1.20:5001", "[::1]:5001"):
        assert f'"http://{host}{prefix}/docs"' in links(host)


def test_webhook_links_begin_with_the_public_url() -> None:
    body = json.dumps({"event": "job.succeeded", "links": {"job": "/api/v1/jobs/1"}})
    assert with_public_links(body, "") == body
    assert json.loads(with_public_links(body, "https://a.example/b/"))["links"] == {"job": "https://a.example/b/api/v1/jobs/1"}


def test_mail_without_a_public_url_is_a_deployment_error() -> None:
    settings = Settings(_env_file=None, smtp_host="mail.example.org", smtp_from="a@example.org")
    assert any("PUBLIC_URL" in message for message in deployment_errors(settings))
    assert deployment_errors(settings.model_copy(update={"public_url": "https://a.example"})) == []


@pytest.mark.parametrize(
    ("host", "is_known"), [("", False), ("localhost", True), ("10.0.0.1:80", True), ("8.8.8.8", False), ("[::1]:1", True)]
)
def test_known_hosts(host: str, is_known: bool) -> None:
    assert is_known_host(host, ()) is is_known
