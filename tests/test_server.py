"""Real servers with several workers, killed and stopped while jobs run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests

from scripts.client import Client
from scripts.server import Server
from tests.conftest import SAMPLES, list_files, upload_quick_recording
from tests.waiting import wait_for

pytestmark = pytest.mark.slow("starts, kills and restarts servers")


@pytest.fixture
def server_settings(models_dir: Path) -> dict[str, str]:
    return {"MODELS_DIR": str(models_dir), "LEASE_S": "5", "DRAIN_S": "1"}


def test_a_killed_server_resumes_its_jobs(migrated_data_dir: Path, server_settings: dict[str, str]) -> None:
    first = Server(migrated_data_dir, server_settings)
    first.start()
    client = Client(first.url)
    client.register()
    video_id = client.upload(SAMPLES / "tiny.mp4", formats="txt")["video_id"]
    wait_for_stage(migrated_data_dir / "work" / video_id, "audio")
    first.kill()
    with Server(migrated_data_dir, server_settings) as second:
        client.url = second.url
        status = client.wait(video_id)
        job = client.call("GET", f"/api/v1/jobs/{status['job_id']}")
    assert status["status"] == "completed", status
    assert job["attempt"] == 2
    assert job["metrics"]["stages"]["audio"]["resumed"]


def test_a_stopped_server_releases_its_jobs(migrated_data_dir: Path, server_settings: dict[str, str]) -> None:
    first = Server(migrated_data_dir, server_settings)
    first.start()
    client = Client(first.url)
    client.register()
    upload = client.upload(SAMPLES / "lecture.mp4", formats="txt")
    work = migrated_data_dir / "work" / upload["video_id"]
    wait_for_stage(work, "audio")
    start_s = time.monotonic()
    assert first.stop() == 0
    assert time.monotonic() - start_s < 25
    (stamp,) = work.glob("*/.audio.done")
    mtime_ns = stamp.stat().st_mtime_ns
    with Server(migrated_data_dir, server_settings) as second:
        client.url = second.url
        wait_for(lambda: client.call("GET", f"/api/v1/jobs/{upload['job_id']}")["attempt"] == 2)
        wait_for_stage(work, "slides")
        assert stamp.stat().st_mtime_ns == mtime_ns
        client.call("POST", f"/api/v1/jobs/{upload['job_id']}/cancel")


def test_several_workers_run_each_job_once(migrated_data_dir: Path, server_settings: dict[str, str]) -> None:
    with Server(migrated_data_dir, server_settings, workers=2) as server:
        client = Client(server.url)
        client.register()
        video_ids = [upload_quick_recording(client)["video_id"] for _ in range(4)]
        for video_id in video_ids:
            assert client.wait(video_id)["status"] == "completed"
        jobs = client.call("GET", "/api/v1/jobs")["jobs"]
        assert [job["attempt"] for job in jobs] == [1] * 4


def test_an_interrupted_upload_leaves_no_file(migrated_data_dir: Path, server_settings: dict[str, str]) -> None:
    import socket

    with Server(migrated_data_dir, server_settings) as server:
        client = Client(server.url)
        client.register()
        head = (
            f"POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {client.http.headers['Authorization']}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="file"; filename="x.mp4"\r\n\r\n'
        )
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(head.encode() + b"x" * 200_000)
            wait_for(lambda: list_files(migrated_data_dir / "incoming"))
        wait_for(lambda: list_files(migrated_data_dir / "incoming") == [])
        assert requests.get(f"{server.url}/health/live", timeout=5).ok


def test_cancelling_stops_the_job_at_once(migrated_data_dir: Path, server_settings: dict[str, str]) -> None:
    with Server(migrated_data_dir, server_settings) as server:
        client = Client(server.url)
        client.register()
        upload = client.upload(SAMPLES / "lecture.mp4")
        wait_for_stage(migrated_data_dir / "work" / upload["video_id"], "audio")
        time.sleep(1)
        start_s = time.monotonic()
        client.call("POST", f"/api/v1/jobs/{upload['job_id']}/cancel")
        status = client.wait(upload["video_id"], every_s=0.05)
        assert status["status"] == "cancelled"
        assert time.monotonic() - start_s < 10  # it takes less than two on an idle machine; the conversion takes far longer
        client.call("POST", f"/api/v1/jobs/{upload['job_id']}/retry")
        wait_for_stage(migrated_data_dir / "work" / upload["video_id"], "audio")


def wait_for_stage(work: Path, stage: str) -> None:
    wait_for(lambda: list(work.glob(f"*/.{stage}.done")))
