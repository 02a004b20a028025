"""`flask backup` and `flask restore`, on the same and on the other database."""

from __future__ import annotations

import shutil
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from config import Settings
from scripts import backends as servers
from tests import access_matrix
from tests.conftest import PASSWORD, User, list_stored_keys


def flask(app: Flask, *arguments: str, **options: Any) -> Result:
    """Run a command of this installation."""
    return app.test_cli_runner().invoke(args=list(arguments), **options)


@pytest.fixture
def other_installation(app: Flask, app_with: Callable[..., Flask], tmp_path: Path, request: pytest.FixtureRequest) -> Flask:
    """An empty installation on the other kind of database."""
    (tmp_path / "elsewhere").mkdir()
    if app.extensions["lectern"].settings.is_sqlite:
        url = request.getfixturevalue("migrated_postgres")
        servers.empty_database(url)
        return app_with(data_dir=tmp_path / "elsewhere", database_url=Settings(_env_file=None, database_url=url).database_url)
    shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "elsewhere")
    return app_with(data_dir=tmp_path / "elsewhere", database_url="", s3_bucket_name="")


def test_a_backup_can_be_restored_into_the_other_database(
    app: Flask, user: User, admin: User, other_installation: Flask, tmp_path: Path
) -> None:
    owned_objects = access_matrix.create_owned_objects(app, user)
    admin.post("/admin/settings", json={"name": "user_active_jobs", "value": 7})
    first = admin.post("/admin/prompts", json={"name": "script", "prompt": "Begin.", "activate": True}).json["prompt"]
    archive = tmp_path / "lectern.tar"
    result = flask(app, "backup", str(archive))
    assert result.exit_code == 0, result.output
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with tarfile.open(archive) as tar:
        assert {"manifest.json", "objects/videos/owned/owned.mp4", "tables/users.jsonl"} <= set(tar.getnames())
    result = flask(other_installation, "restore", "-", input=archive.read_bytes())
    assert result.exit_code == 0, result.output
    assert "secret.key: restored." in result.output

    http = other_installation.test_client(use_cookies=False)
    assert http.get("/list", headers=user.headers).json["videos"][0]["id"] == owned_objects.ids["video_id"]  # the signing key was restored
    assert http.post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD}).status_code == 200
    assert http.get(f"/api/v1/artifacts/{owned_objects.ids['artifact_id']}/content", headers=user.headers).data == b"data"
    assert list_stored_keys(other_installation) == ["files/owned/owned.txt", "pdfs/owned.pdf", "videos/owned/owned.mp4"]
    values = {each["name"]: each["value"] for each in http.get("/admin/settings", headers=admin.headers).json}
    assert values["user_active_jobs"] == 7
    actions = [entry["action"] for entry in http.get("/admin/audit", headers=admin.headers).json]
    assert actions[0] == "restore" and "setting.change" in actions
    response = http.post("/admin/prompts", json={"name": "script", "prompt": "Continue."}, headers=admin.headers)
    assert response.json["prompt"]["id"] > first["id"], "ids continue after the restored ones"
    assert http.get("/admin/prompt-kinds", headers=admin.headers).json[2]["active_id"] == first["id"]
    result = flask(other_installation, "restore", str(archive))
    assert result.exit_code == 1 and "--replace" in result.output


def test_a_backup_can_replace_the_data_of_its_own_database(app: Flask, user: User, stranger: User, tmp_path: Path) -> None:
    owned_objects = access_matrix.create_owned_objects(app, user)
    archive = tmp_path / "lectern.tar"
    assert flask(app, "backup", str(archive)).exit_code == 0
    late = User(app, "late@example.org")
    assert user.delete(f"/videos/{owned_objects.ids['video_id']}").status_code == 200
    result = flask(app, "restore", "--replace", str(archive))
    assert result.exit_code == 0, result.output
    assert "secret.key: the same as in the backup." in result.output
    assert late.get("/list").status_code == 401
    assert user.get(f"/api/v1/artifacts/{owned_objects.ids['artifact_id']}/content").data == b"data"
    assert user.get(f"/api/v1/jobs/{owned_objects.ids['job_id']}").json["state"] == "failed"
    assert user.post("/api/v1/webhooks", json={"url": "https://93.184.215.14/"}).status_code == 201  # new rows get new ids
    assert stranger.get("/list").status_code == 200


def test_an_invalid_backup_changes_nothing(app: Flask, user: User, tmp_path: Path) -> None:
    access_matrix.create_owned_objects(app, user)
    whole = tmp_path / "whole.tar"
    assert flask(app, "backup", str(whole)).exit_code == 0
    cut = tmp_path / "cut.tar"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    noise = tmp_path / "noise.tar"
    noise.write_bytes(b"no archive" * 100)
    for bad in (cut, noise):
        result = flask(app, "restore", "--replace", str(bad))
        assert result.exit_code == 1 and "The backup is damaged or incomplete." in result.output, result.output
    assert len(user.get("/list").json["videos"]) == 1
    assert list_stored_keys(app) == ["files/owned/owned.txt", "pdfs/owned.pdf", "videos/owned/owned.mp4"]
    with app.app_context():
        from database import session
        from models import PendingDeletion

        assert session().query(PendingDeletion).count() == 0
