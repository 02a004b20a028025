"""Networks with mirrors at private addresses and with a certificate authority of their own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lib import http_client
from lib.address_guard import AddressPolicy
from services.speech_synthesis.install import DownloadFailed, install
from tests.mail_server import make_certificate

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class _Mirror(BaseHTTPRequestHandler):
    """A mirror that knows every package and nothing about it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return make_certificate(tmp_path)


@pytest.fixture
def mirror(certificate: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Mirror)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_certificates_of_the_environment_are_trusted(
    variable: str, mirror: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(http_client.NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
        http_client.get_excerpt(mirror, allow_private=True)
    monkeypatch.setenv(variable, str(certificate))
    assert http_client.get_excerpt(mirror, allow_private=True).status == 200
    monkeypatch.delenv(variable)
    with pytest.raises(http_client.NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
        http_client.get_excerpt(mirror, allow_private=True)


def test_voices_are_installed_from_a_mirror_and_errors_say_what_to_set(
    mirror: str, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "voices"
    with pytest.raises(DownloadFailed, match="private address") as excinfo:
        install(folder, lambda _: None, AddressPolicy(), pypi=mirror)
    assert "LINK_ALLOWED_HOSTS" in excinfo.value.hint and "--pypi" in excinfo.value.hint
    policy = AddressPolicy(allowed_hosts=("127.0.0.1",))
    with pytest.raises(DownloadFailed, match="CERTIFICATE_VERIFY_FAILED") as certificate_error:
        install(folder, lambda _: None, policy, pypi=mirror)
    assert "SSL_CERT_FILE" in certificate_error.value.hint
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(DownloadFailed, match="did not describe kokoro"):
        install(folder, lambda _: None, policy, pypi=mirror)
