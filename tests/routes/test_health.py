"""Health, documentation and the front door."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from config import Settings
from scripts.backends import s3_client
from scripts.server import free_port


def test_health_looks_at_everything(app: Flask, settings: Settings) -> None:
    database, storage = ("sqlite", "local") if settings.is_sqlite else ("postgresql", "S3")
    body = app.test_client().get("/health").json
    assert body["status"] in ("healthy", "degraded")
    assert (body["service"], body["database"], body["storage"], body["redis"]) == ("Lectern", database, storage, "disabled")
    assert {"database", "storage", "ffmpeg", "ffprobe", "speech_model", "ocr", "pandoc"} <= set(body["checks"])
    assert app.test_client().get("/health/live").json["status"] == "alive"


@pytest.mark.expects_errors
def test_health_is_503_when_a_needed_part_is_down(app: Flask, settings: Settings) -> None:
    if settings.uses_s3:
        bucket = settings.s3_bucket_name
        s3_client(settings.s3_endpoint_url).delete_bucket(Bucket=bucket)
    else:
        (settings.data_dir / "files").write_text("a file where the store's folder should be")
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.json["status"], answer.json["storage"]) == (503, "unhealthy", "down")


def test_redis_and_a_broker_are_looked_at_where_they_are_set(tmp_path: Path) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    answers = {}
    for executor in ("threads", "celery"):
        settings = Settings(_env_file=None, data_dir=tmp_path / executor, redis_url=nowhere, job_executor=executor, rate_limits=False)
        answers[executor] = create_app(settings).test_client().get("/health")
    assert {answer.json["redis"] for answer in answers.values()} == {"down"}
    assert not answers["threads"].json["checks"]["redis"]["needed"]
    assert answers["celery"].json["checks"]["jobs"]["needed"] and not answers["celery"].json["checks"]["jobs"]["ok"]
    assert answers["celery"].status_code == 503


def test_the_front_door_answers_browsers_and_programs(app: Flask) -> None:
    http = app.test_client()
    assert http.get("/", headers={"Accept": "text/html,*/*"}).mimetype == "text/html"
    assert http.get("/").json["name"] == "Lectern"
    assert http.get("/docs").mimetype == "text/html"
    assert http.get("/redoc").mimetype == "text/html"
    for asset in ("swagger-ui/swagger-ui-bundle.js", "swagger-ui/swagger-ui.css", "redoc/redoc.standalone.js"):
        assert http.get(f"/web/vendor/{asset}").status_code == 200
    assert http.get("/web/../bootstrap.py").status_code == 404


def test_openapi_describes_every_route_of_the_api(app: Flask) -> None:
    spec = app.test_client().get("/openapi.json").json
    described = {
        (path, method) for path, item in spec["paths"].items() for method in item if method in ("get", "post", "patch", "delete", "put")
    }
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(("page.", "openapi.", "static")):
            continue
        path = "".join(f"{{{part}}}" if is_argument else part for is_argument, part in rule._trace[1:])
        path = "/" + path.lstrip("|").lstrip("/")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert (path, method.lower()) in described, f"{method} {path} is not described"


def test_openapi_describes_the_forms(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json").json["paths"]
    for path, field in (("/upload", "file"), ("/api/v1/recordings", "file"), ("/upload-chunk", "chunk")):
        schema = paths[path]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert schema["properties"][field]["format"] == "binary"
        assert field in schema["required"]


def test_unknown_addresses_have_the_envelope_too(app: Flask) -> None:
    for method, path, status in (("get", "/nowhere", 404), ("put", "/list", 405)):
        answer = getattr(app.test_client(), method)(path)
        assert answer.status_code == status
        assert {"success", "error", "message", "code", "detail", "hint", "status_code", "request_id", "timestamp"} <= set(answer.json)
        assert answer.headers["X-Request-ID"] == answer.json["request_id"]
