"""Scripts over HTTP: they are written in the background, edited and restored; events tell when each one is there."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import User
from tests.lessons.decks import pptx, shape, slide
from tests.proofreading.chat_server import ChatServer, Reply
from tests.waiting import wait_for

NOTES = """# Leaves

Photosynthesis is the process by which plants turn light into sugar. It happens in leaves. Chlorophyll is a green pigment of leaves.

## Needs

- Light
- Water
"""
SCENE = {"id": "n1", "narration": "A new scene.", "content": {"kind": "bullets", "heading": "New", "items": ["One"]}}


def create(user: User, status: int = 201, **fields: Any) -> Any:
    response = user.post("/api/v1/scripts", json=fields)
    assert response.status_code == status, response.text
    return response.json


def wait_until_written(user: User, request_id: str) -> list[dict[str, Any]]:
    def read_when_written() -> list[dict[str, Any]]:
        scripts = user.get(f"/api/v1/scripts?request_id={request_id}").json["scripts"]
        return scripts if not any(each["state"] in ("waiting", "writing") for each in scripts) else []

    return wait_for(read_when_written)


def show(user: User, script_id: str) -> Any:
    return user.get(f"/api/v1/scripts/{script_id}").json


def edit(user: User, method: str, path: str, status: int = 200, **kwargs: Any) -> Any:
    response = user.http.open(f"/api/v1/scripts/{path}", method=method, headers=user.headers, **kwargs)
    assert response.status_code == status, response.text
    return response.json


def test_three_scripts_are_drafted_and_announced(user: User, stranger: User) -> None:
    script_request = create(user, text=NOTES, chat_id="chat-1")
    assert [(each["variant"], each["approach"]) for each in script_request["scripts"]] == [
        (1, "overview"),
        (2, "step_by_step"),
        (3, "questions"),
    ]
    assert all(each["state"] in ("waiting", "writing", "ready") for each in script_request["scripts"])
    ready = wait_until_written(user, script_request["request_id"])
    assert [each["state"] for each in ready] == ["ready"] * 3
    scripts = [show(user, each["id"]) for each in ready]
    assert len({json.dumps(each["script"]["scenes"]) for each in scripts}) == 3
    assert {each["title"] for each in scripts} == {"Leaves"} and all(each["duration_s"] > 5 for each in scripts)
    events = [event for event in user.get("/api/v1/events").json["events"] if event["kind"] == "script_ready"]
    assert sorted(event["data"]["script_id"] for event in events) == sorted(each["id"] for each in ready)
    assert stranger.get(f"/api/v1/scripts/{ready[0]['id']}").status_code == 404
    assert stranger.get("/api/v1/scripts").json["total"] == 0


def test_a_script_is_edited_in_versions(user: User) -> None:
    script = {"title": "Mine", "language": "en", "scenes": [{**SCENE, "id": "a"}, {**SCENE, "id": "b"}]}
    script_id = create(user, script=script)["scripts"][0]["id"]
    answer = edit(user, "POST", f"{script_id}/scenes", json={"scene": SCENE, "position": 0, "version": 1})
    assert [scene["id"] for scene in answer["script"]["scenes"]] == ["n1", "a", "b"]
    answer = edit(user, "PUT", f"{script_id}/scenes/a", json={"scene": {**SCENE, "narration": "Changed."}})
    assert answer["script"]["scenes"][1] == {**answer["script"]["scenes"][1], "id": "a", "narration": "Changed."}
    edit(user, "POST", f"{script_id}/order", json={"scene_ids": ["b", "a", "n1"]})
    edit(user, "DELETE", f"{script_id}/scenes/n1?version=4")
    conflict = edit(user, "DELETE", f"{script_id}/scenes/a?version=4", 409)
    assert (conflict["code"], conflict["version"]) == ("script_changed", 5)
    assert edit(user, "DELETE", f"{script_id}/scenes/zzz", 404)["code"] == "unknown_scene"
    versions = edit(user, "GET", f"{script_id}/versions")["versions"]
    assert [(each["number"], each["author"]) for each in versions] == [(number, "user") for number in (5, 4, 3, 2, 1)]
    answer = edit(user, "POST", f"{script_id}/versions/1/restore", json={})
    assert (answer["version"], [scene["id"] for scene in answer["script"]["scenes"]]) == (6, ["a", "b"])
    assert edit(user, "GET", f"{script_id}/versions/3")["script"]["scenes"][1]["narration"] == "Changed."
    answer = edit(user, "PUT", script_id, json={"script": {**script, "title": "Renamed"}, "version": 6})
    assert (answer["title"], answer["version"]) == ("Renamed", 7)
    estimate = edit(user, "GET", f"{script_id}/estimate?speed=1")
    assert estimate["duration_s"] == sum(each["duration_s"] for each in estimate["scenes"])
    edit(user, "DELETE", script_id)
    edit(user, "GET", script_id, 404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": {"kind": "hologram"}}, "kind"),
        ({"content": {"kind": "bullets", "items": []}}, "items"),
        ({"narration": "x" * 10_001}, "narration"),
        ({"id": "Not An Id"}, "id"),
    ],
)
def test_scenes_that_can_not_be_drawn_are_refused(user: User, change: dict[str, Any], field: str) -> None:
    error = create(user, 422, script={"title": "Mine", "scenes": [{**SCENE, **change}]})
    assert error["code"] == "validation_failed" and field in error["message"]


def test_requests_name_exactly_one_source(user: User, stranger: User) -> None:
    for fields in ({}, {"topic": "a", "text": "b"}, {"topic": " "}, {"text": ""}, {"text": "a", "count": 4}):
        create(user, 422, **fields)
    assert create(user, 503, topic="Leaves")["code"] == "topic_needs_model"
    assert "OPENAI_API_KEY" in create(user, 503, topic="Leaves", writer="draft")["hint"]
    assert create(user, 503, text="Leaves are green.", writer="model")["code"] == "language_model_missing"
    assert create(user, 404, recording_id="nothing")["code"] == "not_found"
    empty = create(user, text="...")
    assert [each["writing"]["error"]["code"] for each in wait_until_written(user, empty["request_id"])] == ["nothing_to_draft"] * 3


def test_scripts_of_a_deck_and_of_a_document(user: User) -> None:
    deck = pptx([slide(shape("Leaves", "title"), shape("Light\nWater", "body"))], notes={1: "They need light."})
    for name, content, narration in (("deck.pptx", deck, "They need light."), ("notes.md", NOTES.encode(), "Leaves.")):
        form = {"file": (io.BytesIO(content), name), "count": "1", "title": "Given"}
        response = user.post("/api/v1/scripts/files", data=form, content_type="multipart/form-data")
        assert response.status_code == 201, response.text
        written_scripts = wait_until_written(user, response.json["request_id"])
        script = show(user, written_scripts[0]["id"])["script"]
        assert script["title"] == "Given" and narration in [*(scene["narration"] for scene in script["scenes"]), "Leaves."]
    response = user.post("/api/v1/scripts/files", data={"file": (io.BytesIO(b"%PDF-1.4"), "x.pdf")}, content_type="multipart/form-data")
    assert (response.status_code, response.json["code"]) == (422, "unreadable_deck")
    assert user.post("/api/v1/scripts/files", data={"count": "1"}, content_type="multipart/form-data").json["code"] == "no_file"


@pytest.mark.usefixtures("cached_stages")
def test_scripts_of_a_recording(user: User, tiny: Path, tiny_subtitles: bytes) -> None:
    upload = user.upload(tiny, subtitles=(io.BytesIO(tiny_subtitles), "subtitles.srt"), language="en").json
    assert user.wait(upload["video_id"])["status"] == "completed"
    script_request = create(user, recording_id=upload["video_id"], count=1, writer="draft")
    script = show(user, wait_until_written(user, script_request["request_id"])[0]["id"])["script"]
    narration = " ".join(scene["narration"] for scene in script["scenes"]).lower()
    assert script["language"] == "en" and any(word in narration for word in ("lecture", "slide", "the"))
    retold = create(user, recording_id=upload["video_id"], keep_slides=True, title="Retold")["scripts"][0]
    scenes = show(user, retold["id"])["script"]["scenes"]
    assert (retold["state"], retold["title"]) == ("ready", "Retold") and len(scenes) > 1
    assert {scene["content"]["source"]["recording_id"] for scene in scenes} == {upload["video_id"]}
    words = " ".join(scene["narration"] for scene in scenes).split()
    captions = "".join(line for line in tiny_subtitles.decode().splitlines() if "-->" not in line and not line.isdigit())
    assert "".join(words) == "".join(captions.split())
    create(user, 422, text="x", keep_slides=True)


def reply(text: str, number: int) -> Reply:
    if "Rewrite this scene" in text:
        return 200, {}, json.dumps({"narration": "Rewritten.", "chapter": "", "content": {"kind": "quote", "text": "Short", "author": ""}})
    scenes = [{"narration": f"Scene {each}.", "content": {"kind": "bullets", "heading": "H", "items": ["a"]}} for each in range(3)]
    return 200, {}, f"Here it is:\n```json\n{json.dumps({'title': 'Written', 'scenes': scenes})}\n```"


@pytest.fixture(scope="module")
def chat() -> Iterator[ChatServer]:
    with ChatServer(reply) as server:
        yield server


@pytest.fixture
def with_model(app_with: Callable[..., Flask], chat: ChatServer, user: User) -> User:
    """The user of an application with a language model."""
    options = {"language_model_base_url": chat.url, "language_model": "m", "script_model": "writer"}
    user.http = app_with(runs_all_jobs=True, **options).test_client(use_cookies=False)
    return user


def test_a_topic_is_written_by_the_model_and_a_scene_rewritten(with_model: User, chat: ChatServer) -> None:
    user = with_model
    script_request = create(user, topic="Leaves of trees")
    ready = wait_until_written(user, script_request["request_id"])
    assert [(each["state"], each["scenes"]) for each in ready] == [("ready", 3)] * 3, ready
    assert {request["model"] for request in chat.requests} == {"writer"}
    script_id = ready[0]["id"]
    job = edit(user, "POST", f"{script_id}/scenes/s2/rewrite", 201, json={"instruction": "Make it a quote"})
    edit(user, "PUT", f"{script_id}/scenes/s1", json={"scene": {**SCENE, "narration": "Edited meanwhile."}})
    wait_for(lambda: user.get(f"/api/v1/jobs/{job['id']}").json["state"] == "succeeded")
    scenes = show(user, script_id)["script"]["scenes"]
    assert [scene["narration"] for scene in scenes] == ["Edited meanwhile.", "Rewritten.", "Scene 2."]
    authors = {each["author"]: each["note"] for each in edit(user, "GET", f"{script_id}/versions")["versions"]}
    assert authors["instruction"] == "Make it a quote"


def test_a_scene_without_a_model_is_not_rewritten(user: User) -> None:
    script_id = create(user, script={"title": "Mine", "scenes": [SCENE]})["scripts"][0]["id"]
    assert edit(user, "POST", f"{script_id}/scenes/n1/rewrite", 503, json={"instruction": "x"})["code"] == "scene_needs_model"


def test_the_jobs_that_render_a_script_are_listed_with_their_versions(user: User, stranger: User) -> None:
    script = {"title": "Mine", "language": "en", "scenes": [{**SCENE, "id": "a"}, {**SCENE, "id": "b"}]}
    script_id = create(user, script=script)["scripts"][0]["id"]
    other_id = create(user, script=script)["scripts"][0]["id"]
    first = edit(user, "POST", f"{script_id}/render", 201, json={"silent": True})
    edit(user, "DELETE", f"{script_id}/scenes/b")
    second = edit(user, "POST", f"{script_id}/render", 201, json={"silent": True})
    edit(user, "POST", f"{other_id}/render", 201, json={"silent": True})
    renders = edit(user, "GET", f"{script_id}/renders")
    assert [(each["version"], each["job"]["id"]) for each in renders["renders"]] == [(2, second["id"]), (1, first["id"])]
    (voice_start, voice_end), (scenes_start, scenes_end) = renders["stages"]["voice"], renders["stages"]["scenes"]
    assert 0 == voice_start < voice_end <= scenes_start < scenes_end < 100
    assert stranger.get(f"/api/v1/scripts/{script_id}/renders").status_code == 404


def test_whether_a_language_model_writes_is_shown(user: User) -> None:
    assert user.get("/api/v1/lessons/writers").json == {"model": False}
