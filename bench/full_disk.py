"""Faults of a full disk: during an upload, during a conversion, and without space even for the database."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.environments import FORMATS, SAMPLE, Environment, describe_leftovers, error_code_of, leftover_files, wait_for_cleanup
from scripts.client import Client
from scripts.ffmpeg import FFMPEG
from scripts.server import Server

_MIB = 2**20
_DISK_MIB = 48
_LITTLE_BYTES = _MIB  # enough for the database's log, not for a conversion
_ENVIRONMENT = "SQLite, local"
_NO_DISK_CHECK = {"JOB_DISK_FACTOR": "0", "JOB_DISK_RESERVE_BYTES": "0"}  # else a job would not start before there is space


def run_scenarios(folder: Path) -> list[list[str]]:
    with _small_disk(folder) as disk:
        if disk is None:
            return [["disk full", _ENVIRONMENT, "", "not run: mounting a tmpfs needs root", "", "no"]]
        settings = {"MODELS_DIR": str(disk.parent / "models"), "LEASE_S": "5", **_NO_DISK_CHECK}
        environment = Environment(_ENVIRONMENT, settings, disk, lambda: leftover_files(disk))
        with Server(disk, environment.settings) as server:
            client = Client(server.url)
            client.register()
            rows = []
            for scenario in (_during_upload, _during_conversion, _without_free_space):
                rows.append(scenario(client, environment))
                print(*rows[-1], sep=" | ", flush=True)
        return rows


def _during_upload(client: Client, environment: Environment) -> list[str]:
    response = error_code_of(lambda: client.upload(_too_large_for(environment.data)))
    leftovers = wait_for_cleanup(environment.leftovers)
    video_id = client.upload(SAMPLE.with_name("tiny.m4a"), formats="txt")["video_id"]
    status = client.wait(video_id)["status"]
    client.call("DELETE", f"/videos/{video_id}")
    leftovers += wait_for_cleanup(environment.leftovers)
    is_correct = "disk_full" in response and status == "completed" and not leftovers
    result = f"smaller upload {status}" + describe_leftovers(leftovers)
    return ["disk full", _ENVIRONMENT, "upload", response, result, "yes" if is_correct else "no"]


def _during_conversion(client: Client, environment: Environment) -> list[str]:
    video_id = client.upload(SAMPLE, formats=FORMATS)["video_id"]
    ballast = _fill(environment.data, leave_bytes=_LITTLE_BYTES)
    status = client.wait(video_id)
    response, job_id = f"{status['status']}: {status['error_code']}", status["job_id"]
    workspace_files = [name for name in leftover_files(environment.data) if name.startswith("work")]
    ballast.unlink()
    if status["status"] == "failed":
        client.call("POST", f"/api/v1/jobs/{job_id}/retry")
        status = client.wait(video_id)
    client.call("DELETE", f"/videos/{video_id}")
    leftovers = wait_for_cleanup(environment.leftovers)
    result = f"{status['status']} on retry" if not workspace_files else f"workspace not deleted: {workspace_files[:3]}"
    is_correct = response == "failed: disk_full" and status["status"] == "completed" and not leftovers and not workspace_files
    return ["disk full", _ENVIRONMENT, "conversion", response, result + describe_leftovers(leftovers), "yes" if is_correct else "no"]


def _without_free_space(client: Client, environment: Environment) -> list[str]:
    """Fill the disk so that not even the job's state can be stored: the job must continue without a retry once there is space."""
    video_id = client.upload(SAMPLE, formats=FORMATS)["video_id"]
    ballast = _fill(environment.data, leave_bytes=0)
    health = client.http.get(f"{client.url}/health", timeout=60).json()
    upload_response = error_code_of(lambda: client.upload(SAMPLE, formats="txt"))
    time.sleep(15)
    before = client.call("GET", f"/status/{video_id}")["status"]
    ballast.unlink()
    status = client.wait(video_id)
    client.call("DELETE", f"/videos/{video_id}")
    leftovers = wait_for_cleanup(environment.leftovers)
    response = f"/health {health['status']}, uploads {upload_response}, status {before}"
    is_correct = "disk_full" in upload_response and health["status"] == "unhealthy" and status["status"] == "completed" and not leftovers
    return [
        "disk full, no space for the database",
        _ENVIRONMENT,
        "conversion",
        response,
        f"{status['status']} without a retry" + describe_leftovers(leftovers),
        "yes" if is_correct else "no",
    ]


def _fill(disk: Path, leave_bytes: int) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 65_536)
            file.flush()
    os.truncate(ballast, ballast.stat().st_size - leave_bytes)
    return ballast


def _too_large_for(disk: Path) -> Path:
    target = disk.parent / "large.mkv"
    noise = ["-f", "lavfi", "-i", "anoisesrc=r=48000:d=400:seed=1", "-c:a", "pcm_f32le", "-ac", "1"]
    subprocess.run([FFMPEG, "-nostdin", "-v", "error", "-y", *noise, str(target)], check=True)
    assert target.stat().st_size > _DISK_MIB * _MIB
    return target


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a tmpfs of a few MiB; yield None if this user may not."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={_DISK_MIB}m"]
    if subprocess.run(["mount", *options, "lectern", str(folder)], capture_output=True, check=False).returncode != 0:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
