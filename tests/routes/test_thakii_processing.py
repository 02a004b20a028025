"""Thakii's worker service: calls that start a conversion."""

from __future__ import annotations

import io

from flask import Flask

from tests.conftest import SAMPLES, User


def test_a_recording_is_converted_again_by_its_owner(app: Flask, user: User, stranger: User, tiny_subtitles: bytes) -> None:
    subtitles = (io.BytesIO(tiny_subtitles), "tiny.srt")
    upload = user.upload(SAMPLES / "tiny.m4a", formats="txt", subtitles=subtitles).json
    video_id = upload["video_id"]
    body = {"video_id": video_id, "user_id": user.id, "filename": "tiny.m4a", "s3_key": upload["s3_key"]}
    first = user.post(f"/process/{video_id}")  # while the first conversion is queued or running, or after it
    assert (first.status_code, first.json["status"], first.json["video_id"]) == (200, "processing", video_id)
    assert user.wait(video_id)["status"] == "completed"
    before = user.get(f"/status/{video_id}").json["job_id"]
    again = user.post("/process-from-s3", json=body)
    assert (again.status_code, again.json["status"]) == (201, "processing")
    status = user.wait(video_id)
    assert status["job_id"] != before and set(status["downloads"]) == {"txt"}
    assert user.post("/process-from-s3", json={**body, "s3_key": "videos/other/other.mp4"}).status_code == 404
    assert stranger.post(f"/process/{video_id}").status_code == 404
    assert stranger.post("/process-from-s3", json=body).status_code == 404


def test_an_upload_in_the_field_video_becomes_a_pdf(user: User, tiny_subtitles: bytes) -> None:
    form = {"video": (io.BytesIO((SAMPLES / "tiny.m4a").read_bytes()), "tiny.m4a"), "subtitles": (io.BytesIO(tiny_subtitles), "tiny.srt")}
    response = user.post("/generate-pdf", data=form, content_type="multipart/form-data")
    assert response.status_code == 201, response.text
    assert response.json["size"] == (SAMPLES / "tiny.m4a").stat().st_size and response.json["check_status"].endswith(
        f"/status/{response.json['video_id']}"
    )
    assert set(user.wait(response.json["video_id"])["downloads"]) == {"pdf"}
    assert user.post("/generate-pdf", data={}, content_type="multipart/form-data").status_code == 400
