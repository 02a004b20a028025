"""Prometheus metrics and access to them."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
import requests
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

import errors
from config import Settings
from database import transaction
from scripts.client import Client
from scripts.server import Server
from services.jobs import queue
from tests.conftest import User, upload_quick_recording

TOKEN = "a token for the scraper"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return Settings(**{**settings.model_dump(), "_env_file": None, "metrics_token": TOKEN})


def parse_metrics(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def test_queue_metrics_come_from_the_database(app: Flask, user: User) -> None:
    app.extensions["lectern"].executor.shut_down(0)
    with app.app_context():
        for _ in range(3):
            queue.submit(user_id=user.id, pipeline="lecture_notes", options={})
        queue.claim("w", 30)
    time.sleep(0.2)
    response = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.content_type.startswith("text/plain; version=0.0.4")
    metrics = parse_metrics(response.text)
    assert metrics["lectern_jobs", (("state", "queued"),)] == 2
    assert metrics["lectern_jobs", (("state", "running"),)] == 1
    assert 0.2 <= metrics["lectern_oldest_waiting_seconds", ()] < 60
    assert metrics["lectern_deliveries_waiting", (("channel", "webhook"),)] == 0


def test_stage_and_failure_metrics_cover_all_machines(app: Flask, user: User) -> None:
    """Workers of any kind write them into the database."""
    app.extensions["lectern"].executor.shut_down(0)
    stages = {"speech": {"wall_s": 7.5}, "slides": {"wall_s": 0.1}, "audio": {"wall_s": 3, "resumed": True}, "odd": "not a measure"}
    with app.app_context():
        for _ in range(3):
            queue.submit(user_id=user.id, pipeline="lecture_notes", options={})
        for _ in range(2):
            claim = queue.claim("w", 30)
            with transaction() as session:
                queue.succeed(session, claim, warnings=[], metrics={"stages": stages})
        queue.fail(queue.claim("w", 30), errors.NotMedia("noise"), stage="probe", log="")
    metrics = parse_metrics(app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text)
    series = {(name, dict(labels).get("stage"), dict(labels).get("le")): value for (name, labels), value in metrics.items()}
    assert series["lectern_stage_seconds_sum", "speech", None] == 15
    assert [series["lectern_stage_seconds_bucket", "speech", bound] for bound in ("5", "10", "10800", "+Inf")] == [0, 2, 2, 2]
    assert series["lectern_stage_seconds_bucket", "slides", "0.1"] == 2
    assert {stage for _, stage, _ in series if stage} == {"speech", "slides"}
    assert metrics["lectern_job_failures_total", (("code", "not_media"),)] == 1


def test_only_admins_and_token_holders_see_metrics(app: Flask, user: User, admin: User) -> None:
    http = app.test_client()
    assert http.get("/metrics").status_code == 401
    assert http.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert user.get("/metrics").status_code == 404
    assert admin.get("/metrics").status_code == 200


@pytest.mark.slow("starts a server with two workers")
def test_processes_share_their_metrics(tmp_path: Path, migrated_data_dir: Path, models_dir: Path) -> None:
    settings = {"MODELS_DIR": str(models_dir), "METRICS_TOKEN": TOKEN, "TMPDIR": str(tmp_path)}
    with Server(migrated_data_dir, settings, workers=2) as server:
        client = Client(server.url)
        client.register()
        upload = upload_quick_recording(client)
        for _ in range(30):
            requests.get(f"{server.url}/nowhere/{time.monotonic()}", timeout=10)
        client.wait(upload["video_id"])
        counts: Counter[float] = Counter()
        for _ in range(8):  # any worker may respond
            metrics = parse_metrics(requests.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10).text)
            counts[metrics["lectern_request_seconds_count", (("method", "GET"), ("route", "(none)"), ("status", "404"))]] += 1
        assert counts == {30: 8}
        assert metrics["lectern_event_streams", ()] == 0
        assert metrics["lectern_stage_seconds_count", (("stage", "document_txt"),)] == 1
        assert len(list(tmp_path.glob("lectern-metrics-*/*.db"))) > 1
    assert list(tmp_path.glob("lectern-metrics-*")) == []
