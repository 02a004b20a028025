"""Webhooks about ended jobs: signatures, retries, restarts, private addresses."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from config import Settings
from database import transaction
from lib import http_client
from lib.clock import now
from models import Webhook
from scripts.client import Client
from scripts.server import Server
from services.jobs import queue
from tests.conftest import User, upload_quick_recording
from tests.waiting import wait_for

LEASE_S = 30.0


class Receiver(ThreadingHTTPServer):
    """A webhook receiver. `answers`: the statuses in turn; the last one is repeated."""

    daemon_threads = True

    def __init__(self, port: int = 0, answers: tuple[int, ...] = (200,), body: bytes = b"thanks") -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.answers, self.body = list(answers), body
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/told"

    def wait_for(self, count: int, timeout_s: float = 20) -> list[tuple[dict[str, str], bytes]]:
        wait_for(lambda: len(self.received) >= count, timeout_s)
        return self.received

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.received.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        status = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("services.outbox.deliverer._POLL_INTERVAL_S", 0.1)
    return settings.model_copy(update={"webhook_allow_private": True, "webhook_backoff_s": 0.1})


@pytest.fixture
def idle(app: Flask) -> Flask:
    """An app whose own executor takes no jobs."""
    app.extensions["lectern"].executor.shut_down(0)
    return app


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as started:
        yield started


def create_webhook(user: User, url: str, **more: Any) -> dict[str, Any]:
    webhook = user.post("/api/v1/webhooks", json={"url": url, **more})
    assert webhook.status_code == 201, webhook.text
    return dict(webhook.json)


def run_job(app: Flask, user: User) -> str:
    with app.app_context():
        job = queue.submit(user_id=user.id, pipeline="lecture_notes", options={"base_url": "https://lectern.example.org"})
        claim = queue.claim("w", LEASE_S)
        with transaction() as session:
            queue.succeed(session, claim, warnings=["a warning"], metrics={})
        return job.id


def deliveries_of(user: User, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    return list(user.get(f"/api/v1/webhooks/{webhook['id']}/deliveries").json["deliveries"])


def test_a_finished_job_sends_a_signed_webhook(idle: Flask, user: User, receiver: Receiver) -> None:
    webhook = create_webhook(user, receiver.url, events=["succeeded"])
    job_id = run_job(idle, user)
    cancelled = user.post(f"/api/v1/jobs/{_waiting_job(idle, user)}/cancel")  # not subscribed
    assert cancelled.json["state"] == "cancelled"
    headers, body = receiver.wait_for(1)[0]
    event = json.loads(body)
    assert (event["event"], event["job"]["id"], event["job"]["state"]) == ("job.succeeded", job_id, "succeeded")
    assert event["job"]["warnings"] == ["a warning"] and event["job"]["error"] is None
    assert event["links"]["job"] == f"https://lectern.example.org/api/v1/jobs/{job_id}"
    expected = hmac.new(webhook["secret"].encode(), headers["Webhook-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Webhook-Signature"] == f"v1={expected}"
    assert abs(int(headers["Webhook-Timestamp"]) - time.time()) < 60
    wait_for(lambda: deliveries_of(user, webhook)[0]["state"] == "delivered")
    (delivery,) = deliveries_of(user, webhook)
    assert (delivery["id"], delivery["attempts"], delivery["status_code"]) == (headers["Webhook-Id"], 1, 200)
    assert (delivery["response"], delivery["body"]) == ("thanks", body.decode())


def _waiting_job(app: Flask, user: User) -> str:
    with app.app_context():
        return queue.submit(user_id=user.id, pipeline="lecture_notes", options={}).id


def test_delivery_is_retried_until_it_succeeds(idle: Flask, user: User) -> None:
    with Receiver(answers=(500, 302, 503, 204), body=b"\0" + b"x" * 5000) as receiver:
        webhook = create_webhook(user, receiver.url)
        run_job(idle, user)
        requests = receiver.wait_for(4)
        wait_for(lambda: deliveries_of(user, webhook)[0]["state"] == "delivered")
        assert deliveries_of(user, webhook)[0]["attempts"] == 4
        assert {headers["Webhook-Id"] for headers, _ in requests} == {deliveries_of(user, webhook)[0]["id"]}
        assert {body for _, body in requests} == {requests[0][1]}
        assert len(deliveries_of(user, webhook)[0]["response"]) <= 500
        assert user.get(f"/api/v1/webhooks/{webhook['id']}").json["failing_since"] is None


def test_a_webhook_is_disabled_after_days_of_failure_and_can_be_reactivated(idle: Flask, user: User) -> None:
    with Receiver(answers=(500,)) as receiver:
        webhook = create_webhook(user, receiver.url)
        run_job(idle, user)
        receiver.wait_for(2)
        assert user.get(f"/api/v1/webhooks/{webhook['id']}").json["active"]
        with idle.app_context(), transaction() as session:
            session.execute(update(Webhook).values(failing_since=now() - dt.timedelta(days=3, minutes=1)))
        wait_for(lambda: not user.get(f"/api/v1/webhooks/{webhook['id']}").json["active"])
        assert "failed" in user.get(f"/api/v1/webhooks/{webhook['id']}").json["disabled_reason"]
        receiver.answers = [200]
        second = user.http.patch(f"/api/v1/webhooks/{webhook['id']}", headers=user.headers, json={"active": True})
        assert (second.json["active"], second.json["disabled_reason"], second.json["failing_since"]) == (True, "", None)
        wait_for(lambda: deliveries_of(user, webhook)[0]["state"] == "delivered")


def test_owners_can_test_change_and_delete_webhooks(idle: Flask, user: User, stranger: User, receiver: Receiver) -> None:
    webhook = create_webhook(user, receiver.url, description="mine")
    path = f"/api/v1/webhooks/{webhook['id']}"
    assert "secret" not in user.get(path).json
    assert [each["id"] for each in user.get("/api/v1/webhooks").json["webhooks"]] == [webhook["id"]]
    upload = user.post(f"{path}/test")
    assert upload.status_code == 202
    assert json.loads(receiver.wait_for(1)[0][1])["event"] == "test"
    wait_for(lambda: deliveries_of(user, webhook)[0]["state"] == "delivered")
    for answer in (stranger.get(path), stranger.delete(path), stranger.post(f"{path}/test"), stranger.get(f"{path}/deliveries")):
        assert answer.status_code == 404
    assert stranger.http.patch(path, headers=stranger.headers, json={"active": False}).status_code == 404
    assert user.http.patch(path, headers=user.headers, json={"events": ["born"]}).status_code == 422
    assert user.http.get(path).status_code == 401
    assert user.delete(path).status_code == 200
    assert user.get(path).status_code == 404


def test_a_job_can_have_its_own_webhook(idle: Flask, user: User, stranger: User, tiny: Path, receiver: Receiver) -> None:
    secret = "a secret of the caller's own"
    refused = user.upload(tiny, webhook_url=receiver.url, webhook_secret=secret)  # with spaces
    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
    secret = secret.replace(" ", "-")
    upload = user.upload(tiny, webhook_url=receiver.url, webhook_secret=secret).json
    assert (upload["webhook"]["url"], upload["webhook"]["secret"]) == (receiver.url, None)
    assert secret not in user.get(f"/api/v1/jobs/{upload['job_id']}").text
    user.post(f"/api/v1/jobs/{_waiting_job(idle, user)}/cancel")  # another job
    user.post(f"/api/v1/jobs/{upload['job_id']}/cancel")
    headers, body = receiver.wait_for(1)[0]
    assert (json.loads(body)["job"]["id"], json.loads(body)["job"]["title"]) == (upload["job_id"], "tiny")
    expected = hmac.new(secret.encode(), headers["Webhook-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Webhook-Signature"] == f"v1={expected}"
    wait_for(lambda: deliveries_of(user, upload["webhook"])[0]["state"] == "delivered")
    assert len(receiver.received) == 1
    assert user.get("/api/v1/webhooks").json["webhooks"] == []
    (listed,) = user.get(f"/api/v1/webhooks?job_id={upload['job_id']}").json["webhooks"]
    assert (listed["id"], listed["job_id"]) == (upload["webhook"]["id"], upload["job_id"])
    assert stranger.get(f"/api/v1/webhooks?job_id={upload['job_id']}").json["webhooks"] == []

    path = f"/api/v1/recordings/{upload['video_id']}/jobs"
    assert user.post(path, json={"webhook_secret": secret}).status_code == 422
    second = user.post(path, json={"formats": "txt", "webhook_url": receiver.url}).json
    assert second["webhook"]["secret"].startswith("whsec_") and "webhook_url" not in second["options"]
    user.post(f"/api/v1/jobs/{second['id']}/cancel")
    assert json.loads(receiver.wait_for(2)[1][1])["job"]["id"] == second["id"]
    assert user.delete(f"/api/v1/recordings/{upload['video_id']}").status_code == 200
    assert user.get(f"/api/v1/webhooks/{listed['id']}").status_code == 404


@pytest.mark.parametrize("url", ["ftp://example.org/x", "http://user:password@127.0.0.1/", "http://", "https://no such host/", "nonsense!"])
def test_invalid_urls_are_rejected(idle: Flask, user: User, url: str) -> None:
    assert user.post("/api/v1/webhooks", json={"url": url}).status_code == 422


def test_private_urls_fail_after_an_admin_forbids_them(idle: Flask, user: User, admin: User, receiver: Receiver) -> None:
    webhook = create_webhook(user, receiver.url)
    event = {"json": {"value": False}, "headers": admin.headers}
    assert admin.http.put("/api/v1/admin/settings/webhook_allow_private", **event).status_code == 200
    user.post(f"/api/v1/webhooks/{webhook['id']}/test")
    wait_for(lambda: deliveries_of(user, webhook)[0]["state"] == "failed")
    assert "private address" in deliveries_of(user, webhook)[0]["error"]
    assert receiver.received == []


class TestWherePrivateAddressesAreNotAllowed:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"webhook_allow_private": False})

    def test_they_are_rejected_at_creation(self, idle: Flask, user: User) -> None:
        for host in ("127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0"):
            answer = user.post("/api/v1/webhooks", json={"url": f"http://{host}:8080/"})
            assert answer.status_code == 422, host
            assert "WEBHOOK_ALLOW_PRIVATE" in answer.json["hint"]

    def test_an_upload_with_such_a_webhook_stores_nothing(self, idle: Flask, user: User, tiny: Path) -> None:
        answer = user.upload(tiny, webhook_url="http://127.0.0.1:8080/")
        assert (answer.status_code, user.get("/api/v1/recordings").json["total"]) == (422, 0)

    def test_a_host_name_that_later_resolves_to_a_private_address_is_rejected(
        self, idle: Flask, user: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, addresses = socket.getaddrinfo, ["93.184.215.14"]

        def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
            return real(addresses[0] if host == "rebinding.test" else host, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        webhook = create_webhook(user, f"http://rebinding.test:{receiver.server_port}/")
        addresses[0] = "127.0.0.1"
        user.post(f"/api/v1/webhooks/{webhook['id']}/test")
        wait_for(lambda: deliveries_of(user, webhook)[0]["state"] == "failed")
        assert "private address" in deliveries_of(user, webhook)[0]["error"]
        assert receiver.received == []


def test_embedded_private_addresses_are_recognised() -> None:
    private = ["192.168.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "fe80::1%eth0", "fd00::1", "::", "64:ff9b::7f00:1", "2002:7f00:1::"]
    assert not any(http_client.is_public(address) for address in private)
    assert all(http_client.is_public(address) for address in ("93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:93.184.215.14"))


def test_a_slow_receiver_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "_DEADLINE_S", 0.7)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                for _ in range(600):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(http_client.NoAnswer):
            http_client.post(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {}, allow_private=True)
        assert time.monotonic() - started < 30  # the receiver drips for a minute


@pytest.mark.slow("kills and restarts a server")
def test_deliveries_survive_a_restart(migrated_data_dir: Path) -> None:
    settings = {"WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_BACKOFF_S": "2"}
    with Receiver() as gone:
        port = gone.server_port  # nobody listens there yet
    server = Server(migrated_data_dir, settings)
    server.start()
    client = Client(server.url)
    client.register()
    webhook = client.call("POST", "/api/v1/webhooks", json={"url": f"http://127.0.0.1:{port}/told"})
    upload = upload_quick_recording(client)
    client.call("POST", f"/api/v1/jobs/{upload['job_id']}/cancel")
    path = f"/api/v1/webhooks/{webhook['id']}/deliveries"
    wait_for(lambda: any(each["error"] for each in client.call("GET", path)["deliveries"]))
    server.kill()
    with Receiver(port) as receiver, Server(migrated_data_dir, settings, workers=2) as second:
        client.url = second.url
        _, body = receiver.wait_for(1)[0]
        assert json.loads(body)["job"]["id"] == upload["job_id"]
        wait_for(lambda: client.call("GET", path)["deliveries"][0]["state"] == "delivered")
        assert len(receiver.received) == 1
