"""Jobs over HTTP: queue positions, wait reasons, actions of admins, cancellation."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

import errors
from database import session, transaction
from models import AuditEntry, Job, Recording
from services.jobs import queue
from services.jobs.queue import maintenance
from services.jobs.scheduling import duration_model
from services.jobs.scheduling.scheduler import ConcurrencyLimits
from tests.conftest import SAMPLES, User
from tests.routes.test_events import STREAM, parse_frames
from tests.waiting import wait_for

LEASE_S = 30.0
PLAIN = {"title": "t", "filename": "t.mp4", "storage_key": "videos/t", "size_bytes": 9, "sha256": "0" * 64, "media": {}}


@pytest.fixture
def idle(app: Flask) -> Flask:
    """An app whose own executor takes no jobs."""
    app.extensions["lectern"].executor.shut_down(0)
    return app


def submit_job(app: Flask, user: User, media_s: float = 60.0) -> tuple[str, str]:
    """Add a recording and queue its job. Return the ids of both."""
    with app.app_context(), transaction() as session:
        recording = Recording(
            user_id=user.id,
            title="t",
            filename="t.mp4",
            storage_key="videos/t",
            size_bytes=9,
            sha256="0" * 64,
            duration_s=media_s,
            media={},
        )
        session.add(recording)
        session.flush()
        return recording.id, queue.submit(user_id=user.id, pipeline="lecture_notes", options={}, recording_id=recording.id).id


def test_a_queued_job_shows_its_position_and_seconds_left(idle: Flask, user: User, stranger: User) -> None:
    with idle.app_context(), transaction() as session:
        duration_model.record(session, "lecture_notes", 60, {duration_model.TOTAL: 30})
    mine = [submit_job(idle, user) for _ in range(3)]
    other, _ = submit_job(idle, stranger)
    video_id, job_id = mine[1]
    status = user.get(f"/status/{video_id}").json
    assert (status["status"], status["queue_position"], status["wait_reason"]) == ("in_queue", 3, "2 jobs are ahead of it.")
    assert status["seconds_left"] == pytest.approx(90, abs=5)
    assert stranger.get(f"/status/{other}").json["queue_position"] == 2
    job = user.get(f"/api/v1/jobs/{job_id}").json
    assert (job["queue_position"], job["lane"], job["priority"]) == (3, "short", 0)
    with idle.app_context():
        assert queue.claim("w", LEASE_S).job_id == mine[0][1]
    running = user.get(f"/status/{mine[0][0]}").json
    assert (running["queue_position"], running["wait_reason"]) == (None, "")
    assert wait_for(lambda: user.get(f"/api/v1/jobs/{job_id}").json["queue_position"] == 2)


def test_a_limit_and_a_retry_delay_are_shown_as_wait_reason(idle: Flask, user: User) -> None:
    idle.extensions["lectern"].queue_forecast._limits = ConcurrencyLimits(max_jobs_per_user=1)
    _, first = submit_job(idle, user)
    video_id, _ = submit_job(idle, user)
    with idle.app_context():
        claim = queue.claim("w", LEASE_S)
        assert claim.job_id == first
    idle.extensions["lectern"].queue_forecast._slots = 2
    assert "One user may run 1 job at once" in wait_for(lambda: user.get(f"/status/{video_id}").json["wait_reason"])
    with idle.app_context():
        queue.fail(claim, errors.TransientError("away"), stage="audio", log="the end of the program's output")
    job = user.get(f"/api/v1/jobs/{first}").json
    assert job["wait_reason"].startswith("It is retried at 20") and job["queue_position"] is None
    assert job["error"]["code"] == "temporarily_unavailable"


def test_a_stream_reports_each_new_position_of_a_queued_job(idle: Flask, user: User) -> None:
    first, second = submit_job(idle, user)[1], submit_job(idle, user)[1]
    with user.http.get(f"/api/v1/jobs/{second}/events", headers=user.headers | STREAM, buffered=False) as response:
        frames_seen = parse_frames(line.decode().rstrip("\n") for chunk in response.response for line in chunk.splitlines(keepends=True))
        waiting = next(frame for frame in frames_seen if frame.kind == "progress")
        assert (waiting.data["state"], waiting.data["queue_position"], waiting.data["wait_reason"]) == (
            "queued",
            2,
            "1 job is ahead of it.",
        )
        with idle.app_context():
            assert queue.claim("w", LEASE_S).job_id == first
        assert next(frame for frame in frames_seen if frame.kind == "progress" and frame.data["queue_position"] == 1)


def test_admins_pause_and_resume_the_queue(idle: Flask, user: User, admin: User) -> None:
    video_id, job_id = submit_job(idle, user)
    assert user.post("/api/v1/admin/queue/pause", json={}).status_code == 403
    answer = admin.post("/api/v1/admin/queue/pause", json={"reason": "New disks, back at noon."}).json
    assert (answer["paused"], answer["paused_by"], answer["waiting"]) == (True, admin.email, 1)
    assert wait_for(lambda: user.get(f"/status/{video_id}").json["wait_reason"].endswith("New disks, back at noon."))
    with idle.app_context():
        assert queue.claim("w", LEASE_S) is None
    assert admin.get("/api/v1/admin/queue").json["reason"] == "New disks, back at noon."
    resumption = admin.post("/api/v1/admin/queue/resume").json
    assert (resumption["was_paused"], resumption["paused"]) == (True, False)
    with idle.app_context():
        assert queue.claim("w", LEASE_S).job_id == job_id
        actions = session().execute(select(AuditEntry.action).where(AuditEntry.target_kind == "queue").order_by(AuditEntry.id))
        assert actions.scalars().all() == ["queue.pause", "queue.resume"]


def test_the_command_line_pauses_the_same_queue(idle: Flask, admin: User) -> None:
    run = idle.test_cli_runner().invoke
    assert "Paused by" in run(args=["queue", "pause", "Night work."]).output
    assert admin.get("/api/v1/admin/queue").json["reason"] == "Night work."
    assert "Night work." in run(args=["queue", "status"]).output
    assert run(args=["queue", "resume"]).output.startswith("Not paused.")
    assert "was not paused" in run(args=["queue", "resume"]).output


def test_resuming_wakes_the_executor(app: Flask, admin: User, user: User) -> None:
    with app.app_context():
        maintenance.pause_queue("", "test")
    upload = user.upload(SAMPLES / "tiny.m4a", formats="txt").json
    assert wait_for(lambda: "paused" in user.get(f"/status/{upload['video_id']}").json["wait_reason"])
    admin.post("/api/v1/admin/queue/resume")
    assert user.wait(upload["video_id"])["status"] == "completed"


def test_admins_read_the_log_and_raise_the_priority_of_a_job(idle: Flask, user: User, admin: User) -> None:
    (_, first), (_, second) = submit_job(idle, user), submit_job(idle, user)
    with idle.app_context():
        queue.fail(queue.claim("w", LEASE_S), errors.ProgramFailed("ffmpeg: no"), stage="audio", log="the end of the program's output")
    job = admin.get(f"/api/v1/admin/jobs/{first}").json
    assert "attempt 1" in job["error_log"] and "the end of the program's output" in job["error_log"]
    assert (job["error"]["code"], job["error"]["stage"], job["attempt"], job["max_attempts"]) == ("program_failed", "audio", 1, 5)
    assert "error_log" not in user.get(f"/api/v1/jobs/{first}").json
    _, third = submit_job(idle, user)
    assert admin.http.patch(f"/api/v1/admin/jobs/{third}", json={"priority": 7}, headers=admin.headers).json["priority"] == 7
    with idle.app_context():
        assert [queue.claim("w", LEASE_S).job_id for _ in range(2)] == [third, second]


def test_a_failed_job_keeps_the_log_of_all_attempts(idle: Flask, user: User, admin: User) -> None:
    _, job_id = submit_job(idle, user)
    with idle.app_context():
        for attempt in range(7):  # five more than when it first got as far as that
            claim = queue.claim("dies:1:1:", LEASE_S)
            queue.heartbeat(claim, LEASE_S, stage="speech", progress=20, seconds_left=None)
            if attempt == 0:
                queue.fail(claim, errors.TransientError("The store is away."), stage="audio", log="store: connection refused")
                with transaction() as session:
                    session.get_one(Job, job_id).run_after = None
            else:
                assert queue.rescue_orphaned(["dies:1:1:"]) == 1
    job = admin.get(f"/api/v1/admin/jobs/{job_id}").json
    assert (job["state"], job["error"]["code"], job["error"]["stage"]) == ("failed", "worker_lost", "speech")
    assert "memory" in job["error"]["hint"]
    assert "store: connection refused" in job["error_log"] and job["error_log"].count("was lost at speech") == 6


def test_cancel_returns_the_documented_fields(idle: Flask, user: User, stranger: User) -> None:
    video_id, job_id = submit_job(idle, user)
    assert stranger.post(f"/cancel/{video_id}", json={"reason": "not the owner"}).status_code == 404
    answer = user.post(f"/cancel/{video_id}", json={"reason": "wrong file", "cleanup_completed": False}).json
    assert (answer["success"], answer["message"], answer["status"]) == (True, "Cancelled.", "cancelled")
    again = user.post(f"/cancel/{video_id}", json={}).json
    assert "Nothing to cancel" in again["message"] and again["status"] == "cancelled"
    assert user.get(f"/status/{video_id}").json["status"] == "cancelled"
    user.post(f"/api/v1/jobs/{job_id}/retry")
    with idle.app_context():
        queue.claim("w", LEASE_S)
    assert user.post(f"/cancel/{video_id}", json={}).json["status"] == "cancelling"


def test_cancel_deletes_a_finished_recording_if_requested(idle: Flask, user: User) -> None:
    video_id, _ = submit_job(idle, user)
    user.post(f"/cancel/{video_id}", json={})
    assert user.post(f"/cancel/{video_id}", json={"cleanup_completed": True}).json["status"] == "deleted"
    assert user.get(f"/status/{video_id}").status_code == 404
