"""Health, documentation and the start page."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from config import Settings
from scripts.backends import s3_client
from scripts.server import free_port


def test_health_checks_every_part(app: Flask, settings: Settings) -> None:
    database, storage = ("sqlite", "local") if settings.is_sqlite else ("postgresql", "S3")
    body = app.test_client().get("/health").json
    assert body["status"] in ("healthy", "degraded")
    assert (body["service"], body["database"], body["storage"], body["redis"]) == ("Lectern", database, storage, "disabled")
    assert {"database", "storage", "ffmpeg", "speech_model", "ocr", "pandoc"} <= set(body["checks"])
    assert app.test_client().get("/health/live").json["status"] == "alive"


@pytest.mark.expects_errors
def test_health_is_503_when_a_required_part_is_down(app: Flask, settings: Settings) -> None:
    if settings.uses_s3:
        bucket = settings.s3_bucket_name
        s3_client(settings.s3_endpoint_url).delete_bucket(Bucket=bucket)
    else:
        (settings.data_dir / "files").write_text("a file where the store's folder should be")
    response = app.test_client().get("/health")
    assert (response.status_code, response.json["status"], response.json["storage"]) == (503, "unhealthy", "down")


def test_redis_and_the_broker_are_checked_if_configured(tmp_path: Path) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    responses = {}
    for executor in ("threads", "celery"):
        settings = Settings(_env_file=None, data_dir=tmp_path / executor, redis_url=nowhere, job_executor=executor, rate_limits=False)
        responses[executor] = create_app(settings).test_client().get("/health")
    assert {response.json["redis"] for response in responses.values()} == {"down"}
    assert not responses["threads"].json["checks"]["redis"]["needed"]
    assert responses["celery"].json["checks"]["jobs"]["needed"] and not responses["celery"].json["checks"]["jobs"]["ok"]
    assert responses["celery"].status_code == 503


def test_the_start_page_is_html_for_browsers_and_json_for_others(app: Flask) -> None:
    http = app.test_client()
    assert http.get("/", headers={"Accept": "text/html,*/*"}).mimetype == "text/html"
    assert http.get("/").json["name"] == "Lectern"
    assert http.get("/docs").mimetype == "text/html"
    assert http.get("/redoc").mimetype == "text/html"
    for asset in ("swagger-ui/swagger-ui-bundle.js", "swagger-ui/swagger-ui.css", "redoc/redoc.standalone.js"):
        assert http.get(f"/web/vendor/{asset}").status_code == 200
    assert http.get("/web/../bootstrap.py").status_code == 404
    section = http.get("/admin/credits", headers={"Accept": "text/html,*/*"})
    assert (section.status_code, section.location) == (302, "/admin#credits")
    assert http.get("/admin/credits").status_code == http.get("/admin/credits", headers={"Accept": "*/*"}).status_code == 401


def test_openapi_describes_every_route_of_the_api(app: Flask) -> None:
    spec = app.test_client().get("/openapi.json").json
    operations = {
        (path, method) for path, item in spec["paths"].items() for method in item if method in ("get", "post", "patch", "delete", "put")
    }
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(("page.", "embed.", "moments.", "openapi.", "static")):
            continue
        path = "".join(f"{{{part}}}" if is_argument else part for is_argument, part in rule._trace[1:])
        path = "/" + path.lstrip("|").lstrip("/")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert (path, method.lower()) in operations, f"{method} {path} is not described"


def test_openapi_describes_the_forms(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json").json["paths"]
    for path, field in (("/upload", "file"), ("/api/v1/recordings", "file"), ("/upload-chunk", "chunk")):
        schema = paths[path]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert schema["properties"][field]["format"] == "binary"
        assert field in schema["required"]


def test_unknown_urls_and_methods_have_the_error_body(app: Flask) -> None:
    for method, path, status in (("get", "/nowhere", 404), ("put", "/list", 405)):
        response = getattr(app.test_client(), method)(path)
        assert response.status_code == status
        assert {"success", "error", "message", "code", "detail", "hint", "status_code", "request_id", "timestamp"} <= set(response.json)
        assert response.headers["X-Request-ID"] == response.json["request_id"]
