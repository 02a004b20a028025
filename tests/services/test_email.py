"""E-mail over real SMTP: encryption, permanent and temporary failures, header injection."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from services.email.port import MailRefused, MailUnavailable, Message
from services.email.smtp import SmtpConfig, SmtpMailer, compose
from tests.mail_server import PASSWORD, USER, MailServer, make_certificate

HELLO = Message("ada@example.org", "Your notes are ready", "Here they are.", "<p>Here they are.</p>", key="one")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def mailer(server: MailServer, **more: Any) -> SmtpMailer:
    return SmtpMailer(SmtpConfig("127.0.0.1", server.port, "notes@lectern.test", **{"sender_name": "Lectern", "tls": "none", **more}))


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not recognise implicit TLS
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_message_is_sent_encrypted_after_a_login(tls: str, certificate: Path) -> None:
    with MailServer(tls=tls, certificate=certificate, auth=True) as server:
        mailer(server, tls=tls, ca_file=certificate, user=USER, password=PASSWORD).send(HELLO)
        (recipients, message), connection = server.messages[0], server.connections[0]
    assert connection == (True, True)
    assert recipients == ["ada@example.org"]
    assert (message["From"], message["To"], message["Subject"]) == ("Lectern <notes@lectern.test>", HELLO.to, HELLO.subject)
    assert (message["Message-ID"], message["Auto-Submitted"]) == ("<one@lectern.test>", "auto-generated")
    assert [part.get_content().strip() for part in message.iter_parts()] == [HELLO.text, HELLO.html]


def test_nothing_is_sent_unencrypted_if_starttls_is_missing() -> None:
    with MailServer() as server:
        with pytest.raises(MailUnavailable, match="STARTTLS"):
            mailer(server, tls="starttls").send(HELLO)
        assert server.messages == []


@pytest.mark.expects_errors  # logged by the test server
def test_an_untrusted_certificate_is_rejected(certificate: Path) -> None:
    for tls in ("starttls", "tls"):
        with MailServer(tls=tls, certificate=certificate) as server:
            with pytest.raises(MailUnavailable, match="certificate"):
                mailer(server, tls=tls).send(HELLO)
            assert server.messages == []


def test_a_wrong_password_is_a_temporary_failure(certificate: Path) -> None:
    with MailServer(tls="starttls", certificate=certificate, auth=True) as server, pytest.raises(MailUnavailable, match="535"):
        mailer(server, tls="starttls", ca_file=certificate, user=USER, password="wrong").send(HELLO)


def test_connection_failures_are_temporary() -> None:
    with MailServer() as server:
        unreachable = mailer(server)
    with pytest.raises(MailUnavailable, match="Connection"):
        unreachable.send(HELLO)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(MailUnavailable, match="time"):
        SmtpMailer(SmtpConfig("127.0.0.1", silent.getsockname()[1], "notes@lectern.test", tls="none", timeout_s=0.3)).send(HELLO)


@pytest.mark.parametrize(("answer", "error"), [("451 Try later", MailUnavailable), ("552 Too much mail", MailRefused)])
def test_codes_4xx_are_temporary_and_5xx_permanent(answer: str, error: type[Exception]) -> None:
    with MailServer(responses=(answer,)) as server, pytest.raises(error, match=answer[4:]):
        mailer(server).send(HELLO)


def test_a_rejected_recipient_is_an_error_and_a_rejected_copy_is_not() -> None:
    with MailServer() as server:
        server.refused_addresses = {"ada@example.org"}
        with pytest.raises(MailRefused, match="550"):
            mailer(server).send(HELLO)
        server.refused_addresses = {"gone@example.org"}
        mailer(server).send(Message(HELLO.to, "s", "t", bcc=("gone@example.org", "boss@example.org")))
        assert server.messages[-1][0] == ["ada@example.org", "boss@example.org"]
        assert "boss" not in server.messages[-1][1].as_string()


def test_headers_cannot_be_injected() -> None:
    config = SmtpConfig("h", 25, "notes@lectern.test", sender_name="Lec\r\nBcc: all@example.org")
    subject = "Notes\r\nBcc: victim@example.org\n\nand a body\u2028" + "x" * 5000 + "\ud800"
    email = compose(Message("ada@example.org", subject, "t"), config)
    assert email["Bcc"] is None
    content = email.as_bytes()
    assert b"\nBcc" not in content and b"\nand a body" not in content
    assert len(email["Subject"]) <= 200
    for address in ("ada@example.org\r\nBcc: x@example.org", "a@b, c@d", "Ada <ada@example.org>", "", "no address", "ada@example.org\0"):
        with pytest.raises(MailRefused):
            compose(Message(address, "s", "t"), config)
