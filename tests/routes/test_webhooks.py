"""Webhooks about ended jobs: signatures, retries, restarts, private addresses."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from config import Settings
from database import transaction
from lib.clock import now
from models import Webhook
from scripts.client import Client
from scripts.server import Server
from services.jobs import queue
from tests.conftest import User, upload_quick_recording
from tests.waiting import wait_for
from tests.webhook_receiver import WebhookReceiver

LEASE_S = 30.0
PUBLIC_URL = "https://lectern.example.org"


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("services.outbox.deliverer._POLL_INTERVAL_S", 0.1)
    return settings.model_copy(update={"webhook_allow_private": True, "webhook_backoff_s": 0.1, "public_url": PUBLIC_URL})


@pytest.fixture
def idle(app: Flask) -> Flask:
    """An app whose own executor takes no jobs."""
    app.extensions["lectern"].executor.shut_down(0)
    return app


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


def create_webhook(user: User, url: str, **more: Any) -> dict[str, Any]:
    webhook = user.post("/api/v1/webhooks", json={"url": url, **more})
    assert webhook.status_code == 201, webhook.text
    return dict(webhook.json)


def run_job(app: Flask, user: User) -> str:
    """Run a job to its end; return its id."""
    with app.app_context():
        job = queue.submit(user_id=user.id, pipeline="lecture_notes", options={})
        claim = queue.claim("w", LEASE_S)
        with transaction() as session:
            queue.succeed(session, claim, warnings=["a warning"], metrics={})
        return job.id


def queue_job(app: Flask, user: User) -> str:
    """Queue a job that nothing runs; return its id."""
    with app.app_context():
        return queue.submit(user_id=user.id, pipeline="lecture_notes", options={}).id


def wait_until_delivered(user: User, webhook: dict[str, Any]) -> dict[str, Any]:
    """Wait until the newest delivery has succeeded; return it."""
    wait_for(lambda: deliveries_of(user, webhook)[0]["state"] == "delivered")
    return deliveries_of(user, webhook)[0]


def assert_signed(secret: str, headers: dict[str, str], body: bytes) -> None:
    expected = hmac.new(secret.encode(), headers["Webhook-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Webhook-Signature"] == f"v1={expected}"


def deliveries_of(user: User, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    return list(user.get(f"/api/v1/webhooks/{webhook['id']}/deliveries").json["deliveries"])


def test_a_finished_job_sends_a_signed_webhook(idle: Flask, user: User, receiver: WebhookReceiver) -> None:
    webhook = create_webhook(user, receiver.url, events=["succeeded"])
    job_id = run_job(idle, user)
    response = user.post(f"/api/v1/jobs/{queue_job(idle, user)}/cancel")  # not subscribed
    assert response.json["state"] == "cancelled"
    headers, body = receiver.wait_for(1)[0]
    event = json.loads(body)
    assert (event["event"], event["job"]["id"], event["job"]["state"]) == ("job.succeeded", job_id, "succeeded")
    assert event["job"]["warnings"] == ["a warning"] and event["job"]["error"] is None
    assert event["links"]["job"] == f"{PUBLIC_URL}/api/v1/jobs/{job_id}"
    assert_signed(webhook["secret"], headers, body)
    assert abs(int(headers["Webhook-Timestamp"]) - time.time()) < 60
    wait_until_delivered(user, webhook)
    (delivery,) = deliveries_of(user, webhook)
    assert (delivery["id"], delivery["attempts"], delivery["status_code"]) == (headers["Webhook-Id"], 1, 200)
    assert (delivery["response"], delivery["body"]) == ("thanks", body.decode())


def test_delivery_is_retried_until_it_succeeds(idle: Flask, user: User) -> None:
    with WebhookReceiver(statuses=(500, 302, 503, 204), body=b"\0" + b"x" * 5000) as receiver:
        webhook = create_webhook(user, receiver.url)
        run_job(idle, user)
        requests = receiver.wait_for(4)
        delivery = wait_until_delivered(user, webhook)
        assert delivery["attempts"] == 4
        assert {headers["Webhook-Id"] for headers, _ in requests} == {delivery["id"]}
        assert {body for _, body in requests} == {requests[0][1]}
        assert len(delivery["response"]) <= 500
        assert user.get(f"/api/v1/webhooks/{webhook['id']}").json["failing_since"] is None


def test_a_webhook_is_disabled_after_days_of_failure_and_can_be_reactivated(idle: Flask, user: User) -> None:
    with WebhookReceiver(statuses=(500,)) as receiver:
        webhook = create_webhook(user, receiver.url)
        run_job(idle, user)
        receiver.wait_for(2)
        assert user.get(f"/api/v1/webhooks/{webhook['id']}").json["active"]
        with idle.app_context(), transaction() as session:
            session.execute(update(Webhook).values(failing_since=now() - dt.timedelta(days=3, minutes=1)))
        wait_for(lambda: not user.get(f"/api/v1/webhooks/{webhook['id']}").json["active"])
        assert "failed" in user.get(f"/api/v1/webhooks/{webhook['id']}").json["disabled_reason"]
        receiver.statuses = [200]
        active_webhook = user.http.patch(f"/api/v1/webhooks/{webhook['id']}", headers=user.headers, json={"active": True}).json
        assert (active_webhook["active"], active_webhook["disabled_reason"], active_webhook["failing_since"]) == (True, "", None)
        wait_until_delivered(user, webhook)


def test_owners_can_send_a_test_event(idle: Flask, user: User, receiver: WebhookReceiver) -> None:
    webhook = create_webhook(user, receiver.url)
    assert user.post(f"/api/v1/webhooks/{webhook['id']}/test").status_code == 202
    assert json.loads(receiver.wait_for(1)[0][1])["event"] == "test"
    wait_until_delivered(user, webhook)


def test_owners_can_list_and_delete_webhooks(idle: Flask, user: User, receiver: WebhookReceiver) -> None:
    webhook = create_webhook(user, receiver.url, description="mine")
    path = f"/api/v1/webhooks/{webhook['id']}"
    assert "secret" not in user.get(path).json
    assert [each["id"] for each in user.get("/api/v1/webhooks").json["webhooks"]] == [webhook["id"]]
    assert user.http.patch(path, headers=user.headers, json={"events": ["born"]}).status_code == 422
    assert user.delete(path).status_code == 200
    assert user.get(path).status_code == 404


def test_other_users_cannot_reach_a_webhook(idle: Flask, user: User, stranger: User, receiver: WebhookReceiver) -> None:
    path = f"/api/v1/webhooks/{create_webhook(user, receiver.url)['id']}"
    for response in (stranger.get(path), stranger.delete(path), stranger.post(f"{path}/test"), stranger.get(f"{path}/deliveries")):
        assert response.status_code == 404
    assert stranger.http.patch(path, headers=stranger.headers, json={"active": False}).status_code == 404
    assert user.http.get(path).status_code == 401


def test_an_upload_can_have_its_own_webhook(idle: Flask, user: User, tiny: Path, receiver: WebhookReceiver) -> None:
    secret = "a-secret-of-the-caller"
    upload = user.upload(tiny, webhook_url=receiver.url, webhook_secret=secret).json
    assert (upload["webhook"]["url"], upload["webhook"]["secret"]) == (receiver.url, None)
    assert secret not in user.get(f"/api/v1/jobs/{upload['job_id']}").text
    user.post(f"/api/v1/jobs/{queue_job(idle, user)}/cancel")  # another job, which sends nothing
    user.post(f"/api/v1/jobs/{upload['job_id']}/cancel")
    headers, body = receiver.wait_for(1)[0]
    event = json.loads(body)
    assert (event["job"]["id"], event["job"]["title"]) == (upload["job_id"], "tiny")
    assert_signed(secret, headers, body)
    wait_until_delivered(user, upload["webhook"])
    assert len(receiver.requests) == 1


def test_the_webhook_of_a_job_is_listed_only_with_the_job(
    idle: Flask, user: User, stranger: User, tiny: Path, receiver: WebhookReceiver
) -> None:
    upload = user.upload(tiny, webhook_url=receiver.url).json
    assert user.get("/api/v1/webhooks").json["webhooks"] == []
    (webhook,) = user.get(f"/api/v1/webhooks?job_id={upload['job_id']}").json["webhooks"]
    assert (webhook["id"], webhook["job_id"]) == (upload["webhook"]["id"], upload["job_id"])
    assert stranger.get(f"/api/v1/webhooks?job_id={upload['job_id']}").json["webhooks"] == []
    assert user.post(f"/api/v1/jobs/{upload['job_id']}/cancel").status_code == 200
    assert user.delete(f"/api/v1/recordings/{upload['video_id']}?permanent=true").status_code == 200
    assert user.get(f"/api/v1/webhooks/{webhook['id']}").status_code == 404


def test_a_further_job_of_a_recording_can_have_its_own_webhook(idle: Flask, user: User, tiny: Path, receiver: WebhookReceiver) -> None:
    upload = user.upload(tiny).json
    user.post(f"/api/v1/jobs/{upload['job_id']}/cancel")
    path = f"/api/v1/recordings/{upload['video_id']}/jobs"
    job = user.post(path, json={"formats": "txt", "webhook_url": receiver.url}).json
    assert job["webhook"]["secret"].startswith("whsec_") and "webhook_url" not in job["options"]
    user.post(f"/api/v1/jobs/{job['id']}/cancel")
    assert json.loads(receiver.wait_for(1)[0][1])["job"]["id"] == job["id"]


def test_invalid_webhook_secrets_are_rejected(idle: Flask, user: User, tiny: Path, receiver: WebhookReceiver) -> None:
    response = user.upload(tiny, webhook_url=receiver.url, webhook_secret="a secret with spaces")
    assert (response.status_code, response.json["code"]) == (422, "validation_failed")
    path = f"/api/v1/recordings/{user.upload(tiny).json['video_id']}/jobs"
    assert user.post(path, json={"webhook_secret": "without-a-webhook-url"}).status_code == 422


@pytest.mark.parametrize("url", ["ftp://example.org/x", "http://user:password@127.0.0.1/", "http://", "https://no such host/", "nonsense!"])
def test_invalid_urls_are_rejected(idle: Flask, user: User, url: str) -> None:
    assert user.post("/api/v1/webhooks", json={"url": url}).status_code == 422


def test_private_urls_fail_after_an_admin_forbids_them(idle: Flask, user: User, admin: User, receiver: WebhookReceiver) -> None:
    webhook = create_webhook(user, receiver.url)
    response = admin.http.put("/api/v1/admin/settings/webhook_allow_private", headers=admin.headers, json={"value": False})
    assert response.status_code == 200
    user.post(f"/api/v1/webhooks/{webhook['id']}/test")
    wait_for(lambda: deliveries_of(user, webhook)[0]["state"] == "failed")
    assert "private address" in deliveries_of(user, webhook)[0]["error"]
    assert receiver.requests == []


class TestForbiddenPrivateAddresses:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"webhook_allow_private": False})

    def test_they_are_rejected_at_creation(self, idle: Flask, user: User) -> None:
        for host in ("127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0"):
            response = user.post("/api/v1/webhooks", json={"url": f"http://{host}:8080/"})
            assert response.status_code == 422, host
            assert "WEBHOOK_ALLOW_PRIVATE" in response.json["hint"]

    def test_an_upload_with_such_a_webhook_stores_nothing(self, idle: Flask, user: User, tiny: Path) -> None:
        response = user.upload(tiny, webhook_url="http://127.0.0.1:8080/")
        assert (response.status_code, user.get("/api/v1/recordings").json["total"]) == (422, 0)

    def test_a_host_name_that_later_resolves_to_a_private_address_is_rejected(
        self, idle: Flask, user: User, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        getaddrinfo, addresses = socket.getaddrinfo, ["93.184.215.14"]

        def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
            return getaddrinfo(addresses[0] if host == "rebinding.test" else host, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        webhook = create_webhook(user, f"http://rebinding.test:{receiver.server_port}/")
        addresses[0] = "127.0.0.1"
        user.post(f"/api/v1/webhooks/{webhook['id']}/test")
        wait_for(lambda: deliveries_of(user, webhook)[0]["state"] == "failed")
        assert "private address" in deliveries_of(user, webhook)[0]["error"]
        assert receiver.requests == []


@pytest.mark.slow("kills and restarts a server")
def test_deliveries_survive_a_restart(migrated_data_dir: Path) -> None:
    settings = {"WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_BACKOFF_S": "2"}
    with WebhookReceiver() as stopped_receiver:
        port = stopped_receiver.server_port  # nothing listens there until the restart
    server = Server(migrated_data_dir, settings)
    server.start()
    client = Client(server.url)
    client.register()
    webhook = client.call("POST", "/api/v1/webhooks", json={"url": f"http://127.0.0.1:{port}/webhook"})
    upload = upload_quick_recording(client)
    client.call("POST", f"/api/v1/jobs/{upload['job_id']}/cancel")
    path = f"/api/v1/webhooks/{webhook['id']}/deliveries"
    wait_for(lambda: any(each["error"] for each in client.call("GET", path)["deliveries"]))
    server.kill()
    with WebhookReceiver(port) as receiver, Server(migrated_data_dir, settings, workers=2) as second:
        client.url = second.url
        _, body = receiver.wait_for(1)[0]
        assert json.loads(body)["job"]["id"] == upload["job_id"]
        wait_for(lambda: client.call("GET", path)["deliveries"][0]["state"] == "delivered")
        assert len(receiver.requests) == 1
