"""Admins manage recordings and jobs of all users, and read the error log and statistics."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from database import transaction
from models import Job
from tests import access_matrix
from tests.conftest import PASSWORD, User, list_stored_keys
from tests.routes.silence import silent_recording


def make_job_fail_with_a_retryable_error(app: Flask, job_id: str) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Job).where(Job.id == job_id).values(state="failed", retryable=True))


def test_recordings_of_all_users_are_listed_searched_and_deleted(app: Flask, admin: User, user: User, stranger: User) -> None:
    ids = access_matrix.create_owned_objects(app, user).ids
    row = admin.get("/admin/videos").json[0]
    assert (row["id"], row["user_email"], row["status"], row["job_id"]) == (ids["video_id"], user.email, "failed", ids["job_id"])
    assert row["storage_bytes"] == 8
    assert admin.get("/api/v1/admin/videos?q=private%20LECTURE&state=failed").headers["X-Total-Count"] == "1"
    assert admin.get(f"/admin/videos?user_id={stranger.id}").json == []
    assert admin.get("/admin/videos?state=running").json == []
    transcription = admin.get("/admin/transcriptions").json[0]
    assert (transcription["status"], transcription["username"], transcription["txt_document_path"]) == ("error", user.email, None)
    assert admin.get(f"/admin/download/pdf/{ids['video_id']}").data == b"data"
    response = admin.delete(f"/admin/videos/{ids['video_id']}")
    assert sorted(response.json["deleted"]) == ["pdfs/owned.pdf", "videos/owned/owned.mp4"]
    assert list_stored_keys(app) == ["files/owned/owned.txt"]  # it belongs to a project
    assert admin.delete(f"/admin/videos/{ids['video_id']}").status_code == 404
    entry = admin.get("/admin/audit?action=recording.").json[0]
    assert (entry["action"], entry["before"]["title"]) == ("recording.delete", "Private lecture")


def test_actions_of_admins_outside_admin_routes_are_audited(app: Flask, admin: User, user: User, tiny: Path) -> None:
    app.extensions["lectern"].executor.shut_down(0)  # no job starts
    upload = user.upload(tiny).json
    recording, job = f"/api/v1/recordings/{upload['video_id']}", f"/api/v1/jobs/{upload['job_id']}"
    for account in (user, admin):
        assert account.http.patch(recording, headers=account.headers, json={"title": f"By {account.email}"}).status_code == 200
        assert account.post(f"{job}/cancel").json["state"] == "cancelled"
        assert account.post(f"{job}/retry").json["state"] == "queued"
    assert admin.post(f"/cancel/{upload['video_id']}", json={}).json["status"] == "cancelled"
    assert admin.post(f"{recording}/jobs", json={}).status_code == 201
    assert admin.delete(f"/videos/{upload['video_id']}").status_code == 200
    entries = admin.get("/admin/audit").json[::-1]
    actions = ["recording.rename", "job.cancel", "job.requeue", "job.cancel", "recording.convert", "recording.delete"]
    assert [entry["action"] for entry in entries] == actions
    assert {entry["actor_email"] for entry in entries} == {admin.email} and all(entry["request_id"] for entry in entries)
    assert (entries[0]["before"], entries[0]["after"]) == ({"title": f"By {user.email}"}, {"title": f"By {admin.email}"})
    assert (entries[1]["before"], entries[1]["after"]) == ({"state": "queued"}, {"state": "cancelled"})


def test_an_admin_cancels_and_requeues(app: Flask, admin: User, user: User, tiny: Path) -> None:
    upload = user.upload(tiny, formats="txt").json
    video_id = upload["video_id"]
    assert admin.post(f"/admin/videos/{video_id}/cancel").status_code == 200
    status = user.wait(video_id)
    if status["status"] == "cancelled":  # unless it finished before
        response = admin.post(f"/admin/videos/{video_id}/requeue")
        assert response.json["job"]["state"] in ("queued", "running")
        assert user.wait(video_id)["status"] == "completed"
    assert admin.post(f"/admin/videos/{video_id}/requeue").status_code == 409
    kinds = [event["kind"] for event in admin.get(f"/admin/videos/{video_id}/timeline").json["events"]]
    assert kinds[0] == "queued" and kinds[-1] == "succeeded"
    assert admin.get("/admin/stats").json["completed"] == 1


def test_failed_jobs_are_retried_as_listed_or_without_a_list_those_with_a_retryable_error(app: Flask, admin: User, user: User) -> None:
    app.extensions["lectern"].executor.shut_down(0)  # no job starts
    job_id = access_matrix.create_owned_objects(app, user).ids["job_id"]
    retry = "/admin/videos/requeue-stuck"
    assert [admin.post(retry, json=body).json["count"] for body in ({}, {"job_ids": []}, {"job_ids": ["unknown"]})] == [0, 0, 0]
    assert admin.post(retry, json={"job_ids": [job_id]}).json["count"] == 1
    make_job_fail_with_a_retryable_error(app, job_id)
    assert admin.post(retry, json={"job_ids": []}).json["count"] == 1
    entry = admin.get("/admin/audit?action=job.requeue_failed").json[0]
    assert (entry["target_kind"], entry["after"]) == ("queue", {"jobs": [job_id], "count": 1, "refused": []})


def test_the_error_log_shows_code_stage_user_and_request(app: Flask, admin: User, user: User) -> None:
    response = user.post("/upload", data=silent_recording(), content_type="multipart/form-data")
    status = user.wait(response.json["video_id"])
    assert status["status"] == "failed"
    entry = admin.get(f"/admin/logs?job_id={response.json['job_id']}").json[0]
    assert (entry["source"], entry["code"], entry["user_id"]) == ("job", status["error_code"], user.id)
    assert entry["stage"] and "Traceback" in entry["log"] and entry["attempt"] == 1
    assert entry["request_id"] == response.headers["X-Request-ID"]
    assert entry["transcription_id"] == response.json["video_id"]
    assert admin.get("/admin/logs?code=other").json == []
    assert admin.get("/admin/stats").json["total_errors"] == 1


@pytest.mark.expects_errors
def test_a_crashed_request_is_in_the_error_log(app: Flask, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.operations import statistics

    monkeypatch.setattr(statistics, "total_counts", lambda: 1 // 0)
    response = admin.get("/admin/stats")
    assert response.status_code == 500 and "ZeroDivision" not in response.text
    entry = admin.get(f"/admin/logs?request_id={response.json['request_id']}").json[0]
    assert (entry["source"], entry["path"], entry["message"]) == ("request", "GET /admin/stats", "ZeroDivisionError")
    assert entry["user_id"] == admin.id


def test_stats_count_users_recordings_and_jobs(app: Flask, admin: User, user: User) -> None:
    access_matrix.create_owned_objects(app, user)
    stats = admin.get("/api/v1/admin/stats?days=3").json
    assert stats == {**admin.get("/admin/stats?days=3").json, "timestamp": stats["timestamp"]}
    keys = ("totalUsers", "totalVideos", "totalPDFs", "activeProcessing", "inQueue", "failed", "total_users", "total_transcriptions")
    assert [stats[word] for word in keys] == [2, 1, 1, 0, 0, 1, 2, 0]
    assert (stats["storage_bytes"], stats["admins"], stats["jobs"]["failed"]) == (8, 1, 1)
    days = stats["days"]
    assert len(days) == 3 and days == sorted(days, key=lambda day: day["date"])
    assert (days[-1]["users"], days[-1]["recordings"], days[-1]["recordings_bytes"]) == (2, 1, 4)
    assert days[0]["users"] == 0


def test_daily_stats_include_deleted_recordings_and_users(app: Flask, admin: User, user: User, stranger: User, tiny: Path) -> None:
    app.extensions["lectern"].executor.shut_down(0)
    uploads = [account.upload(tiny).json for account in (user, user, stranger)]
    for account, each in zip((user, user, stranger), uploads, strict=True):
        assert account.post(f"/cancel/{each['video_id']}", json={}).json["status"] == "cancelled"
    before = admin.get("/admin/stats?days=2").json
    assert [before["days"][-1][name] for name in ("users", "recordings", "cancelled")] == [3, 3, 3]
    assert user.delete(f"/videos/{uploads[0]['video_id']}").status_code == 200
    assert stranger.delete("/api/v1/users/me", json={"password": PASSWORD}).status_code == 200
    after = admin.get("/admin/stats?days=2").json
    assert after["days"] == before["days"]
    assert (after["totalVideos"], after["total_users"]) == (1, 2)


def test_storage_is_shown_by_format_and_by_user(app: Flask, admin: User, user: User) -> None:
    access_matrix.create_owned_objects(app, user)
    storage = admin.get("/admin/storage").json
    assert (storage["recordings_bytes"], storage["documents_bytes"], storage["by_format"], storage["waiting_to_go"]) == (
        4,
        4,
        {"pdf": 4},
        0,
    )
    assert storage["disk_free_bytes"] > 0
    assert [(share["email"], share["recordings_bytes"], share["documents_bytes"]) for share in storage["largest"]] == [(user.email, 4, 4)]


def test_worker_health_is_healthy_while_threads_run(app: Flask, admin: User) -> None:
    healthy = admin.get("/worker-health")
    assert (healthy.status_code, healthy.json["worker_status"]) == (200, "healthy")
    assert healthy.json["worker_response"]["executor"] == "threads"
