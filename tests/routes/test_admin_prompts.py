"""Prompts: versions, the active one, and the audit log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from tests.conftest import User


def test_versions_can_be_created_activated_and_deleted(app: Flask, admin: User) -> None:
    from services.prompts import active_prompt

    first = admin.post("/api/v1/admin/prompts", json={"name": "proofread", "prompt": "Mend commas."})
    assert (first.status_code, first.json["prompt"]["version"], first.json["prompt"]["active"]) == (201, "1", False)
    assert first.json["message"] == "Prompt added."
    assert admin.post("/api/v1/admin/prompts", json={"name": "script", "prompt": "Write."}).json["message"] == "Prompt added."
    with app.app_context():
        assert active_prompt("proofread") is None
        with pytest.raises(KeyError):
            active_prompt("nonsense")
    second = admin.post("/api/v1/admin/prompts", json={"name": "proofread", "prompt": "Mend all.", "activate": True}).json["prompt"]
    assert (second["version"], second["active"], second["created_by"]) == ("2", True, admin.email)
    with app.app_context():
        active = active_prompt("proofread")
        assert active is not None and active.text == "Mend all."
    path = f"/api/v1/admin/prompts/{second['id']}"
    response = admin.delete(path)
    assert (response.status_code, response.json["code"]) == (409, "conflict") and "Activate another" in response.json["hint"]
    before = first.json["prompt"]["id"]
    assert admin.post(f"/api/v1/admin/prompts/{before}/activate").json["prompt"]["active"] is True
    assert admin.delete(path).status_code == 200
    assert admin.get(path).status_code == 404
    assert admin.post(f"/admin/prompts/{before}/deactivate").json["prompt"]["active"] is False
    kinds = {each["name"]: each for each in admin.get("/admin/prompt-kinds").json}
    assert kinds["proofread"] == {**kinds["proofread"], "versions": 1, "active_id": None}
    entries = admin.get("/admin/audit?action=prompt.").json
    assert [act["action"].partition(".")[2] for act in entries] == [
        *("deactivate", "delete", "activate"),
        *("activate", "create", "create", "create"),
    ]
    assert entries[2]["before"] == {"active_id": second["id"]} and entries[2]["after"] == {"active_id": before, "version": "1"}
    assert entries[1]["before"]["text"] == "Mend all."


def test_documented_routes_for_two_kinds_work(app: Flask, admin: User) -> None:
    for kind in ("transcribe", "proofread"):
        assert admin.get(f"/admin/settings/active-{kind}-prompt").json[f"{kind}_prompt_id"] is None
        response = admin.post(f"/admin/{kind}-prompts", json={"version": "v1 (strict)", "prompt": f"Please {kind}."})
        assert response.status_code == 201, response.text
        prompts = admin.get(f"/admin/{kind}-prompts").json
        assert [(each["version"], each["prompt"]) for each in prompts] == [("v1 (strict)", f"Please {kind}.")]
        assert isinstance(prompts[0]["id"], int) and prompts[0]["created_at"]
        active = admin.post(f"/admin/settings/active-{kind}-prompt", json={f"{kind}_prompt_id": prompts[0]["id"]})
        assert active.status_code == 200, active.text
        assert admin.get(f"/admin/settings/active-{kind}-prompt").json[f"{kind}_prompt_id"] == prompts[0]["id"]
    other = admin.post("/admin/settings/active-transcribe-prompt", json={"transcribe_prompt_id": prompts[0]["id"]})
    assert other.status_code == 404, "a prompt of the other kind"
    assert len(admin.get("/admin/prompts").json) == 2
    assert len(admin.get("/admin/prompts?name=transcribe").json) == 1


def test_invalid_prompts_are_rejected(app: Flask, admin: User, user: User) -> None:
    valid = {"name": "script", "version": "one", "prompt": "Write."}
    assert admin.post("/admin/prompts", json=valid).status_code == 201
    assert admin.post("/admin/prompts", json=valid).status_code == 409
    for change in ({"name": "other"}, {"prompt": ""}, {"prompt": "x" * 50_001}, {"version": "x" * 61}):
        assert admin.post("/admin/prompts", json=valid | change).status_code == 422, change
    for prompt_id in ("0", "-1", "x", "9" * 18, "9" * 40, "%C2%B2"):
        assert admin.post(f"/admin/prompts/{prompt_id}/activate").status_code == 404, prompt_id
    assert user.post("/admin/prompts", json=valid | {"version": "two"}).status_code == 403


def test_concurrent_changes_create_one_version_and_one_active_prompt(app: Flask, admin: User) -> None:
    def concurrently(path: str, body: dict[str, object], many: int = 4) -> list[int]:
        def post(_: int) -> int:
            return app.test_client(use_cookies=False).post(path, json=body, headers=admin.headers).status_code

        with ThreadPoolExecutor(many) as pool:
            return sorted(pool.map(post, range(many)))

    one = {"name": "script", "version": "same", "prompt": "Write."}
    assert concurrently("/admin/prompts", one) == [201, 409, 409, 409]
    statuses = concurrently("/admin/prompts", {"name": "script", "prompt": "Write.", "activate": True})
    assert set(statuses) <= {201, 409} and 201 in statuses
    prompts = admin.get("/admin/prompts?name=script").json
    assert len(prompts) == 1 + statuses.count(201)
    assert [each["active"] for each in prompts].count(True) == 1
