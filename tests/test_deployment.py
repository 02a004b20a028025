"""The files in deploy/ and compose.yaml match the code, and nginx forwards the right requests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from flask import Flask
from pydantic import AliasChoices

from config import PROJECT, Settings
from pipelines.registry import PIPELINES
from scripts.server import Server, free_port
from services.jobs.scheduling.scheduler import Lane
from tests.conftest import SAMPLES
from tests.mail_server import make_certificate
from tests.waiting import wait_for

COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text())
OURS = {name: each for name, each in COMPOSE["services"].items() if each["image"] == "lectern:latest"}
ALERTS = [rule for group in yaml.safe_load((PROJECT / "deploy/alerts.yaml").read_text())["groups"] for rule in group["rules"]]
TEMPLATE = PROJECT / "deploy/nginx.conf.template"


def setting_names() -> set[str]:
    names = {name.upper() for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            names |= {str(choice).upper() for choice in field.validation_alias.choices}
    return names


class TestCompose:
    def test_every_variable_is_a_setting(self) -> None:
        assert set(OURS) == {"app", "worker-short", "worker-long"}
        for service in OURS.values():
            assert {name.removesuffix("_FILE") for name in service["environment"]} <= setting_names()

    def test_secrets_come_from_files_that_are_there(self) -> None:
        for service in COMPOSE["services"].values():
            secret_names = {
                str(value).rpartition("/")[2] for name, value in service.get("environment", {}).items() if name.endswith("_FILE")
            }
            assert secret_names <= set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        assert {each["file"].rpartition("/")[0] for each in COMPOSE["secrets"].values()} == {"deploy/secrets"}
        assert not re.search(r"(PASSWORD|SECRET|TOKEN)\w*: (?!/run/secrets/|\{)", (PROJECT / "compose.yaml").read_text())

    def test_every_queue_has_workers(self) -> None:
        consumed_queues = {
            queue for each in OURS.values() if "-Q" in each.get("command", []) for queue in _after(each["command"], "-Q").split(",")
        }
        assert consumed_queues == {str(lane) for lane in Lane}

    def test_volumes_and_services_that_are_named_are_there(self) -> None:
        for service in COMPOSE["services"].values():
            names = {volume.partition(":")[0] for volume in service.get("volumes", []) if not volume.startswith((".", "/"))}
            assert names <= set(COMPOSE["volumes"])
            assert set(service.get("depends_on", [])) <= set(COMPOSE["services"])

    def test_the_settings_are_accepted(self, tmp_path: Path) -> None:
        variables = {name.lower(): value for name, value in OURS["app"]["environment"].items() if not name.endswith("_FILE")}
        plain = {name: re.sub(r"\$\{\w+(?::[-?](\w*)[^}]*)?\}", r"\1", value) for name, value in variables.items()}
        settings = Settings(_env_file=None, data_dir=tmp_path, **{name: value for name, value in plain.items() if value})
        assert (settings.job_executor, settings.uses_s3, settings.broker) == ("celery", True, "redis://redis:6379/0")


def _after(words: list[str], option: str) -> str:
    return words[words.index(option) + 1]


def test_workers_of_systemd_are_those_of_compose() -> None:
    texts = [path.read_text() for path in (PROJECT / "deploy/systemd").iterdir()]
    assert len(texts) == 2
    for text in texts:
        for line in re.findall(r"^Environment=(.*)$", text, re.M):
            assert {pair.partition("=")[0] for pair in line.split()} <= setting_names() | {"PYTHONUNBUFFERED"}
    (worker,) = [text for text in texts if "celery" in text]
    assert re.search(r"ExecStart=.*-A wsgi\.celery worker -Q %i ", worker)


def test_every_metric_that_an_alert_names_is_there(app: Flask, admin: Any) -> None:
    admin.get("/status/none")
    metrics_text = admin.get("/metrics").text
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", metrics_text, re.M))
    metric_names = set(kinds) | {
        f"{name}{end}" for name, kind in kinds.items() if kind == "histogram" for end in ("_bucket", "_sum", "_count")
    }
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    stages = {stage.name for pipeline in PIPELINES.values() for stage in pipeline.stages}
    for alert in ALERTS:
        assert set(re.findall(r"lectern_\w+", alert["expr"])) <= metric_names, alert["alert"]
        assert set(re.findall(r'route="([^"]+)"', alert["expr"])) <= routes
        assert set(re.findall(r'stage="([^"]+)"', alert["expr"])) <= stages
        assert alert["annotations"]["summary"] and alert["labels"]["severity"] in ("page", "ticket")


def test_nginx_passes_on_every_body_that_the_server_accepts(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json").json["paths"]
    locations = re.findall(r"location ~ (\S+) \{[^}]*client_max_body_size (\w+);", TEMPLATE.read_text())
    (uploads,) = [pattern for pattern, size in locations if size == "0"]
    bodies = {path: operation.get("requestBody", {}).get("content", {}) for path, each in paths.items() for operation in each.values()}
    files = [re.sub(r"\{.*?\}", "x", path) for path, content in bodies.items() if "binary" in str(content.get("multipart/form-data"))]
    assert len(files) > 5
    assert [path for path in files if not re.search(uploads, path)] == []
    for path in ("/api/v1/uploads", "/api/v1/uploads/x", "/direct-uploads/x"):  # bodies without a form
        assert re.search(uploads, path)
    (transcripts,) = [pattern for pattern, size in locations if size == "17m"]
    assert re.search(transcripts, "/api/v1/transcripts/x")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Server]:
    settings = {"TRUSTED_PROXIES": "1", "COOKIE_SECURE": "true", "EVENT_HEARTBEAT_S": "0.5"}
    data_dir = tmp_path_factory.mktemp("behind")
    shutil.copy(migrated_sqlite, data_dir)
    with Server(data_dir, settings) as running:
        yield running


@pytest.fixture(scope="module")
def front(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Run nginx with our configuration in front of a Lectern server. Yield its address and its certificate."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    certificate = make_certificate(folder)
    port, plain_port = free_port(), free_port()
    variables = {"LECTERN_HOST": "localhost", "FILES_HOST": "files.localhost", "RESOLVER": "127.0.0.1"}
    variables |= {"APP": f"127.0.0.1:{server.port}", "STORE": "127.0.0.1:9"}
    text = re.sub(r"\$\{(\w+)\}", lambda match: variables[match[1]], TEMPLATE.read_text())
    text = text.replace("/etc/nginx/certificates/fullchain.pem", str(certificate)).replace(
        "/etc/nginx/certificates/privkey.pem", str(certificate)
    )
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace("listen 80", f"listen 127.0.0.1:{plain_port}")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config_file = folder / "nginx.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""
    config_file.write_text(f"{user}daemon off;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{text}\n}}\n")
    command = [program, "-e", f"{folder}/error.log", "-p", str(folder), "-c", str(config_file)]
    result = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    with subprocess.Popen(command) as running:
        try:
            wait_for(lambda: running.poll() is None and _answers(f"https://localhost:{port}/health/live", certificate))
            yield f"https://localhost:{port}", certificate
        finally:
            running.terminate()


def _answers(url: str, certificate: Path) -> bool:
    try:
        return requests.get(url, verify=str(certificate), timeout=5).ok
    except requests.ConnectionError:
        return False


def test_through_nginx_uploads_stream_in_events_stream_out_and_cookies_are_secure(front: tuple[str, Path], server: Server) -> None:
    url, certificate = front
    with requests.Session() as http:
        http.trust_env, http.verify = False, str(certificate)
        account = {"email": "ada@example.org", "password": "correct horse battery"}
        response = http.post(f"{url}/api/v1/auth/register", json=account, timeout=30)
        assert "Secure" in response.headers["Set-Cookie"]
        here = {"Authorization": f"Bearer {response.json()['access_token']}"}
        with http.get(f"{url}/api/v1/events", headers={**here, "Accept": "text/event-stream"}, stream=True, timeout=30) as events:
            lines = events.iter_lines(chunk_size=1)
            assert next(lines).startswith(b"retry:")
            with (SAMPLES / "tiny.m4a").open("rb") as file:
                response = http.post(f"{url}/upload", headers=here, files={"file": file}, data={"formats": "txt"}, timeout=60)
            assert response.json()["links"]["status"].startswith("https://localhost")
            assert next(line for line in lines if line.startswith(b"event:")) == b"event: queued"
        http.post(f"{url}/api/v1/jobs/{response.json()['job_id']}/cancel", headers=here, timeout=30)
        padding = {"title": "x" * 5_000_000}
        assert http.post(f"{url}/api/v1/webhooks", headers=here, json=padding, timeout=30).status_code == 413
        assert http.get(f"{url}/metrics", headers=here, timeout=30).status_code == 404
        response = http.get(f"{url}/lectern/secret.pdf", headers={"Host": "files.localhost"}, timeout=30)
        assert response.status_code == 403
