"""One account can't use up what all users need: deliveries, event streams, uploads, chunk folders, password hashing."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from config import Settings
from services.accounts import Caller, passwords
from services.events.hub import TooManyListeners
from tests.conftest import User
from tests.mail_server import MailServer
from tests.waiting import wait_for

AppFactory = Callable[..., Flask]


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, mail_server: MailServer) -> Settings:
    mail: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": mail_server.port, "smtp_from": "notes@lectern.test", "smtp_tls": "none"}
    return settings.model_copy(update={**mail, "mail_backoff_s": 0.1, "webhook_allow_private": True, "public_url": "http://localhost"})


@contextlib.contextmanager
def silent_receiver() -> Iterator[str]:
    """A server that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_silent_receivers_of_one_user_delay_neither_mail_nor_the_webhooks_of_others(
    app: Flask, user: User, stranger: User, mail_server: MailServer
) -> None:
    with silent_receiver() as url, silent_receiver() as other_url:
        responses = []
        for _ in range(15):
            webhook = stranger.post("/api/v1/webhooks", json={"url": url, "events": ["succeeded"]}).json
            responses.append(stranger.post(f"/api/v1/webhooks/{webhook['id']}/test"))
        assert {response.status_code for response in responses[:10]} == {202}
        assert responses[-1].status_code == 429  # of tests that wait
        assert int(responses[-1].headers["Retry-After"]) >= 1
        time.sleep(0.5)  # the stranger's deliveries have begun
        mine = user.post("/api/v1/webhooks", json={"url": other_url, "events": ["succeeded"]}).json
        start_s = time.monotonic()
        assert user.post(f"/api/v1/webhooks/{mine['id']}/test").status_code == 202
        response = app.test_client().post("/api/v1/auth/forgot-password", json={"email": user.email})
        assert response.status_code < 300, response.text
        wait_for(lambda: any(user.email in to for to, _ in mail_server.messages))
        deliverer = app.extensions["lectern"].deliverer
        wait_for(lambda: user.id in {each.user_id for each in deliverer._running["webhook"].values()})
        assert sum(each.user_id == stranger.id for each in deliverer._running["webhook"].values()) == 2
        assert time.monotonic() - start_s < 100  # one after the other they take four minutes


def test_a_user_has_a_limited_number_of_event_streams(app_with: AppFactory, user: User, stranger: User) -> None:
    app = app_with(user_event_streams=2)
    app.extensions["lectern"].make_ready()
    hub = app.extensions["lectern"].events

    def caller_of(each: User) -> Caller:
        return Caller(each.id, each.email, "user", "")

    listeners = [hub.listen(caller_of(user), None, None) for _ in range(2)]
    client = app.test_client(use_cookies=False)
    response = client.get("/api/v1/events", headers={**user.headers, "Accept": "text/event-stream"})
    assert (response.status_code, response.json["code"]) == (429, "too_many_listeners")
    assert "Retry-After" in response.headers
    hub.close(hub.listen(caller_of(stranger), None, None))
    hub.close(listeners.pop())
    hub.close(hub.listen(caller_of(user), None, None))
    hub.close(listeners.pop())


def test_a_few_users_cannot_take_all_event_streams(app_with: AppFactory) -> None:
    app = app_with(max_event_streams=16, user_event_streams=10)
    app.extensions["lectern"].make_ready()
    hub, listeners = app.extensions["lectern"].events, []
    with app.app_context():
        for number in range(4):
            caller = Caller(f"user {number}", "ada@example.org", "user", "")
            with contextlib.suppress(TooManyListeners):
                while True:
                    listeners.append(hub.listen(caller, None, None))
        counts = [sum(each.caller.user_id == f"user {number}" for each in listeners) for number in range(4)]
    assert counts == [8, 4, 2, 1]
    for each in listeners:
        hub.close(each)


class StalledBody(io.RawIOBase):
    """A body whose rest arrives when `resume` is set."""

    def __init__(self) -> None:
        self.reached, self.resume = threading.Event(), threading.Event()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.reached.set()
        self.resume.wait(30)
        return 0


@pytest.mark.parametrize("path", ["/upload", "/upload-chunk", "/api/v1/recordings"])
def test_a_user_may_send_a_limited_number_of_files_at_once(app_with: AppFactory, user: User, stranger: User, path: str) -> None:
    app = app_with(user_concurrent_uploads=1)
    body = StalledBody()

    def send(each: User, stream: io.RawIOBase) -> int:
        environ = {"wsgi.input": stream, "CONTENT_LENGTH": "1000", "CONTENT_TYPE": "multipart/form-data; boundary=b"}
        return app.test_client(use_cookies=False).post(path, headers=each.headers, environ_overrides=environ).status_code

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(send, user, body)
        try:
            assert body.reached.wait(10)
            assert send(user, io.BytesIO()) == 429  # type: ignore[arg-type]
            assert send(stranger, io.BytesIO()) == 400  # type: ignore[arg-type]
        finally:
            body.resume.set()
        assert future.result() == 400
    assert send(user, io.BytesIO()) == 400  # type: ignore[arg-type]


class SlowFile(io.RawIOBase):
    """A form with a file, without Content-Length; each piece waits until all uploads have reached it, then calls `before_piece`."""

    def __init__(self, field: str, pieces: int, barrier: threading.Barrier, before_piece: Callable[[], None]) -> None:
        head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="a.mp4"\r\n\r\n'.encode()
        self._pieces = iter([head, *[b"x" * 50_000] * pieces, b"\r\n--b--\r\n"])
        self._rest, self._barrier, self._before_piece = b"", barrier, before_piece

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            with contextlib.suppress(threading.BrokenBarrierError):
                self._barrier.wait(0.3)
            self._before_piece()
            self._rest = next(self._pieces, b"")
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize(("path", "field"), [("/upload", "file"), ("/api/v1/recordings", "file"), ("/upload-chunk", "chunk")])
def test_the_quota_bounds_the_disk_while_several_uploads_arrive(app_with: AppFactory, user: User, path: str, field: str) -> None:
    app = app_with(user_quota_bytes=1_000_000)
    incoming = app.extensions["lectern"].settings.data_dir / "incoming"
    barrier, occupied_bytes = threading.Barrier(4), []

    def send(_: int) -> Any:
        environ = {
            "wsgi.input": SlowFile(field, 30, barrier, measure),
            "wsgi.input_terminated": True,
            "CONTENT_TYPE": "multipart/form-data; boundary=b",
            "HTTP_TRANSFER_ENCODING": "chunked",
            "CONTENT_LENGTH": "",
        }
        return app.test_client(use_cookies=False).post(path, headers=user.headers, environ_overrides=environ)

    def measure() -> None:
        sizes = []
        for part in incoming.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                sizes.append(part.stat().st_size)
        occupied_bytes.append(sum(sizes))

    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(send, range(4)))
    assert {response.json["code"] for response in responses} <= {"quota_exceeded", "not_media", "bad_request"}
    assert "quota_exceeded" in {response.json["code"] for response in responses}
    assert 500_000 < max(occupied_bytes) <= 1_000_000


def test_a_user_has_a_limited_number_of_chunked_uploads(app_with: AppFactory, user: User, stranger: User) -> None:
    app = app_with(user_chunked_uploads=2)

    def send(each: User, file_id: str) -> int:
        form = {"chunk": (io.BytesIO(b"x" * 100), "a.mp4"), "chunk_index": "0", "total_chunks": "1", "original_filename": "a.mp4"}
        return app.test_client(use_cookies=False).post("/upload-chunk", headers=each.headers, data={**form, "file_id": file_id}).status_code

    assert [send(user, file_id) for file_id in ("a", "b", "c", "a")] == [200, 200, 429, 200]
    assert send(stranger, "c") == 200


def test_few_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, running, max_running = threading.Lock(), 0, 0

    class SlowHasher:
        def hash(self, password: str) -> str:
            nonlocal running, max_running
            with lock:
                running += 1
                max_running = max(max_running, running)
            time.sleep(0.05)
            with lock:
                running -= 1
            return password

        def verify(self, password_hash: str, password: str) -> bool:
            return bool(self.hash(password))

    monkeypatch.setattr(passwords, "_hasher", SlowHasher())
    with ThreadPoolExecutor(20) as pool:
        hashes = pool.map(passwords.hash_password, ["a"] * 10)
        verdicts = pool.map(lambda each: passwords.verify("hash", each), ["a"] * 10)
        assert list(hashes) == ["a"] * 10 and all(verdicts)
    assert max_running <= 4
