"""Fields and status words that Thakii's frontend and Ezra's client read."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.access_matrix import create_owned_objects
from tests.conftest import SAMPLES, User


@pytest.fixture
def idle(app: Flask) -> Flask:
    """An app whose own executor takes no jobs."""
    app.extensions["lectern"].executor.shut_down(0)
    return app


def row_of(user: User, video_id: str) -> dict[str, Any]:
    return next(row for row in user.get("/list").json["videos"] if row["video_id"] == video_id)


def test_rows_name_who_cancelled_and_why(idle: Flask, user: User, admin: User) -> None:
    video_id = user.upload(SAMPLES / "tiny.m4a").json["video_id"]
    assert [row_of(user, video_id)[name] for name in ("cancelled", "cancelled_by", "cancelled_at", "cancellation_reason")] == [
        False,
        None,
        None,
        None,
    ]
    assert admin.post(f"/cancel/{video_id}", json={"reason": "The disk is full."}).status_code == 200
    row = row_of(user, video_id)
    assert (row["cancelled"], row["cancelled_by"], row["cancellation_reason"]) == (True, admin.email, "The disk is full.")
    assert row["cancelled_at"] and user.get(f"/status/{video_id}").json["cancelled"] is True
    assert admin.post(f"/admin/videos/{video_id}/requeue").status_code == 200
    row = row_of(user, video_id)
    assert (row["cancelled"], row["cancelled_by"], row["cancellation_reason"]) == (False, None, None)


def test_moderators_are_admins(app: Flask, admin: User, user: User) -> None:
    response = admin.post("/admin/admins", json={"user_id": user.id, "role": "moderator"})
    assert (response.status_code, response.json["admin"]["role"], response.json["admin"]["is_super_admin"]) == (200, "moderator", False)
    assert user.get("/admin/videos").status_code == 200
    assert user.post("/admin/admins", json={"email": "new@example.org"}).status_code == 403
    assert admin.get("/admin/admins/stats").json["roles"] == {"moderator": 1, "admin": 0, "super_admin": 1}


def test_deleting_names_firestore(app: Flask, admin: User, user: User) -> None:
    owned_objects = create_owned_objects(app, user)
    response = admin.delete(f"/admin/videos/{owned_objects.ids['video_id']}")
    assert (response.status_code, response.json["firestore"]) == (200, "deleted")


def test_transcriptions_have_both_prompts(app: Flask, admin: User, user: User) -> None:
    create_owned_objects(app, user)
    (row,) = admin.get("/admin/transcriptions").json
    assert (row["transcribe_prompt"], row["proofread_prompt"]) == (None, None)


def test_setting_keys_of_ezra_choose_prompts(app: Flask, admin: User) -> None:
    number = admin.post("/admin/transcribe-prompts", json={"version": "1", "prompt": "Write numbers as digits."}).json["prompt"]["id"]
    response = admin.post("/admin/settings", json={"setting_key": "active_transcribe_prompt_id", "setting_value": str(number)})
    assert (response.status_code, response.json["setting"]["setting_value"]) == (200, str(number)), response.text
    assert admin.get("/admin/settings/active-transcribe-prompt").json["transcribe_prompt_id"] == number
    settings = {row["setting_key"]: row for row in admin.get("/admin/settings").json}
    assert (settings["active_transcribe_prompt_id"]["value"], settings["active_proofread_prompt_id"]["value"]) == (number, None)
    assert admin.delete(f"/admin/settings/{response.json['setting']['id']}").json["setting"]["value"] is None
    for value, status in (("x", 422), ("999", 404), (str(number), 404)):
        body = {"setting_key": "active_proofread_prompt_id", "setting_value": value}
        assert admin.post("/admin/settings", json=body).status_code == status, value
