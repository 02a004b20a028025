"""Manimate's documented calls: topics to scripts, edits, videos, events, and the mode without credentials."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.conftest import SAMPLES, User
from tests.proofreading.chat_server import ChatServer, Reply
from tests.waiting import wait_for

NOTES = (
    "# Leaves\n\nPhotosynthesis is the process by which plants turn light into sugar. It happens in leaves. "
    "Chlorophyll is a green pigment of leaves.\n\n- Light\n- Water\n"
)


def reply(text: str, number: int) -> Reply:
    if "silence" in text:
        return 401, {}, "no"
    scenes = [
        {"narration": f"Scene {each}. It is short.", "content": {"kind": "bullets", "heading": "H", "items": ["a", "b"]}}
        for each in range(3)
    ]
    return 200, {}, json.dumps({"title": "Quantum computing", "scenes": scenes})


@pytest.fixture(scope="module")
def chat() -> Iterator[ChatServer]:
    with ChatServer(reply) as server:
        yield server


@pytest.fixture
def with_model(app_with: Callable[..., Flask], chat: ChatServer, user: User) -> User:
    """The user of an application with a language model."""
    options = {"language_model_base_url": chat.url, "language_model": "m", "tts_provider": "mock"}
    application = app_with(runs_all_jobs=True, script_wait_s=60.0, **options)
    user.http = application.test_client(use_cookies=False)
    return user


def submit(user: User, text: str = "quantum computing", status: int = 200) -> Any:
    response = user.post("/submit", json={"text": text, "uid": "user123", "chatID": "chat456"})
    assert response.status_code == status, response.text
    return response.json


def test_a_topic_becomes_three_scripts_with_tokens(with_model: User, stranger: User) -> None:
    user = with_model
    body = submit(user)
    assert body["success"] is True and body["chatID"] == "chat456" and len(body["tokens"]) == len(body["scripts"]) == 3
    scene = body["scripts"][0]["scenes"][0]
    assert (scene["seq"], scene["text"], scene["layout"]) == (1, "Scene 0. It is short.", "title_and_main_content")
    assert scene["duration_sec"] > 0 and isinstance(scene["anim"], str)
    token = body["tokens"][0]
    assert user.get(f"/api/script/{token}").json == body["scripts"][0]
    answer = user.post("/api/generate_scripts", json={"topic": "quantum computing", "quality": "high", "use_batch": True}).json
    assert (answer["topic"], answer["count"], len(answer["tokens"])) == ("quantum computing", 3, 3)
    assert stranger.get(f"/api/script/{token}").status_code == 404


def test_scenes_are_merged_by_their_number(user: User) -> None:
    body = submit(user, NOTES)
    token, before = body["tokens"][0], body["scripts"][0]
    at = next(number for number, scene in enumerate(before["scenes"]) if scene["content"]["kind"] == "bullets")
    change = {"scenes": [{"seq": at + 1, "text": "Sugar grows. Water falls."}], "title": "Updated Title"}
    answer = user.post(f"/update_script/{token}", json={"script": change, "chatID": "chat456"}).json
    assert (answer["success"], answer["token"], answer["script"]["title"]) == (True, token, "Updated Title")
    scenes = answer["script"]["scenes"]
    assert scenes[at]["text"] == "Sugar grows. Water falls." and scenes[0] == before["scenes"][0]
    assert scenes[at]["content"]["items"] == ["Sugar grows", "Water falls"]
    whole = user.post(f"/api/script/{token}", json=answer["script"]).json
    assert whole["script"] == answer["script"] and whole["token"] == token
    split = user.post(f"/api/script/{token}", json={"scenes": [{"seq": at + 1, "layout": "split_screen"}]}).json["script"]["scenes"][at]
    assert (split["layout"], split["content"]["left"]["items"]) == ("split_screen", ["Sugar grows"])
    new_scenes = user.post(f"/api/script/{token}", json={"scenes": [{"seq": 99, "text": "A new end."}]}).json["script"]["scenes"]
    assert (new_scenes[-1]["text"], new_scenes[-1]["seq"]) == ("A new end.", len(scenes) + 1)
    for wrong in (
        {"seq": 3, "anim": "The leaf explodes"},
        {"seq": 3, "layout": "custom"},
        {"seq": "x"},
        {"seq": 3, "text": 7},
        {"seq": 2, "text": "A. " * 12_000},
        {"seq": 500},
    ):
        response = user.post(f"/api/script/{token}", json={"scenes": [wrong]})
        assert response.status_code == 422 and response.json["detail"], response.text


def test_missing_fields_and_unknown_tokens(user: User) -> None:
    response = user.post("/submit", json={"text": "quantum computing"})
    assert (response.status_code, response.json["success"], response.json["message"]) == (400, False, "Text, UID, and ChatID are required")
    assert submit(user, status=503)["code"] == "topic_needs_model"
    assert submit(user, "??? " * 120, 422)["code"] == "nothing_to_draft"
    for path in ("/update_script/nothing", "/confirm_script/nothing"):
        assert user.post(path, json={"script": {"title": "x"}, "chatID": "c"}).status_code == 404
        assert user.post(path, json={}).status_code == 400
    for path in ("/generation_status/x", "/api/job/x", "/video-info/x.mp4", "/stream/x.mp4", "/api/script/x"):
        assert user.get(path).status_code == 404
    assert user.post("/api/script/nothing", json={"title": "x"}).json["detail"]
    assert user.delete("/generation_job/x").status_code == 404


def test_a_failing_model_is_an_error(with_model: User) -> None:
    error = submit(with_model, "silence", 502)
    assert error["success"] is False and "rejected" in error["message"]


@pytest.mark.usefixtures("paused_queue")
def test_submit_answers_202_while_scripts_are_written(user: User, app_with: Callable[..., Flask]) -> None:
    user.http = app_with(script_wait_s=0.0).test_client(use_cookies=False)
    body = submit(user, NOTES, 202)
    assert (body["success"], body["scripts"], body["tokens"]) == (False, [], []) and body["events_url"].startswith("/events/chat456?token=")
    odd = user.post("/submit", json={"text": NOTES, "uid": "u", "chatID": "a b?c"}).json
    assert odd["events_url"].startswith("/events/a%20b%3Fc?token=")
    tokens = user.post("/api/generate_scripts", json={"topic": NOTES}).json["tokens"]
    assert len(tokens) == 3
    assert user.get(f"/api/script/{tokens[0]}").json["code"] == "script_not_written"


def test_confirming_queues_a_job_with_the_version_and_the_options(user: User, app: Flask, stranger: User) -> None:
    from services.jobs.queue import maintenance

    token = submit(user, NOTES)["tokens"][0]
    with app.app_context():
        maintenance.pause_queue("test", "")
    response_with_config = user.post(
        f"/confirm_script/{token}", json={"chatID": "chat456", "config": {"quality": "low", "tts_provider": "mock"}}
    )
    assert response_with_config.status_code == 200, response_with_config.text
    job_id = response_with_config.json["job_id"]
    assert (response_with_config.json["status"], response_with_config.json["token"], response_with_config.json["chatID"]) == (
        "pending",
        token,
        "chat456",
    )
    user.post(f"/update_script/{token}", json={"script": {"title": "Later"}, "chatID": "chat456"})
    top_level = user.post(f"/confirm_script/{token}", json={"chatID": "chat456", "topic": "x", "quality": "4k"}).json
    options = [user.get(f"/api/v1/jobs/{each}").json["options"] for each in (job_id, top_level["job_id"])]
    assert [(each["height"], each["silent"]) for each in options] == [(720, True), (2160, False)]
    assert options[0]["script_version_id"] != options[1]["script_version_id"]
    status = user.get(f"/generation_status/{job_id}").json
    assert status["success"] and (status["job_status"]["status"], status["job_status"]["progress"]) == ("pending", 0)
    assert isinstance(status["job_status"]["created_at"], float)
    jobs = user.get("/generation_jobs?limit=1").json
    assert (jobs["total"], [each["job_id"] for each in jobs["jobs"]]) == (2, [top_level["job_id"]])
    assert user.get("/api/jobs").json["total"] == 2 and stranger.get("/api/jobs").json["total"] == 0
    assert stranger.delete(f"/api/job/{job_id}").status_code == 404
    assert user.delete(f"/generation_job/{job_id}").json["success"] is True
    assert user.get(f"/api/job/{job_id}").status_code == 404
    user.delete(f"/api/job/{top_level['job_id']}")
    for wrong in ({"quality": "best"}, {"tts_provider": "gemini"}, {"theme": "none such"}, {"height": 5}):
        assert user.post(f"/api/generate/{token}", json=wrong).status_code == 422, wrong
    response = user.post(f"/api/generate/{token}", json={"topic": "x"})
    assert response.json["status"] == "pending"
    user.delete(f"/api/job/{response.json['job_id']}")


@pytest.fixture
def rendered_video(user: User, app: Flask) -> str:
    """A recording that a render job has made."""
    from database import transaction
    from models import Job

    video_id = user.upload(SAMPLES / "tiny.m4a", formats="txt", title="My leaves").json["video_id"]
    with app.app_context(), transaction() as session:
        session.add(
            Job(user_id=user.id, pipeline="lesson", recording_id=video_id, state="succeeded", options={"script_version_id": "gone"})
        )
    return str(video_id)


@pytest.mark.usefixtures("paused_queue")
def test_videos_are_listed_streamed_and_downloaded(user: User, stranger: User, rendered_video: str) -> None:
    videos = user.get("/videos").json
    video = videos["videos"][0]
    assert (videos["success"], videos["count"], video["name"]) == (True, 1, f"My_leaves_{rendered_video}.mp4")
    content = (SAMPLES / "tiny.m4a").read_bytes()
    assert video["size"] == len(content)
    part = user.http.get(video["path"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, content[10:20], f"bytes 10-19/{len(content)}")
    assert part.headers["Cross-Origin-Resource-Policy"] == "cross-origin"  # a player on a page of another origin
    assert user.http.get(video["path"], headers={"Range": "bytes=-5"}).data == content[-5:]
    assert user.http.get(video["path"], headers={"Range": f"bytes={len(content)}-"}).status_code == 416
    whole = user.get(f"/stream/{video['name']}")
    assert whole.data == content and whole.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert user.http.get(f"/stream/{video['name']}").status_code == 401
    assert user.http.get(f"/stream/{video['name']}?token=forged").status_code == 401
    response = user.get(f"/download/{video['name']}")
    assert response.data == content and response.headers["Content-Disposition"].startswith("attachment")
    assert user.get(f"/video-info/{video['name']}").json["video"]["exists"] is True
    job = user.get("/api/jobs").json["jobs"][0]
    assert (job["status"], job["progress"], job["result"]["video"]) == ("completed", 100, video["name"])
    assert user.delete(f"/api/job/{job['job_id']}").status_code == 200  # the record goes, the video stays
    assert user.get("/api/jobs").json["total"] == 0 and user.get(f"/api/job/{job['job_id']}").status_code == 404
    assert user.get("/videos").json["count"] == 1
    second = user.get("/videos?limit=1&page=2").json
    assert (second["videos"], second["count"]) == ([], 1)
    for path in ("/stream", "/download", "/video-info"):
        assert stranger.get(f"{path}/{video['name']}").status_code == 404
    assert stranger.get("/videos").json["count"] == 0


def test_events_of_a_chat(user: User) -> None:
    body = submit(user, NOTES)
    stream = user.http.get(body["events_url"], headers={"Accept": "text/event-stream"}, buffered=False)
    assert (stream.status_code, stream.mimetype) == (200, "text/event-stream")
    frames: list[dict[str, Any]] = []
    for block in stream.response:
        frames += [json.loads(line[6:]) for line in block.decode().splitlines() if line.startswith("data: ")]
        if frames and frames[-1]["type"] == "all_scripts_complete":
            break
    stream.close()
    assert [each["type"] for each in frames] == ["connected", *["script_ready"] * 3, "all_scripts_complete"]
    ready = frames[1]
    assert (ready["readyToken"], ready["scriptIndex"], ready["totalScripts"]) == (body["tokens"][0], 1, 3)
    assert ready["data"] == body["scripts"][0] and frames[-1]["allTokens"] == body["tokens"] and frames[-1]["allScripts"] == body["scripts"]
    assert user.http.get("/events/chat456").status_code == 401
    assert len(user.get("/events/chat456").json["events"]) == 4
    watching = user.http.get(body["events_url"], headers={"Accept": "text/event-stream"}, buffered=False)
    assert user.post("/api/v1/auth/logout").status_code == 200
    assert len(list(watching.response)) > 0  # it ends with the session
    assert user.http.get(body["events_url"]).status_code == 401


def test_the_configuration_is_checked(user: User, with_model: User) -> None:
    assert with_model.post("/api/validate_config").json == {"valid": True, "message": "Topics can be written, and videos spoken."}


def test_the_configuration_names_what_is_missing(user: User) -> None:
    answer = user.post("/api/validate_config", json={}).json
    assert answer["valid"] is False and "GOOGLE_API_KEY" in answer["errors"][0]


def test_open_mode_acts_for_the_only_account(app: Flask, app_with: Callable[..., Flask]) -> None:
    http = app_with(open_mode="loopback").test_client(use_cookies=False)
    assert app.test_client(use_cookies=False).get("/videos").status_code == 401
    response = http.get("/videos")
    assert response.json == {"success": True, "videos": [], "count": 0}
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-site"  # the page of Manimate comes from another port
    assert http.get("/videos", environ_base={"REMOTE_ADDR": "192.0.2.7"}).json["code"] == "open_mode_refused"
    assert http.get("/videos", headers={"Host": "rebound.example"}).json["code"] == "open_mode_refused"
    foreign = http.post("/submit", json={"text": NOTES, "uid": "u", "chatID": "c"}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert http.post("/submit", json={"text": NOTES, "uid": "u", "chatID": "c"}).status_code == 200
    assert http.get("/api/v1/users/me").status_code == 401 and http.get("/admin/stats").status_code == 401
    User(app, "second@example.org")
    assert http.get("/videos").json["code"] == "open_mode_refused"


def test_open_mode_in_a_network_serves_other_machines(user: User, app_with: Callable[..., Flask]) -> None:
    http = app_with(open_mode="network").test_client(use_cookies=False)
    user.post("/api/v1/scripts", json={"script": {"title": "Mine", "scenes": [{"id": "a", "content": {"kind": "title", "heading": "A"}}]}})
    response = http.get("/api/v1/scripts", environ_base={"REMOTE_ADDR": "192.0.2.7"}, headers={"Host": "lectern.example"})
    assert [each["title"] for each in response.json["scripts"]] == ["Mine"]
    assert wait_for(lambda: http.get("/generation_jobs").json) == {"success": True, "jobs": [], "total": 0}
