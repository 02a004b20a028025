"""Settings that are changed at run time, and processing servers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask

from tests import access_matrix
from tests.conftest import PASSWORD, User
from tests.routes.silence import silent_recording


def put(user: User, path: str, body: dict[str, object]) -> object:
    return user.http.put(path, headers=user.headers, json=body)


def test_a_changed_setting_applies_at_once_and_is_audited(app: Flask, admin: User) -> None:
    newcomer = {"email": "late@example.org", "password": PASSWORD}
    settings = {each["name"]: each for each in admin.get("/admin/settings").json}
    assert (settings["registration_open"]["value"], settings["registration_open"]["source"]) == (True, "default")
    response = admin.post("/admin/settings", json={"setting_key": "registration_open", "setting_value": "false", "description": "Full"})
    assert response.json["setting"]["value"] is False and response.json["setting"]["source"] == "database"
    assert app.test_client().post("/api/v1/auth/register", json=newcomer).status_code == 403
    entry = admin.get("/admin/audit?action=setting.").json[0]
    assert (entry["target_id"], entry["before"], entry["after"]) == ("registration_open", {"value": True}, {"value": False})
    number = response.json["setting"]["id"]
    assert admin.delete(f"/admin/settings/{number}").json["setting"]["source"] == "default"
    assert app.test_client().post("/api/v1/auth/register", json=newcomer).status_code == 201


def test_only_changeable_settings_and_valid_values_are_accepted(app: Flask, admin: User) -> None:
    for name in ("jwt_secret_key", "database_url", "static_bearer_token", "nonsense", "smtp_password"):
        assert put(admin, f"/admin/settings/{name}", {"value": "x"}).status_code == 404, name
    for value in (-1, "many", None, [1], 1.5, True):
        response = put(admin, "/admin/settings/user_quota_bytes", {"value": value})
        assert (response.status_code, response.json["code"]) == (422, "validation_failed"), value
    assert put(admin, "/api/v1/admin/settings/user_quota_bytes", {"value": 0}).status_code == 200
    assert admin.upload(b"x").json["code"] == "quota_exceeded"


def test_only_super_admins_may_allow_private_addresses(app: Flask, admin: User, user: User) -> None:
    response = admin.http.patch(f"/admin/users/{user.id}", headers=admin.headers, json={"role": "admin"})
    assert response.status_code == 200
    for name in ("webhook_allow_private", "servers_allow_private"):
        for response in (put(user, f"/admin/settings/{name}", {"value": True}), user.delete(f"/admin/settings/{name}")):
            assert response.status_code == 403, name
        assert put(admin, f"/admin/settings/{name}", {"value": True}).status_code == 200
    assert put(user, "/admin/settings/registration_open", {"value": False}).status_code == 200


def test_changed_settings_apply_in_other_processes(
    app: Flask, app_with: Callable[..., Flask], admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.operations import settings

    monkeypatch.setattr(settings, "_CACHE_S", 0.0)
    elsewhere = app_with().test_client()
    assert put(admin, "/admin/settings/registration_open", {"value": False}).status_code == 200
    response = elsewhere.post("/api/v1/auth/register", json={"email": "late@example.org", "password": PASSWORD})
    assert response.status_code == 403


def test_invalid_stored_settings_are_ignored(app: Flask, app_with: Callable[..., Flask], admin: User) -> None:
    from database import transaction
    from models import SettingOverride

    with app.app_context(), transaction() as session:
        session.add_all([SettingOverride(name="user_quota_bytes", value="lots"), SettingOverride(name="gone_since", value=1)])
    assert app_with().test_client().get("/list", headers=admin.headers).status_code == 200


@pytest.fixture
def worker() -> Iterator[str]:
    """A server that answers /health only."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health" else 404)
            self.end_headers()
            self.wfile.write(b'{"status": "healthy"}')

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_servers_can_be_registered_checked_and_removed(app: Flask, admin: User, worker: str) -> None:
    assert put(admin, "/admin/settings/servers_allow_private", {"value": True}).status_code == 200
    server_row = admin.post("/admin/servers", json={"name": "lab-1", "url": worker, "description": "Under the stairs"}).json["server"]
    assert admin.post("/admin/servers", json={"name": "lab-1", "url": worker}).status_code == 400
    assert admin.get("/admin/servers").json[0]["health_status"] is None  # never checked
    for url in ("ftp://nowhere.example.org", "http://", "nowhere", ""):
        response = admin.post("/admin/servers", json={"name": "lab-3", "url": url})
        assert (response.status_code, response.json["success"], response.json["code"]) == (400, False, "server_refused"), url
    unreachable_server = admin.post("/admin/servers", json={"name": "lab-2", "url": "http://127.0.0.1:9"}).json["server"]
    summary = admin.post("/admin/servers/health-check").json
    assert (summary["total_servers"], summary["healthy_servers"], summary["unhealthy_servers"]) == (2, 1, 1)
    by_name = {each["name"]: each for each in admin.get("/admin/servers").json}
    assert by_name["lab-1"]["health_status"]["healthy"] is True and by_name["lab-1"]["last_health_check"]
    assert by_name["lab-2"]["health_status"]["error"]
    assert put(admin, f"/admin/servers/{server_row['id']}", {"description": "In the attic"}).json["server"]["name"] == "lab-1"
    assert put(admin, f"/admin/servers/{server_row['id']}", {"id": "other", "status": "sleeping"}).status_code == 400
    assert admin.post(f"/admin/servers/{unreachable_server['id']}/drain").json["server"]["status"] == "draining"
    assert admin.delete(f"/admin/servers/{unreachable_server['id']}").status_code == 200
    assert [each["name"] for each in admin.get("/admin/servers").json] == ["lab-1"]
    actions = [entry["action"] for entry in admin.get("/admin/audit?action=server.").json]
    assert actions == ["server.remove", "server.change", "server.change", "server.register", "server.register"]


def test_private_server_urls_are_rejected_unless_allowed(app: Flask, admin: User, worker: str) -> None:
    for url in (worker, "http://169.254.169.254/latest", "http://[::1]/", "http://user:pass@example.org/"):
        response = admin.post("/admin/servers", json={"name": "inside", "url": url})
        assert response.status_code == 400 and "servers_allow_private" in response.json["hint"], url
    for url in ("file:///etc/passwd", "gopher://example.org/", "example.org", "http:///path"):
        assert admin.post("/admin/servers", json={"name": "inside", "url": url}).status_code == 400, url
    assert admin.get("/admin/servers").json == []


def test_load_is_counted_by_host(app: Flask, admin: User, user: User) -> None:
    from database import transaction
    from models import Job

    job_id = access_matrix.create_owned_objects(app, user).ids["job_id"]
    with app.app_context(), transaction() as session:
        job = session.get_one(Job, job_id)
        job.state, job.worker = "succeeded", "lab-1:77:123:9"
    put(admin, "/admin/settings/servers_allow_private", {"value": True})
    server_row = admin.post("/admin/servers", json={"name": "lab-1", "url": "http://127.0.0.1:9"}).json["server"]
    assert (server_row["current_load"], server_row["total_jobs_processed"]) == (0, 1)


def test_a_draining_server_starts_no_jobs(app: Flask, admin: User, user: User) -> None:
    from services.jobs import queue
    from services.jobs.queue.worker_id import this_worker

    put(admin, "/admin/settings/servers_allow_private", {"value": True})
    host = this_worker().partition(":")[0]
    draining = admin.post("/admin/servers", json={"name": host, "url": "http://127.0.0.1:9", "status": "draining"}).json["server"]
    upload = user.post("/upload", data=silent_recording(), content_type="multipart/form-data").json
    with app.app_context():
        assert queue.claim(this_worker("test"), 30) is None
    assert user.get(f"/status/{upload['video_id']}").json["status"] == "in_queue"
    put(admin, f"/admin/servers/{draining['id']}", {"status": "active"})
    assert user.wait(upload["video_id"])["status"] == "failed"
