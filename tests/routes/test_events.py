"""Event streams: complete, without duplicates, and ending with the job."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import delete, func, insert, select, text

import errors
from database import db, end_read, session, transaction
from models import Job, JobEvent
from scripts.client import Client
from scripts.server import Server
from services.accounts import Caller
from services.events.frames import running_jobs
from services.events.hub import EventHub, Listener
from services.events.reader import EventReader
from services.jobs import queue
from tests.conftest import User
from tests.link_server import link_server
from tests.waiting import wait_for

STREAM = {"Accept": "text/event-stream"}
LEASE_S = 30.0


class Frame:
    def __init__(self, lines: list[str]) -> None:
        fields = dict(line.split(": ", 1) for line in lines)
        self.kind, self.id = fields.get("event"), fields.get("id")
        self.data: dict[str, Any] = json.loads(fields["data"]) if "data" in fields else {}


def parse_frames(lines: Iterator[str], heartbeats: list[float] | None = None) -> Iterator[Frame]:
    """Parse an event stream as browsers do (HTML Standard, 9.2.6)."""
    field_lines: list[str] = []
    for line in lines:
        if line.startswith(":") and heartbeats is not None:
            heartbeats.append(time.monotonic())
        elif line and not line.startswith(":"):
            field_lines.append(line)
        elif field_lines:
            frame = Frame(field_lines)
            field_lines = []
            if frame.kind:
                yield frame


@pytest.fixture
def idle(app: Flask) -> Flask:
    """An app whose own executor takes no jobs."""
    app.extensions["lectern"].executor.shut_down(0)
    return app


def run_jobs(idle: Flask, user: User, count: int = 1) -> list[str]:
    """Submit jobs and run them until they fail; return their ids."""
    with idle.app_context():
        job_ids = [queue.submit(user_id=user.id, pipeline="lecture_notes", options={}).id for _ in range(count)]
        for _ in job_ids:
            claim = queue.claim("w", LEASE_S)
            queue.heartbeat(claim, LEASE_S, stage="audio", progress=10, seconds_left=9)
            queue.fail(claim, errors.NotMedia("noise"), stage="audio", log="")
    return job_ids


def test_a_finished_job_is_replayed_and_the_stream_ends(idle: Flask, user: User, stranger: User) -> None:
    (job_id,) = run_jobs(idle, user)
    response = user.http.get(f"/api/v1/jobs/{job_id}/events", headers=user.headers | STREAM)
    assert response.content_type.startswith("text/event-stream")
    assert (response.headers["Cache-Control"], response.headers["X-Accel-Buffering"]) == ("no-store", "no")
    frames_seen = list(parse_frames(iter(response.text.splitlines())))
    assert [frame.kind for frame in frames_seen] == ["queued", "running", "stage", "failed"]
    last = frames_seen[-1].data
    assert (last["job_id"], last["state"], last["stage"], last["progress"], last["code"]) == (job_id, "failed", "audio", 10, "not_media")
    assert "not a video or audio" in last["message"] and "MP4" in last["hint"] and last["at"].endswith("Z")
    assert frames_seen[2].data["seconds_left"] == 9
    rest = user.http.get(f"/api/v1/jobs/{job_id}/events", headers=user.headers | STREAM | {"Last-Event-ID": frames_seen[1].id})
    assert [frame.id for frame in parse_frames(iter(rest.text.splitlines()))] == [frames_seen[2].id, frames_seen[3].id]
    nothing = user.http.get(f"/api/v1/jobs/{job_id}/events?last_event_id={frames_seen[-1].id}", headers=user.headers | STREAM)
    assert nothing.status_code == 204
    events = user.get(f"/api/v1/jobs/{job_id}/events").json["events"]
    assert [str(event["id"]) for event in events] == [frame.id for frame in frames_seen]
    assert user.http.get(f"/api/v1/jobs/{job_id}/events", headers=user.headers | STREAM | {"Last-Event-ID": "x"}).status_code == 422
    assert stranger.http.get(f"/api/v1/jobs/{job_id}/events", headers=stranger.headers | STREAM).status_code == 404
    assert user.http.get("/api/v1/events", headers=STREAM).status_code == 401


def test_the_stream_of_a_retried_job_ends_at_its_second_end(idle: Flask, user: User) -> None:
    (job_id,) = run_jobs(idle, user)
    with idle.app_context():
        queue.retry(job_id)
        claim = queue.claim("w", LEASE_S)
        with transaction() as session:
            queue.succeed(session, claim, warnings=[], metrics={})
    frames_seen = parse_frames(iter(user.http.get(f"/api/v1/jobs/{job_id}/events", headers=user.headers | STREAM).text.splitlines()))
    assert [frame.kind for frame in frames_seen] == ["queued", "running", "stage", "failed", "queued", "running", "succeeded"]


def test_list_events_of_all_jobs(idle: Flask, user: User, stranger: User) -> None:
    run_jobs(idle, user, count=2)
    events = user.get("/api/v1/events").json["events"]
    assert len(events) == 8
    assert user.get("/api/v1/events?limit=3").json["events"] == events[-3:]
    assert user.get(f"/api/v1/events?limit=2&last_event_id={events[2]['id']}").json["events"] == events[3:5]
    assert stranger.get("/api/v1/events").json["events"] == []


def test_event_ids_are_never_reused(idle: Flask, user: User) -> None:
    (job_id,) = run_jobs(idle, user)
    with idle.app_context():
        before = max(session().execute(select(JobEvent.id)).scalars())
        with transaction() as write_session:
            write_session.execute(delete(Job).where(Job.id == job_id))
        run_jobs(idle, user)
        end_read()
        assert min(session().execute(select(JobEvent.id)).scalars()) > before


def test_an_event_that_is_committed_late_is_not_lost(idle: Flask, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with idle.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite has one writer at a time")
        (job_id,) = run_jobs(idle, user)
        new = insert(JobEvent).values(job_id=job_id, user_id=user.id, kind="stage", data={})
        reader = EventReader(ids_in_order=False)
        end_read()
        frames_seen = [frame.id for frame in reader.read()]
        assert len(frames_seen) == 4
        with db.engine.connect() as slow, db.engine.connect() as quick:
            slow.execute(new)
            quick.execute(new)
            quick.commit()
            end_read()
            assert reader.read() == []  # an earlier event may still be committed
            slow.commit()
        end_read()
        assert [(frame.id, frame.is_late) for frame in reader.read()] == [(frames_seen[-1] + 1, False), (frames_seen[-1] + 2, False)]
        with db.engine.connect() as slow, db.engine.connect() as quick:
            slow.execute(new)
            quick.execute(new)
            quick.commit()
            monkeypatch.setattr("services.events.reader._HOLD_S", 0.0)
            end_read()
            assert [(frame.id, frame.is_late) for frame in reader.read()] == [(frames_seen[-1] + 4, False)]
            slow.commit()
        end_read()
        assert [(frame.id, frame.is_late) for frame in reader.read()] == [(frames_seen[-1] + 3, True)]
        session().execute(text("SELECT 1"))


def test_a_listener_that_registers_during_a_poll_gets_every_event_once(idle: Flask, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_slowly(reader: EventReader) -> list[Any]:
        rows = read(reader)
        time.sleep(0.01)  # a listener registers meanwhile
        return rows

    read = EventReader.read
    monkeypatch.setattr(EventReader, "read", read_slowly)
    monkeypatch.setattr("services.events.hub._POLL_S", 0.002)
    hub = idle.extensions["lectern"].events
    monkeypatch.setattr(hub._listener_limit, "per_user", 60)
    with idle.app_context():
        job_id = queue.submit(user_id=user.id, pipeline="lecture_notes", options={}).id
        claim = queue.claim("w", LEASE_S)
        caller = Caller(user.id, user.email, "user", "")
    received_ids: list[list[str | None]] = []

    def listen() -> None:
        listener = hub.listen(caller, job_id, None)
        text = b"".join(hub.stream(listener)).decode()
        hub.close(listener)
        received_ids.append([frame.id for frame in parse_frames(iter(text.splitlines())) if frame.id])

    threads = [threading.Thread(target=listen) for _ in range(60)]
    with idle.app_context():
        for number, thread in enumerate(threads):
            thread.start()
            queue.heartbeat(claim, LEASE_S, stage=str(number), progress=1, seconds_left=None)
        with transaction() as write_session:
            queue.succeed(write_session, claim, warnings=[], metrics={})
        for thread in threads:
            thread.join(20)
        event_ids = [str(event_id) for event_id in session().execute(select(JobEvent.id).order_by(JobEvent.id)).scalars()]
    assert len(event_ids) == 63
    assert received_ids == [event_ids] * 60


@pytest.fixture
def stopped_hub(idle: Flask) -> EventHub:
    """A hub without a thread, which has polled once: tests call `_tick`."""
    forecast = idle.extensions["lectern"].events.queue_forecast
    hub = EventHub(idle.app_context, idle.app_context, forecast, max_listeners=9, max_listeners_per_user=9, heartbeat_s=60)
    hub._last_listened_at = time.monotonic()  # else the hub is idle until the first listener wakes its thread
    with idle.app_context():
        hub._tick()
    return hub


def received_states(listener: Listener) -> list[str]:
    """Return the states of the progress frames that wait for the listener."""
    frames = [listener.frames.get_nowait() for _ in range(listener.frames.qsize())]
    return [json.loads(frame.text.decode().split("data: ")[1])["state"] for frame in frames if frame and frame.id is None]


def test_progress_is_never_older_than_the_events_that_a_listener_has(
    idle: Flask, user: User, stopped_hub: EventHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream resumed at another process may be ahead of that process's hub, and one may begin while the hub polls."""
    caller = Caller(user.id, user.email, "user", "")
    later: list[Listener] = []

    def query_while_a_listener_registers() -> Any:
        later.append(stopped_hub.listen(caller, job_id, None))
        return running_jobs()

    with idle.app_context():
        job_id = queue.submit(user_id=user.id, pipeline="lecture_notes", options={}).id
        early = stopped_hub.listen(caller, None, None)
        stopped_hub._tick()
        assert received_states(early) == ["queued"]
        assert queue.claim("w", LEASE_S)
        running_id = session().execute(select(func.max(JobEvent.id))).scalar_one()
        resumed_listener = stopped_hub.listen(caller, job_id, running_id)
        assert received_states(resumed_listener) == []  # the hub has not read the event "running" yet
        monkeypatch.setattr("services.events.hub.running_jobs", query_while_a_listener_registers)
        stopped_hub._tick()
        monkeypatch.undo()
        stopped_hub._tick()
        last = stopped_hub.listen(caller, job_id, None)
    for listener in (early, resumed_listener, *later, last):
        assert received_states(listener) == ["running"]


# ---------------------------------------------------------------- real servers


class Watcher(threading.Thread):
    """Reads a stream until it ends, or until `max_events` events have arrived."""

    def __init__(self, client: Client, path: str, after: str | None = None, max_events: int = 10**6) -> None:
        super().__init__(daemon=True)
        headers = {**client.http.headers, **STREAM, **({"Last-Event-ID": after} if after else {})}
        self.response = requests.get(client.url + path, headers=headers, stream=True, timeout=30)
        assert self.response.status_code == 200, self.response.text
        self.frames_seen: list[Frame] = []
        self.heartbeats: list[float] = []
        self._max_events = max_events
        self.start()

    def run(self) -> None:
        with self.response:
            for frame in parse_frames(self.response.iter_lines(chunk_size=1, decode_unicode=True), self.heartbeats):
                self.frames_seen.append(frame)
                if len(self.events) >= self._max_events:
                    return

    @property
    def events(self) -> list[Frame]:
        return [frame for frame in self.frames_seen if frame.id]

    def wait_for_end(self, timeout_s: float = 30) -> Watcher:
        self.join(timeout_s)
        assert not self.is_alive(), [frame.kind for frame in self.frames_seen]
        return self


@pytest.mark.slow("starts a server with two workers")
def test_all_listeners_get_the_same_events_and_resume_after_a_restart(migrated_data_dir: Path, models_dir: Path) -> None:
    settings = {"MODELS_DIR": str(models_dir), "EVENT_HEARTBEAT_S": "0.5", "MAX_EVENT_STREAMS": "10"}
    with link_server() as site, Server(migrated_data_dir, settings | {"LINK_ALLOWED_HOSTS": site.host}, workers=2) as server:
        site.is_slow = True  # until progress was seen
        client = Client(server.url)
        client.register()
        mine = Watcher(client, "/api/v1/events")
        recording = client.call("POST", "/api/v1/links", json={"url": f"{site.url}/files/one.m4a", "formats": ["txt"], "language": "en"})
        path = f"/api/v1/jobs/{recording['job']['id']}/events"
        first = Watcher(client, path, max_events=2).wait_for_end()
        rest = Watcher(client, path, after=first.events[-1].id)
        wait_for(lambda: any(frame.kind == "progress" for frame in rest.frames_seen))
        site.is_slow = False
        rest.wait_for_end(60)
        all_events = [(str(event["id"]), event["kind"]) for event in client.call("GET", path)["events"]]
        assert [(frame.id, frame.kind) for frame in first.events + rest.events] == all_events
        assert all_events[-1][1] == "succeeded"
        progress = [frame for frame in rest.frames_seen if frame.kind == "progress"]
        assert all(frame.data["state"] == "running" and frame.data["recording_id"] == recording["id"] for frame in progress)
        wait_for(lambda: mine.heartbeats and len(mine.events) >= len(all_events))
        assert [(frame.id, frame.kind) for frame in mine.events if frame.data["job_id"] == recording["job"]["id"]] == all_events
        assert mine.is_alive()
        client.call("POST", "/api/v1/auth/logout")
        mine.wait_for_end()  # its session was revoked


def test_listeners_over_the_limit_are_refused(migrated_data_dir: Path, models_dir: Path) -> None:
    with Server(migrated_data_dir, {"MODELS_DIR": str(models_dir), "MAX_EVENT_STREAMS": "3", "DRAIN_S": "30"}) as server:
        client = Client(server.url)
        client.register()
        watchers = [Watcher(client, "/api/v1/events") for _ in range(2)]
        response = client.http.get(f"{server.url}/api/v1/events", headers=STREAM, timeout=10)
        assert (response.status_code, response.json()["code"]) == (503, "temporarily_unavailable")
        assert int(response.headers["Retry-After"]) > 0
        assert client.call("GET", "/api/v1/events") == {"events": []}
        start_s = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start_s < 20, "the server waited for the streams"
        for watcher in watchers:
            watcher.wait_for_end()
