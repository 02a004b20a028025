"""Remote workers over HTTP: access, the protocol, and the checks of their requests."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr, ValidationError
from sqlalchemy import update

from config import PROJECT, Settings
from database import transaction
from lib.api_client import ApiClient
from lib.clock import now
from models import Job
from pipelines.http_session import HttpJobSession
from pipelines.job_runner import JobRunner
from pipelines.registry import PIPELINES
from scripts.client import Client
from scripts.server import Server
from services.documents.reference_document import FILE, TEMPLATES
from services.jobs import queue
from tests.applications import serve_app
from tests.conftest import SAMPLES, User, list_stored_keys, upload_quick_recording

KEY = "the key that workers have, long enough"
TEXT = b"What was said.\n"


class NotifiedServer(ThreadingHTTPServer):
    """A worker's server, which records the requests to /process."""

    def __init__(self) -> None:
        self.notifications: list[tuple[str, dict[str, Any]]] = []
        self.received = threading.Event()
        notification, received = self.notifications, self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                notification.append((self.headers["Authorization"], body))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()
                received.set()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def notified_server() -> Iterator[NotifiedServer]:
    with NotifiedServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(settings: Settings, notified_server: NotifiedServer) -> Settings:
    """The app of these tests leaves its jobs to remote workers."""
    changes = {
        "job_executor": "remote",
        "worker_api_key": SecretStr(KEY),
        "worker_service_url": f"http://127.0.0.1:{notified_server.server_port}",
        "public_url": "http://localhost",
    }
    return settings.model_copy(update=changes)


class Worker:
    """A program that speaks the protocol, with the key or without."""

    def __init__(self, app: Flask, name: str = "w1", key: str = KEY) -> None:
        self.http, self.name, self.headers = app.test_client(use_cookies=False), name, {"Authorization": f"Bearer {key}"}
        self.job: dict[str, Any] = {}

    def claim(self, job_id: str | None = None) -> int:
        response = self.http.post("/internal/worker/claim", json={"worker": self.name, "job_id": job_id}, headers=self.headers)
        self.job = response.json if response.status_code == 200 else {}
        return response.status_code

    def post(self, what: str, **notification: Any) -> Any:
        body = {"worker": self.name, "attempt": self.job["attempt"], **notification}
        return self.http.post(f"/internal/worker/jobs/{self.job['job_id']}/{what}", json=body, headers=self.headers)

    def send(self, content: bytes, format_name: str = "txt") -> Any:
        hold = {"worker": self.name, "attempt": self.job["attempt"]}
        address = f"/internal/worker/jobs/{self.job['job_id']}/results/{format_name}"
        return self.http.put(address, data=content, query_string=hold, headers=self.headers)


def output(content: bytes, format_name: str = "txt") -> dict[str, Any]:
    return {"format": format_name, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


@pytest.fixture
def upload_response(user: User) -> dict[str, Any]:
    response = user.upload(SAMPLES / "tiny.m4a", formats="txt")
    assert response.status_code == 200, response.text
    return response.json


def test_a_notified_worker_does_the_job_by_callbacks(
    app: Flask, user: User, upload_response: dict[str, Any], notified_server: NotifiedServer
) -> None:
    assert notified_server.received.wait(30)
    authorization, notification = notified_server.notifications[0]
    assert authorization == f"Bearer {KEY}"
    assert (notification["video_id"], notification["job_id"], notification["callback_url"]) == (
        upload_response["video_id"],
        upload_response["job_id"],
        "http://localhost/worker/callback",
    )
    worker = Worker(app)

    def call_back(**report: Any) -> Any:
        return worker.http.post(
            "/worker/callback", json={"video_id": notification["video_id"], "worker": "w1", **report}, headers=worker.headers
        )

    worker.job = call_back(status="processing").json
    assert call_back(status="processing").json["state"] == "running"  # a heartbeat of the worker that holds the job
    assert call_back(status="processing", worker="w2").status_code == 204  # it runs already
    attempt = worker.job["attempt"]
    assert call_back(status="processing", attempt=attempt, stage="slides", progress=40).status_code == 200
    status = user.get(f"/status/{upload_response['video_id']}").json
    assert (status["status"], status["stage"], status["progress"]) == ("processing", "slides", 40)
    assert worker.send(TEXT).status_code == 200
    assert call_back(status="completed", attempt=attempt, outputs=[output(TEXT)], warnings=["It was loud."]).status_code == 200
    status = user.get(f"/status/{upload_response['video_id']}").json
    assert (status["status"], status["warnings"]) == ("completed", ["It was loud."])
    assert user.open_link(status["downloads"]["txt"]).content == TEXT


def test_a_worker_that_holds_the_job_reports_without_attempt(
    app: Flask, user: User, upload_response: dict[str, Any], notified_server: NotifiedServer
) -> None:
    """Thakii's documented body has two fields: video_id and status."""
    worker = Worker(app, "callback")

    def call_back(status: str) -> Any:
        body = {"video_id": upload_response["video_id"], "status": status}
        return worker.http.post("/worker/callback", json=body, headers=worker.headers)

    assert call_back("completed").json["code"] == "lease_lost"  # nobody has claimed the job
    worker.job = call_back("processing").json
    assert call_back("completed").json["code"] == "outputs_wrong"  # nothing was uploaded
    assert worker.send(TEXT).status_code == 200
    assert call_back("completed").json["state"] == "succeeded"
    assert user.open_link(user.get(f"/status/{upload_response['video_id']}").json["downloads"]["txt"]).content == TEXT
    assert call_back("failed").json["code"] == "lease_lost"


def test_a_worker_that_speaks_thakiis_protocol(app: Flask, user: User, upload_response: dict[str, Any]) -> None:
    worker = Worker(app, "thakii-1")

    def post(path: str, **body: Any) -> Any:
        return worker.http.post(f"/internal/{path}", json={"worker_id": worker.name, **body}, headers=worker.headers)

    pending = worker.http.get("/internal/get-pending-tasks", headers=worker.headers).json
    assert (pending["count"], pending["tasks"][0]["video_id"]) == (1, upload_response["video_id"])
    worker.job = post("worker/pickup-task").json["task"]
    assert (worker.job["video_id"], worker.job["status"], worker.job["filename"]) == (upload_response["video_id"], "processing", "tiny.m4a")
    assert post("worker/pickup-task").status_code == 204
    assert post("worker/heartbeat", active_task_ids=[upload_response["video_id"], "nowhere"]).json["lost_task_ids"] == ["nowhere"]
    update = {"video_id": upload_response["video_id"]}
    assert post("worker/update-task", **update, status="processing", progress=40).status_code == 200
    assert user.get(f"/status/{upload_response['video_id']}").json["progress"] == 40
    assert post("worker/heartbeat", active_task_ids=[upload_response["video_id"]]).json["lost_task_ids"] == []
    assert post("task-update", **update, status="processing").status_code == 200
    assert user.get(f"/status/{upload_response['video_id']}").json["progress"] == 40  # reports without progress leave it
    assert post("task-update", **update, status="completed").json["code"] == "outputs_wrong"
    assert post("task-update", **{**update, "worker_id": "other"}, status="failed").status_code == 409
    assert worker.send(TEXT).status_code == 200
    assert post("worker/update-task", **update, status="completed").status_code == 200
    assert user.get(f"/status/{upload_response['video_id']}").json["status"] == "completed"
    assert post("worker/recover-stale-tasks").json["recovered_count"] == 0


@pytest.mark.parametrize("public_url", ["", "https://notes.example.org/thakii-be"])
def test_links_of_a_claim_contain_the_prefix_once(
    app_with: Callable[..., Flask], upload_response: dict[str, Any], settings: Settings, public_url: str
) -> None:
    worker = Worker(app_with(url_prefix="/thakii-be", public_url=public_url))
    assert worker.claim() == 200
    base = public_url or "http://localhost/thakii-be"
    links = {name: value for name, value in worker.job.items() if name.endswith("_url") and value}
    assert set(links) == {"source_url", "results_url", "heartbeat_url", "complete_url", "fail_url"}
    for link in (*links.values(), *(each["url"] for each in worker.job["inputs"])):
        assert link.startswith(f"{base}/internal/worker/jobs/{worker.job['job_id']}/"), link
    path = "/thakii-be" + links["source_url"].removeprefix(base)
    assert worker.http.get(path, headers=worker.headers).data == (SAMPLES / "tiny.m4a").read_bytes()


def test_inputs_are_sent_whole_or_in_ranges(app: Flask, upload_response: dict[str, Any]) -> None:
    worker = Worker(app)
    assert worker.claim() == 200
    path = worker.job["source_url"].removeprefix("http://localhost")
    whole = worker.http.get(path, headers=worker.headers)
    assert whole.data == (SAMPLES / "tiny.m4a").read_bytes()
    assert hashlib.sha256(whole.data).hexdigest() == worker.job["sha256"]
    part = worker.http.get(path, headers={**worker.headers, "Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, whole.data[:10])
    assert worker.job["subtitles_url"] is None


def test_an_input_that_was_replaced_is_not_sent_and_the_worker_releases_the_job(app: Flask, user: User, tmp_path: Path) -> None:
    def put_reference(paper: str) -> None:
        file = (io.BytesIO((TEMPLATES / f"reference-{paper}.docx").read_bytes()), "style.docx")
        assert user.http.put("/api/v1/reference-document", data={"file": file}, headers=user.headers).status_code == 200

    def read(link: str) -> Any:
        return worker.http.get(link.removeprefix("http://localhost"), headers=worker.headers)

    put_reference("a4")
    assert user.upload(SAMPLES / "tiny.m4a", formats="docx").status_code == 200
    worker = Worker(app)
    assert worker.claim() == 200
    [before] = [each for each in worker.job["inputs"] if each["name"] == FILE]
    assert hashlib.sha256(read(before["url"]).data).hexdigest() == before["sha256"]
    put_reference("letter")
    response = read(before["url"])
    assert (response.status_code, response.json["code"]) == (409, "input_changed")
    with serve_app(app) as url:
        runner = JobRunner(PIPELINES, app.extensions["lectern"].engines, tmp_path / "remote")
        runner.run(HttpJobSession(ApiClient(url, KEY), worker.job), lambda: False)
    assert worker.claim() == 200 and worker.job["attempt"] == 2
    [after] = [each for each in worker.job["inputs"] if each["name"] == FILE]
    assert after["sha256"] != before["sha256"] and hashlib.sha256(read(after["url"]).data).hexdigest() == after["sha256"]
    assert user.http.delete("/api/v1/reference-document", headers=user.headers).status_code == 200
    assert read(after["url"]).status_code == 409


def test_results_are_checked_before_the_job_succeeds(app: Flask, user: User, upload_response: dict[str, Any]) -> None:
    worker = Worker(app)
    assert worker.claim() == 200
    assert worker.post("complete", outputs=[output(TEXT)]).json["code"] == "outputs_wrong"
    assert worker.send(TEXT[:-3]).status_code == 200
    cut = worker.post("complete", outputs=[output(TEXT)])
    assert (cut.status_code, cut.json["code"]) == (422, "outputs_wrong")
    assert "12 bytes" in cut.json["error"]
    assert worker.send(b"x" * len(TEXT)).status_code == 200
    assert worker.post("complete", outputs=[output(TEXT)]).status_code == 422
    assert worker.post("complete", outputs=[], empty=["txt"]).status_code == 422
    assert worker.send(TEXT, "pdf").status_code == 422
    assert user.get(f"/status/{upload_response['video_id']}").json["status"] == "processing"
    assert worker.send(TEXT).status_code == 200
    assert worker.post("complete", outputs=[output(TEXT)]).json["state"] == "succeeded"


def test_a_remote_worker_without_the_lease_cannot_write(app: Flask, user: User, upload_response: dict[str, Any]) -> None:
    late, fresh = Worker(app, "late"), Worker(app, "fresh")
    assert late.claim() == 200 and fresh.claim() == 204
    assert late.send(b"old").status_code == 200
    with app.app_context():
        with transaction() as session:
            session.execute(update(Job).values(lease_expires_at=now()))
        assert queue.rescue_orphaned() == 1
    assert fresh.claim(upload_response["job_id"]) == 200
    assert fresh.job["attempt"] == late.job["attempt"] + 1
    responses = [
        late.post("heartbeat", stage="speech"),
        late.send(b"newer"),
        late.post("complete", outputs=[output(b"old")]),
        late.post("fail", message="no"),
        late.post("release"),
    ]
    assert [(response.status_code, response.json["code"]) for response in responses] == [(409, "lease_lost")] * 5
    late.name = "fresh"  # nor by the other's name, with the attempt of before
    assert late.post("fail", message="no").status_code == 409
    assert fresh.send(TEXT).status_code == 200
    assert fresh.post("complete", outputs=[output(TEXT)]).status_code == 200
    assert fresh.post("complete", outputs=[output(TEXT)]).status_code == 409
    assert user.open_link(user.get(f"/status/{upload_response['video_id']}").json["downloads"]["txt"]).content == TEXT


def test_a_remote_worker_fails_releases_and_sees_cancellation(app: Flask, user: User, upload_response: dict[str, Any]) -> None:
    worker = Worker(app)
    assert worker.claim() == 200
    assert worker.post("release").json["state"] == "queued"
    assert worker.claim() == 200
    response = worker.post("fail", code="out_of_memory", message="It was too much.", stage="speech", log="trace")
    assert response.json["state"] == "failed"
    status = user.get(f"/status/{upload_response['video_id']}").json
    assert (status["error_code"], status["error_detail"]["stage"]) == ("out_of_memory", "speech")
    assert "It was too much." in status["error"]
    assert user.post(f"/api/v1/jobs/{upload_response['job_id']}/retry").status_code == 200
    assert worker.claim() == 200
    user.post(f"/api/v1/jobs/{upload_response['job_id']}/cancel")
    assert worker.post("heartbeat").json["code"] == "cancelled"
    worker.post("fail", code="cancelled", message="It was cancelled.")
    assert user.get(f"/status/{upload_response['video_id']}").json["status"] == "cancelled"
    assert [key for key in list_stored_keys(app) if key.startswith("jobs/")] == []


def test_every_call_needs_the_key(app: Flask, user: User, upload_response: dict[str, Any]) -> None:
    worker = Worker(app)
    assert worker.claim() == 200
    for key in ("", KEY[:-1], KEY + "x", user.tokens["access_token"]):
        thief = Worker(app, key=key)
        assert thief.claim() == 401
        thief.job = worker.job
        assert {thief.post(what).status_code for what in ("heartbeat", "complete", "fail", "release")} == {401}
        assert thief.send(TEXT).status_code == 401
        assert thief.http.post("/worker/callback", json={"status": "failed"}, headers=thief.headers).status_code == 401


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({}, "WORKER_API_KEY"),
        ({"worker_api_key": KEY, "worker_service_url": "http://worker.example.org"}, "PUBLIC_URL"),
        ({"worker_api_key": KEY, "worker_service_url": "worker.example.org", "public_url": "http://x"}, "WORKER_SERVICE_URL"),
    ],
)
def test_missing_settings_are_named(changes: dict[str, Any], variable: str) -> None:
    with pytest.raises(ValidationError, match=variable):
        Settings(_env_file=None, job_executor="remote", **changes)


@pytest.mark.slow("starts a server and a worker")
@pytest.mark.parametrize("prefix", ["", "/thakii-be"])
def test_flask_worker_runs_a_servers_jobs_over_http_alone(tmp_path: Path, models_dir: Path, prefix: str) -> None:
    with Server(tmp_path / "server", {"JOB_EXECUTOR": "remote", "WORKER_API_KEY": KEY, "LEASE_S": "8", "URL_PREFIX": prefix}) as server:
        client = Client(server.url)
        client.register()
        upload_response = upload_quick_recording(client, formats="txt,pdf")
        environment = {**os.environ, "DATA_DIR": str(tmp_path / "worker"), "MODELS_DIR": str(models_dir), "WORKER_API_KEY": KEY}
        log = (tmp_path / "worker.log").open("wb")
        worker = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "worker", server.url + prefix, "--name", "far-away", "--every", "0.2"],
            cwd=PROJECT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            status = client.wait(upload_response["video_id"])
            job = client.call("GET", f"/api/v1/jobs/{upload_response['job_id']}")
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0
        finally:
            worker.kill()
            worker.wait()
            log.close()
    assert status["status"] == "completed", status
    assert set(status["downloads"]) == {"txt", "pdf"}
    assert job["attempt"] == 1 and job["metrics"]["stages"]["document_pdf"]["wall_s"] > 0
    assert not (tmp_path / "worker" / "lectern.db").exists()
    assert not list((tmp_path / "server").glob("work/*"))
