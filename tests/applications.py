"""Flask applications for tests: one per settings variant and process, a new container for each test."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app import create_app
from bootstrap import Container
from config import Settings
from database import db, dispose_connections
from domain import MediaInfo
from migrations.upgrade import migrate
from services.media.probe import probe

# The settings that create_app reads. Only the container reads the others, so tests with other values for them share one application.
_APPLICATION_SETTINGS = re.compile(
    "access_token_s|allowed_origins|celery_.*|cookie_s.*|database_url|db_.*|job_executor|job_threads|jwt_algorithm|log_level"
    "|max_body_bytes|otel_.*|postgres_.*|rate_limit.*|redis_.*|refresh_token_s|trusted_proxies|url_prefix"
)


class BufferedClient(FlaskClient):
    """Reads responses to their end, so that the files behind them are closed."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **kwargs})


def build_app(settings: Settings) -> Flask:
    app = create_app(settings)
    app.test_client_class = BufferedClient
    return app


class SharedApps:
    """Applications by their settings. Building one takes 0.2 s of CPU, a new container for it 5 ms."""

    def __init__(self) -> None:
        self._apps: dict[tuple[object, ...], Flask] = {}
        self._newest: Flask | None = None

    def get(self, settings: Settings) -> Flask:
        """Return the application for these settings, with a new container that has not started yet."""
        if settings.otel_exporter_otlp_endpoint:  # a test stops the tracing that its application has
            return build_app(settings)
        variant = tuple(value for name, value in settings if _APPLICATION_SETTINGS.fullmatch(name))
        app = self._apps.get(variant)
        if app is None:
            self._apps[variant] = app = build_app(settings)
        else:
            app.extensions["lectern"] = Container(app, settings)
        if self._newest is not None and self._newest is not app:
            close_database(self._newest)
        self._newest = app
        return app


def probe_with_cache() -> Callable[[Path], MediaInfo]:
    """Return `probe` with a cache by content: tests upload the same few recordings, and each probe starts a process."""
    results: dict[str, MediaInfo] = {}

    def probe_once(path: Path) -> MediaInfo:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest not in results:
            results[digest] = probe(path)
        return results[digest]

    return probe_once


@contextlib.contextmanager
def serve_app(app: Flask) -> Iterator[str]:
    """Serve the application on a free port; yield its URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def close_app(app: Flask, wait_s: float) -> None:
    """Stop the container's threads and close the connections to the database."""
    app.extensions["lectern"].shut_down(wait_s=wait_s)
    close_database(app)


def end_test(app: Flask) -> None:
    """Stop the container's threads; of a shared application, the connections to PostgreSQL serve the next test."""
    app.extensions["lectern"].shut_down(wait_s=0)
    if app.extensions["lectern"].settings.is_sqlite:
        close_database(app)


def migrate_database(settings: Settings) -> None:
    app = create_app(settings)
    migrate(app, settings)
    close_database(app)


def close_database(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        dispose_connections()


@contextlib.contextmanager
def run_with_settings(app: Flask, settings: Settings, **changes: Any) -> Iterator[Container]:
    """Replace the application's container by one with other settings, and stop it at the end."""
    app.extensions["lectern"].shut_down(wait_s=0)
    container = app.extensions["lectern"] = Container(app, settings.model_copy(update=changes))
    container.make_ready()
    yield container
    container.shut_down(wait_s=0)
