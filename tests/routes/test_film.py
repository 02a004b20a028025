"""AI Film Studio's flow: a project becomes a video; the four kinds of jobs, and what is not offered."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask

from database import transaction
from lib.programs import find_program
from models import Job, Recording
from tests.conftest import SAMPLES, User
from tests.waiting import wait_for

PROJECT = {
    "title": "Leaves",
    "script": "Leaves make sugar.",
    "settings": {"resolution": "720p", "style": "cinematic"},
    "defaults": {"silent": True, "frame_rate": 24},
}
needs_espeak = pytest.mark.skipif(find_program("espeak-ng") is None, reason="espeak-ng is not installed")


def create(user: User, **changes: Any) -> str:
    response = user.post("/api/v1/projects", json={**PROJECT, **changes})
    assert response.status_code == 201, response.text
    return str(response.json["id"])


def submit(user: User, kind: str, project_id: str = "", **parameters: Any) -> Any:
    return user.post("/api/v1/jobs", json={"type": kind, "project_id": project_id, "parameters": parameters})


def wait_for_end(user: User, job_id: str) -> Any:
    def read() -> Any:
        job = user.get(f"/api/v1/jobs/{job_id}/status").json
        return job if job["status"] in ("completed", "failed", "cancelled") else None

    return wait_for(read)


def upload(user: User) -> Any:
    """Upload a sound that is converted in a moment."""
    files = {name: (io.BytesIO((SAMPLES / file).read_bytes()), file) for name, file in (("file", "tiny.m4a"), ("subtitles", "tiny.srt"))}
    data = {**files, "formats": "txt"}
    return user.post("/api/v1/upload", data=data, content_type="multipart/form-data").json


def add_editor(owner: User, editor: User, project_id: str) -> None:
    path = f"/api/v1/projects/{project_id}"
    assert owner.post(f"{path}/members", json={"email": editor.email, "role": "editor"}).status_code == 201
    assert editor.post(f"{path}/invitation/accept").status_code == 200


def test_a_project_becomes_a_video(app: Flask, user: User, stranger: User) -> None:
    project_id = create(user)
    path = f"/api/v1/projects/{project_id}"
    add_editor(user, stranger, project_id)
    response = stranger.post("/api/v1/jobs/submit", json={"project_id": project_id})
    assert response.status_code == 200, response.text
    job = response.json
    assert (job["project_id"], job["type"], job["status"] in ("queued", "processing")) == (project_id, "video_generation", True)
    assert user.get(path).json["status"] in ("processing", "completed")
    outcome = wait_for_end(stranger, job["job_id"])
    assert outcome["status"] == "completed" and outcome["error_message"] is None, outcome
    film_job = user.get(path).json
    assert (film_job["status"], film_job["progress"], film_job["recording_id"]) == ("completed", 100.0, outcome["recording_id"])
    assert film_job["completedAt"] and film_job["videoUrl"] and film_job["thumbnailUrl"]
    for url in (film_job["videoUrl"], stranger.get(path).json["videoUrl"], outcome["result"]["video_url"], outcome["result_url"]):
        response = user.http.get(url.removeprefix("http://localhost"))
        assert response.mimetype == "video/mp4" and b"ftyp" in response.data[:32]
    assert user.http.get(film_job["thumbnailUrl"].removeprefix("http://localhost")).data.startswith(b"\xff\xd8")
    assert user.get(f"/api/v1/recordings/{outcome['recording_id']}").json["title"] == "Leaves"  # it belongs to the owner
    assert stranger.get(f"/api/v1/recordings/{outcome['recording_id']}").status_code == 404
    download = user.get(f"/api/v1/jobs/{job['job_id']}/download").json
    assert download["downloadUrl"] == download["download_url"] and download["expiresIn"] > 0
    assert [each["type"] for each in user.get(f"{path}/assets").json["assets"]] == ["script", "lesson"]
    assert [each["job_id"] for each in stranger.get(f"/api/v1/jobs?project_id={project_id}").json["jobs"]] == [job["job_id"]]
    assert user.post("/api/v1/marketing/poster", json={"project_id": project_id}).json["url"]
    with app.app_context(), transaction() as session:
        row = session.get_one(Job, job["job_id"])
        assert (row.user_id, row.payer_id, row.options["height"], row.options["theme"]) == (user.id, user.id, 720, "night")
    user.delete(path)
    assert user.get(f"/api/v1/recordings/{outcome['recording_id']}").status_code == 200


def test_a_failed_video_says_why_and_keeps_the_project(user: User) -> None:
    crowded_content = {"kind": "bullets", "items": ["photosynthesis " * 30] * 12}
    project_id = create(user, script={"title": "Full", "scenes": [{"id": "a", "narration": "Too much.", "content": crowded_content}]})
    job = user.post("/api/v1/jobs/submit", json={"projectId": project_id}).json
    outcome = wait_for_end(user, job["job_id"])
    assert outcome["status"] == "failed" and "Scene 'a'" in outcome["error_message"]
    project = user.get(f"/api/v1/projects/{project_id}").json
    assert (project["status"], project["error_message"], project["videoUrl"]) == ("failed", outcome["error_message"], None)
    response = user.get(f"/api/v1/jobs/{job['job_id']}/download")
    assert (response.status_code, response.json["code"]) == (409, "job_has_no_file")


def test_who_presses_twice_gets_one_video(user: User, paused_queue: None) -> None:
    project_id = create(user)
    job_id = user.post("/api/v1/jobs/submit", json={"project_id": project_id}).json["job_id"]
    assert user.post("/api/v1/jobs/submit", json={"project_id": project_id}).json["job_id"] == job_id
    user.http.put(f"/api/v1/projects/{project_id}", json={"script": "Another text."}, headers=user.headers)
    response = user.post("/api/v1/jobs/submit", json={"project_id": project_id})
    assert (response.status_code, response.json["code"]) == (409, "project_processing")
    assert user.delete(f"/api/v1/jobs/{job_id}").json["status"] == "cancelled"
    assert user.get(f"/api/v1/projects/{project_id}").json["status"] == "draft"
    assert user.post("/api/v1/jobs/submit", json={"project_id": project_id}).json["job_id"] != job_id
    assert [each["job_id"] for each in user.get("/api/v1/jobs?status=cancelled").json["jobs"]] == [job_id]


def test_whoever_presses_the_button_the_payer_pays(app: Flask, user: User, stranger: User, paused_queue: None) -> None:
    project_id = create(user)
    add_editor(user, stranger, project_id)
    stranger.http.put(f"/api/v1/projects/{project_id}/payer", headers=stranger.headers)
    job_id = user.post("/api/v1/jobs/submit", json={"project_id": project_id}).json["job_id"]
    with app.app_context(), transaction() as session:
        job = session.get_one(Job, job_id)
        assert (job.user_id, job.payer_id) == (user.id, stranger.id)


@needs_espeak
def test_a_text_is_spoken(app: Flask, user: User, stranger: User) -> None:
    response = submit(user, "voice_synthesis", text="Leaves make sugar. They need light.", language="en", title="Leaves")
    assert response.status_code == 201, response.text
    outcome = wait_for_end(user, response.json["id"])
    assert (outcome["status"], outcome["type"]) == ("completed", "voice_synthesis"), outcome
    sound = user.http.get(outcome["result"]["video_url"].removeprefix("http://localhost"))
    assert sound.mimetype == "audio/mp4" and b"ftyp" in sound.data[:32]
    with app.app_context(), transaction() as session:
        recording = session.get_one(Recording, outcome["recording_id"])
        assert recording.title == "Leaves" and 1 < recording.duration_s < 20 and recording.subtitles_key
    project_id = create(user)
    voice_job = user.post("/api/v1/post-production/voice", json={"project_id": project_id}).json
    assert wait_for_end(user, voice_job["job_id"])["status"] == "completed"
    assert [each["type"] for each in user.get(f"/api/v1/projects/{project_id}/assets").json["assets"]] == ["script", "recording"]
    assert stranger.get(f"/api/v1/jobs/{voice_job['job_id']}").status_code == 404


def test_a_sound_becomes_a_video(app: Flask, user: User) -> None:
    sound = upload(user)
    parameters = {"recording_id": sound["recording_id"], "title": "My podcast", "height": 720}
    response = submit(user, "podcast_video", **parameters)
    assert response.status_code == 201, response.text
    outcome = wait_for_end(user, response.json["job_id"])
    assert outcome["status"] == "completed", outcome
    with app.app_context(), transaction() as session:
        video = session.get_one(Recording, outcome["recording_id"])
        source = session.get_one(Recording, sound["recording_id"])
        assert video.title == "My podcast" and abs(video.duration_s - source.duration_s) < 0.5
        assert (video.media["video"]["width"], video.media["video"]["height"], video.has_poster) == (1280, 720, True)
    assert submit(user, "podcast_video").status_code == 422


def test_subtitles_are_written_of_a_recording_of_the_project(user: User, stranger: User) -> None:
    project_id = create(user)
    sound = upload(user)
    user.wait(sound["recording_id"])
    user.post(f"/api/v1/projects/{project_id}/assets", json={"recording_id": sound["recording_id"]})
    add_editor(user, stranger, project_id)
    response = submit(stranger, "subtitle_generation", project_id, language="en")
    assert response.status_code == 201, response.text
    outcome = wait_for_end(stranger, response.json["job_id"])
    assert (outcome["status"], outcome["type"], outcome["project_id"]) == ("completed", "subtitle_generation", project_id), outcome
    formats = {each["format"] for each in user.get(f"/api/v1/recordings/{sound['recording_id']}").json["artifacts"]}
    assert {"srt", "vtt"} <= formats
    assert submit(stranger, "subtitle_generation", recording_id=sound["recording_id"]).status_code == 404


def test_other_kinds_are_refused_with_a_reason(user: User, paused_queue: None) -> None:
    for kind, code in (
        ("lipsync_animation", "job_type_not_offered"),
        ("music_generation", "job_type_not_offered"),
        ("x", "unknown_job_type"),
    ):
        response = submit(user, kind)
        assert (response.status_code, response.json["code"]) == (422, code) and response.json["detail"]
    empty = create(user, script="")
    for body, status, code in (
        ({"project_id": empty}, 409, "project_without_script"),
        ({"project_id": "nowhere"}, 404, "not_found"),
        ({}, 422, "validation_failed"),
    ):
        response = user.post("/api/v1/jobs/submit", json=body)
        assert (response.status_code, response.json["code"]) == (status, code)
    for kind, parameters in (
        ("video_generation", {}),
        ("voice_synthesis", {}),
        ("voice_synthesis", {"text": "x", "speed": 9}),
        ("voice_synthesis", {"text": "x", "silent": True}),
        ("subtitle_generation", {}),
        ("podcast_video", {"recording_id": 5}),
    ):
        assert submit(user, kind, **parameters).status_code in (404, 422), kind
    assert submit(user, "video_generation", create(user), theme="nowhere").status_code == 422


@pytest.mark.parametrize(
    "call",
    [
        *("GET /characters", "POST /characters", "GET /characters/1", "POST /production/generate-shot", "POST /marketing/trailer"),
        *("POST /post-production/music", "POST /organizations", "POST /usage", "GET /ws/jobs/1", "GET /ws/jobs"),
    ],
)
def test_what_is_not_offered_names_what_to_use_instead(user: User, call: str) -> None:
    method, path = call.split(" ")
    response = user.http.open(f"/api/v1{path}", method=method, headers=user.headers)
    assert (response.status_code, response.json["code"]) == (410, "not_offered")
    assert "/api/v1/" in response.json["hint"]


def test_about_and_documentation(user: User) -> None:
    about = user.http.get("/api/v1/about").json
    assert about["name"] == "Lectern" and about["endpoints"]["projects"].endswith("/api/v1/projects")
    assert user.http.get("/api/docs").headers["Location"].endswith("/docs")
    assert user.http.get("/api/redoc").headers["Location"].endswith("/redoc")


def test_footage_goes_into_a_project(user: User, stranger: User, paused_queue: None, app: Flask) -> None:
    project_id = create(user)

    def send(sender: User) -> Any:
        data = {"file": (io.BytesIO((SAMPLES / "tiny.m4a").read_bytes()), "tiny.m4a"), "project_id": project_id}
        return sender.post("/api/v1/production/upload-footage", data=data, content_type="multipart/form-data")

    assert send(stranger).status_code == 404 and stranger.get("/api/v1/recordings").json["total"] == 0
    assert send(user).json["type"] == "recording"
    assert [each["type"] for each in user.get(f"/api/v1/projects/{project_id}/assets").json["assets"]] == ["script", "recording"]


def test_errors_fill_detail(user: User) -> None:
    for response in (user.get("/api/v1/projects/nowhere"), user.http.get("/api/v1/projects"), user.get("/nowhere")):
        assert response.json["detail"] and response.json["status_code"] == response.status_code and response.json["timestamp"]
