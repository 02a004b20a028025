"""A local SMTP server for tests, optionally with TLS and a password."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import ipaddress
import ssl
import threading
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts.server import free_port

USER, PASSWORD = "lectern", "a password for mail"


class MailServer:
    """`responses`: the replies to messages in turn; the last one is repeated. `refused_addresses` get 550."""

    def __init__(
        self,
        *,
        port: int = 0,
        tls: str = "none",
        certificate: Path | None = None,
        auth: bool = False,
        responses: tuple[str, ...] = ("250 OK",),
    ) -> None:
        self.port, self._tls = port or free_port(), tls
        self.responses, self.refused_addresses = list(responses), set[str]()
        self.messages: list[tuple[list[str], EmailMessage]] = []
        self.connections: list[tuple[bool, bool]] = []  # encrypted?, logged in?
        self._lock = threading.Lock()
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        options: dict[str, Any] = {"tls_context": context} if tls == "starttls" else {}
        if auth:
            options |= {"authenticator": _check, "auth_required": True, "auth_require_tls": tls == "starttls"}
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, ssl_context=context if tls == "tls" else None, ready_timeout=30, **options
        )

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refused_addresses:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        with self._lock:
            reply = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
            if reply.startswith("2"):
                message = email.message_from_bytes(envelope.content, policy=email.policy.default)
                assert isinstance(message, EmailMessage)
                self.messages.append((envelope.rcpt_tos, message))
                self.connections.append((self._tls == "tls" or session.ssl is not None, bool(session.authenticated)))
        return reply

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def _check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


def make_certificate(folder: Path) -> Path:
    """Write a self-signed certificate for 127.0.0.1 with its key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    valid_from = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), valid_from, valid_from + dt.timedelta(days=9))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(key.private_bytes(*encoding) + certificate.public_bytes(serialization.Encoding.PEM))
    return path
