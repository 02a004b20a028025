"""Every request leaves one line in the log."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask

from tests.conftest import User


def request_lines(caplog: pytest.LogCaptureFixture) -> list[tuple[int, dict[str, Any]]]:
    events = [(record.levelno, record.msg) for record in caplog.records if isinstance(record.msg, dict)]
    return [(level, event) for level, event in events if event["event"] == "request"]


def test_a_request_is_logged_with_route_status_duration_user_and_request_id(user: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        response = user.get("/status/unknown?token=secret")
    assert response.status_code == 404
    [(level, event)] = request_lines(caplog)
    assert level == logging.INFO
    assert (event["method"], event["route"], event["status"]) == ("GET", "/status/<video_id>", 404)
    assert event["duration_ms"] > 0
    assert event["user_id"] == user.id
    assert event["request_id"] == response.headers["X-Request-ID"]
    assert "secret" not in str(event)


def test_probes_and_assets_are_logged_at_debug(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    client = app.test_client()
    with caplog.at_level(logging.DEBUG):
        for path in ("/health/live", "/web/style.css"):
            assert client.get(path).status_code == 200
        client.get("/nowhere")
    assert [(level, event["route"]) for level, event in request_lines(caplog)] == [
        (logging.DEBUG, "/health/live"),
        (logging.DEBUG, "/web/<path:name>"),
        (logging.INFO, "(none)"),
    ]
