"""Bookmarks are private to each user and go with the recording."""

from __future__ import annotations

import io
import zipfile

from flask import Flask

from tests.access_matrix import create_owned_objects
from tests.conftest import User


def test_bookmarks_are_kept_changed_exported_and_deleted(app: Flask, user: User) -> None:
    recording_id = create_owned_objects(app, user).ids["recording_id"]
    path = f"/api/v1/recordings/{recording_id}/bookmarks"
    before = len(user.get(path).json["bookmarks"])
    later = user.post(path, json={"time_s": 12.5, "text": "Ask  \n\tabout this"}).json
    first = user.post(path, json={"time_s": 0}).json
    assert later["text"] == "Ask\nabout this"
    bookmarks = user.get(path).json["bookmarks"]
    assert [each["id"] for each in bookmarks if each["id"] in (first["id"], later["id"])] == [first["id"], later["id"]]
    assert user.http.patch(f"{path}/{later['id']}", headers=user.headers, json={"time_s": 0.5}).json["text"] == "Ask\nabout this"
    assert user.http.patch(f"{path}/{later['id']}", headers=user.headers, json={"text": "# Done"}).json["time_s"] == 0.5
    assert user.post(path, json={"time_s": 999}).status_code == 422
    assert user.post(path, json={"time_s": -1}).status_code == 422
    assert user.http.patch(f"{path}/{later['id']}", headers=user.headers, json={}).status_code == 422
    assert user.delete(f"{path}/{first['id']}").status_code == 200
    assert user.delete(f"{path}/{first['id']}").status_code == 404
    assert len(user.get(path).json["bookmarks"]) == before + 1


def test_the_export_of_the_account_has_bookmarks(app: Flask, user: User) -> None:
    recording_id = create_owned_objects(app, user).ids["recording_id"]
    user.post(f"/api/v1/recordings/{recording_id}/bookmarks", json={"time_s": 1, "text": "Remember"})
    archive = zipfile.ZipFile(io.BytesIO(user.get("/api/v1/users/me/export").data))
    assert "Remember" in archive.read("bookmarks.json").decode()
