"""No connection reaches a private address: tricks against a server on this machine that counts its visitors."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import errors
from lib import address_guard, http_client
from lib.address_guard import AddressPolicy
from lib.process import run_task


class Servers:
    """`victim` counts its requests; `gate` is an allowed host that redirects to the URL in its query."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        hits = self.hits

        class Victim(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hits.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "6")
                self.end_headers()
                self.wfile.write(b"secret")

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        class Gate(Victim):
            def do_GET(self) -> None:
                _, _, target = self.path.partition("?")
                self.send_response(302 if target else 200)
                if target:
                    self.send_header("Location", target)
                self.send_header("Set-Cookie", "session=1")
                body = str(self.headers.get("Authorization")).encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), each) for each in (Victim, Gate)]
        self.victim, self.gate = (server.server_port for server in self._servers)
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    servers = Servers()
    yield servers
    servers.stop()


def tricks(servers: Servers) -> list[str]:
    """URLs that lead to the victim, or to an address inside a network, for a program that does not look closely."""
    at, gate = servers.victim, f"http://localhost:{servers.gate}/"
    direct = [
        *(f"http://127.0.0.1:{at}/", f"http://localhost:{at}/", f"http://LOCALHOST.:{at}/", f"http://127.1:{at}/"),
        *(f"http://2130706433:{at}/", f"http://0x7f000001:{at}/", f"http://017700000001:{at}/", f"http://0x7f.1:{at}/"),
        *(f"http://0177.0.0.1:{at}/", f"http://127.0.0.2:{at}/", f"http://0.0.0.0:{at}/", f"http://0:{at}/"),
        *(f"http://[::1]:{at}/", f"http://[::]:{at}/", f"http://[::ffff:127.0.0.1]:{at}/", f"http://[::ffff:7f00:1]:{at}/"),
        *(f"http://[64:ff9b::7f00:1]:{at}/", f"http://[2002:7f00:1::]:{at}/", f"http://[::127.0.0.1]:{at}/"),
        *(f"http://\uff11\uff12\uff17.0.0.1:{at}/", f"http://\u2460\u2461\u2466.0.0.1:{at}/", f"http://127\u30020.0.1:{at}/"),
        *("http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/latest/", "http://100.100.100.200/latest/"),
        *("http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://[fe80::1]/", "http://[fc00::1]/", "http://224.0.0.1/"),
    ]
    redirects = [f"{gate}?{url}" for url in (direct[0], direct[4], direct[14], direct[22])]
    return [*direct, *redirects, f"{gate}?{gate}?{direct[0]}", f"{gate}?file:///etc/passwd", f"{gate}?ftp://127.0.0.1:{at}/"]


def test_no_trick_reaches_a_private_address(servers: Servers) -> None:
    policy = AddressPolicy(allowed_hosts=(f"localhost:{servers.gate}",))
    not_http = ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "-o/tmp/x", "--exec=id", "javascript:1", "//127.0.0.1/"]
    disguised_urls = [
        f"http://example.org@127.0.0.1:{servers.victim}/",
        f"http://example.org\\@127.0.0.1:{servers.victim}/",
        "http://a/\r\nb",
    ]
    for url in [*tricks(servers), *not_http, *disguised_urls]:
        with pytest.raises(errors.UrlRefused), http_client.open_download(url, policy) as download:
            pytest.fail(f"{url}: {download.status}")
    assert servers.hits == []
    with http_client.open_download(f"http://127.1:{servers.victim}/", AddressPolicy(allow_private=True)) as download:
        assert download.text(100) == "secret"
    assert servers.hits.pop() == "/"  # without the guard, the trick works


def wide(text: str) -> str:
    """Return the fullwidth forms of ASCII characters."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


@pytest.mark.parametrize(
    "host",
    [
        *("127\u30020.0.1", wide("127.0.0.1"), "127.0.0\uff611", "\u2460\u2461\u2466.0.0.1", wide("2130706433"), "0x7f\u30021"),
        *(wide("localhost"), "\u24dbocalhost", "localhost\u3002", "local\u00adhost", "127.1", "0177.0.0.1", "[::\uff11]"),
        *("\u0661\u0662\u0667.0.0.1", "\u2603.net", "a" * 64 + "\u3002com"),
    ],
)
def test_hosts_in_other_characters_are_refused_at_once(host: str) -> None:
    url = f"http://{host}:8080/a?b"
    with pytest.raises(errors.UrlRefused):
        AddressPolicy().check_literal(*address_guard.parse_url(url))
    with pytest.raises(errors.UrlRefused), http_client.open_download(url, AddressPolicy()):
        pytest.fail(url)


def test_names_in_other_characters_are_looked_up_as_browsers_do() -> None:
    assert address_guard.with_ascii_host("https://B\u00fccher\u3002example:81/\u00fc?q#f") == "https://xn--bcher-kva.example:81/\u00fc?q#f"
    assert address_guard.with_ascii_host("https://fa\u00df.de/") == "https://xn--fa-hia.de/"
    assert address_guard.with_ascii_host("http://user@example.org/") == "http://user@example.org/"


def test_libraries_in_a_restricted_process_reach_no_private_address(servers: Servers) -> None:
    payload = {"urls": tricks(servers), "allowed_hosts": [f"localhost:{servers.gate}"], "port": servers.victim}
    result = run_task("tests.lib.guarded_child:attempt_all", payload)
    assert servers.hits == []
    outcomes = result["outcomes"]
    assert [name for name, outcome in outcomes.items() if outcome == "done"] == ["allowed program"]
    without_a_library = list(outcomes)[-10:-1]
    assert {name: outcomes[name] for name in without_a_library} == dict.fromkeys(without_a_library, "refused")
    assert outcomes[f"requests http://127.0.0.1:{servers.victim}/"] == "refused"
    assert result["first_refusal"].endswith("has a private address.")


def test_a_name_that_changes_its_address_reaches_nothing(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that was checked is the one of the connection: there is no second lookup."""
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])
    lookups = []

    def rebind(host: str, port: int, **_: Any) -> list[Any]:
        lookups.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    connections = []

    def connect(address: str, port: int, *_: Any) -> socket.socket:
        connections.append((address, port))
        raise OSError("no route")

    monkeypatch.setattr(address_guard.socket, "getaddrinfo", rebind)
    monkeypatch.setattr(http_client, "_connect", connect)
    url = f"http://rebinding.example:{servers.victim}/"
    with pytest.raises(http_client.NoAnswer), http_client.open_download(url, AddressPolicy()):
        pytest.fail("It was reached.")
    assert (lookups, connections) == (["rebinding.example"], [("93.184.215.14", servers.victim)])
    with pytest.raises(errors.UrlRefused), http_client.open_download(url, AddressPolicy()):
        pytest.fail("It was reached.")
    assert servers.hits == []


def test_an_allowed_host_may_be_private(servers: Servers) -> None:
    gate = f"http://localhost:{servers.gate}/"
    for host in ("localhost", "LocalHost.", f"localhost:{servers.gate}"):
        with http_client.open_download(f"{gate}?{gate}", AddressPolicy(allowed_hosts=(host,))) as download:
            assert (download.status, download.url, download.text(100)) == (200, gate, "None")
    with (
        pytest.raises(errors.UrlRefused),
        http_client.open_download(gate, AddressPolicy(allowed_hosts=(f"localhost:{servers.victim}", "127.0.0.1"))),
    ):
        pytest.fail("Another port and another name were allowed.")


def test_credentials_stay_with_the_first_host(servers: Servers) -> None:
    first, second = f"http://localhost:{servers.gate}/", f"http://127.0.0.1:{servers.gate}/"
    policy = AddressPolicy(allow_private=True)
    for url, header in ((f"{first}?{first}", "Basic abc"), (f"{first}?{second}", "None")):
        with http_client.open_download(url, policy, credentials="Basic abc") as download:
            assert download.text(100) == header


def test_endless_redirects_end(servers: Servers) -> None:
    gate = f"http://localhost:{servers.gate}/"
    with pytest.raises(errors.UrlRefused, match="redirects more than"), http_client.open_download(f"{gate}?" * 20, AddressPolicy(True)):
        pytest.fail("It ended.")
