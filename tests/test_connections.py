"""No request holds a database connection while it waits, and nothing that uses up the connections of requests stops background work."""

from __future__ import annotations

import contextvars
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from database import background_engine, db, session
from lib.fork_server import ForkedProcess
from lib.process import CHILDREN
from lib.waiting import before_waiting
from models import Job
from services.jobs.scheduling import forecast
from tests.conftest import SAMPLES, User

WORKER_KEY = "k" * 40
IDENTIFIER = "00000000-0000-4000-8000-000000000000"


def request_engine(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


class SlowBody(io.RawIOBase):
    """A body that arrives in small pieces. Notes how many connections the requests hold whenever more of it is read."""

    def __init__(self, content: bytes, engine: Engine) -> None:
        self._rest, self._engine, self.size_bytes = io.BytesIO(content), engine, len(content)
        self.connection_counts: list[int] = []

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.connection_counts.append(self._engine.pool.checkedout())  # type: ignore[attr-defined]
        piece = self._rest.read(min(len(buffer), 100))
        buffer[: len(piece)] = piece
        return len(piece)


def send(client: FlaskClient, method: str, path: str, headers: dict[str, str], body: SlowBody, content_type: str) -> TestResponse:
    environ = {"wsgi.input": body, "CONTENT_LENGTH": str(body.size_bytes), "CONTENT_TYPE": content_type}
    return client.open(path, method=method, headers=headers, environ_overrides=environ)


@pytest.fixture
def limited_app(app_with: Callable[..., Flask]) -> Flask:
    """The limiter resolves the caller before the body is read."""
    return app_with(
        worker_api_key=SecretStr(WORKER_KEY),
        rate_limits=True,
        rate_limit_default="100000 per minute",
        rate_limit_register="1000 per minute",
    )


def body_routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
            arguments = {name: 1 if "Integer" in type(rule._converters[name]).__name__ else IDENTIFIER for name in rule.arguments}
            url = rule.build(arguments, append_unknown=False)
            assert url is not None, rule
            yield method, url[1]


def test_no_route_holds_a_connection_while_its_body_arrives(limited_app: Flask, admin: User) -> None:
    client, engine = limited_app.test_client(use_cookies=False), request_engine(limited_app)
    read = 0
    for method, path in body_routes(limited_app):
        if "logout" in path:
            continue  # it ends the session
        content = json.dumps({"file_id": "a", "email": "x", "filler": "x" * 500}).encode()
        body = SlowBody(content, engine)
        headers = {"Authorization": f"Bearer {WORKER_KEY}"} if path.startswith(("/internal", "/worker")) else admin.headers
        send(client, method, path, headers, body, "application/json")
        read += bool(body.connection_counts)
        assert not any(body.connection_counts), f"{method} {path} holds a connection while it reads"
    assert read > 40


@pytest.mark.parametrize(("path", "field"), [("/upload", "file"), ("/upload-chunk", "chunk")])
def test_an_upload_holds_no_connection_while_it_arrives(limited_app: Flask, admin: User, path: str, field: str) -> None:
    engine = request_engine(limited_app)
    form = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="a.mp4"\r\n\r\n'.encode() + b"x" * 300_000 + b"\r\n--b--\r\n"
    body = SlowBody(form, engine)
    send(limited_app.test_client(), "POST", path, admin.headers, body, "multipart/form-data; boundary=b")
    assert len(body.connection_counts) > 100
    assert not any(body.connection_counts)


def test_a_request_holds_no_connection_while_a_child_runs(
    app: Flask, user: User, tiny_subtitles: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, connection_counts = request_engine(app), []

    request_thread, start = threading.get_ident(), CHILDREN.start

    def start_watched(*args: Any) -> ForkedProcess:
        if threading.get_ident() == request_thread:  # not a child of the job, which starts meanwhile
            connection_counts.append(engine.pool.checkedout())  # type: ignore[attr-defined]
        return start(*args)

    monkeypatch.setattr(CHILDREN, "start", start_watched)
    response = user.upload(SAMPLES / "tiny.m4a", subtitles=(io.BytesIO(tiny_subtitles), "a.srt"))
    assert response.status_code in (200, 201, 202), response.text
    assert connection_counts
    assert not any(connection_counts)


def test_an_exhausted_pool_responds_503_within_a_second_while_jobs_finish(app_with: Callable[..., Flask], tiny_subtitles: bytes) -> None:
    app = app_with(db_pool_size=1, db_max_overflow=0)
    app.extensions["lectern"].make_ready()
    user = User(app, "ada@example.org")
    assert user.upload(SAMPLES / "tiny.m4a", subtitles=(io.BytesIO(tiny_subtitles), "a.srt")).status_code < 300
    with request_engine(app).connect():
        start_s = time.monotonic()
        response = user.get("/list")
        assert (response.status_code, response.json["code"]) == (503, "database_busy")
        assert int(response.headers["Retry-After"]) >= 1
        assert time.monotonic() - start_s < 15  # the pool waits for less than a second; its usual limit is 30 s
        deadline = time.monotonic() + 60
        with app.app_context():
            while time.monotonic() < deadline:
                with Session(background_engine()) as session:
                    job = session.execute(select(Job.state, Job.attempt)).one()
                if job.state == "succeeded":
                    break
                time.sleep(0.1)
            else:
                raise AssertionError("the job did not finish")
        assert job.attempt == 1  # no attempt waited for a connection of requests
    assert user.get("/list").status_code == 200


def test_pollers_of_a_waiting_job_hold_no_connection_while_they_wait_for_the_forecast(
    app_with: Callable[..., Flask], admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_with(db_pool_size=2, db_max_overflow=0, db_pool_timeout_s=20)  # the machine may stand still for a second
    app.extensions["lectern"].make_ready()
    assert admin.post("/admin/queue/pause", json={"reason": "test"}).status_code < 300
    video_id = admin.upload(SAMPLES / "tiny.m4a").json["video_id"]
    queue_forecast, pool = app.extensions["lectern"].queue_forecast, request_engine(app).pool
    waiting = threading.Semaphore(0)

    def wait_noted() -> None:
        before_waiting()
        waiting.release()

    def poll(_: int) -> int:
        queue_forecast._valid_until = 0.0  # each poll renews it
        return app.test_client(use_cookies=False).get(f"/status/{video_id}", headers=admin.headers).status_code

    monkeypatch.setattr(forecast, "before_waiting", wait_noted)
    monkeypatch.setattr(forecast, "_MAX_WAIT_S", 60)
    with ThreadPoolExecutor(4) as threads:
        with queue_forecast._lock:
            statuses = threads.map(poll, range(40))
            assert all(waiting.acquire(timeout=60) for _ in range(4))
            assert pool.checkedout() == 0  # type: ignore[attr-defined]
        assert set(statuses) == {200}


def test_a_thread_that_waits_leaves_the_reads_of_other_threads_alone(app: Flask) -> None:
    with app.app_context():
        session().execute(select(Job.id))
        stage = threading.Thread(target=contextvars.copy_context().run, args=(before_waiting,))
        stage.start()
        stage.join()
        assert session().in_transaction()
        before_waiting()
        assert not session().in_transaction()
