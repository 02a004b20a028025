"""A disk of a few MiB that fills: before an upload, during a conversion, and to the last byte, the database's own included."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.places import FORMATS, SAMPLE, Place, files_of, refusal, settle
from scripts.client import Client
from scripts.server import Server

_MIB = 2**20
_DISK_MIB = 48
_LITTLE_BYTES = _MIB  # less than a conversion needs, enough for the database's log
_WHERE = "SQLite, local"
_NO_ROOM_ASKED = {"JOB_DISK_FACTOR": "0", "JOB_DISK_RESERVE_BYTES": "0"}  # else a job would wait for room before it begins


def rows(folder: Path) -> list[list[str]]:
    with _small_disk(folder) as disk:
        if disk is None:
            return [["disk full", _WHERE, "", "not run: mounting a tmpfs needs root", "", "no"]]
        settings = {"MODELS_DIR": str(disk.parent / "models"), "LEASE_S": "5", **_NO_ROOM_ASKED}
        place = Place(_WHERE, settings, disk, lambda: files_of(disk))
        with Server(disk, place.settings) as server:
            client = Client(server.url)
            client.register()
            made = []
            for scenario in (_during_upload, _during_conversion, _to_the_last_byte):
                made.append(scenario(client, place))
                print(*made[-1], sep=" | ", flush=True)
        return made


def _during_upload(client: Client, place: Place) -> list[str]:
    seen = refusal(lambda: client.upload(_too_large_for(place.data)))
    left = settle(place.left)
    accepted = client.upload(SAMPLE.with_name("tiny.m4a"), formats="txt")["video_id"]
    status = client.wait(accepted)["status"]
    client.call("DELETE", f"/videos/{accepted}")
    left += settle(place.left)
    right = "disk_full" in seen and status == "completed" and not left
    return ["disk full", _WHERE, "upload", seen, f"a smaller one {status}" + _told(left), "yes" if right else "no"]


def _during_conversion(client: Client, place: Place) -> list[str]:
    video_id = client.upload(SAMPLE, formats=FORMATS)["video_id"]
    ballast = _fill(place.data, leave_bytes=_LITTLE_BYTES)
    status = client.wait(video_id)
    seen, job_id = f"{status['status']}: {status['error_code']}", status["job_id"]
    taken = [name for name in files_of(place.data) if name.startswith("work")]
    ballast.unlink()
    if status["status"] == "failed":
        client.call("POST", f"/api/v1/jobs/{job_id}/retry")
        status = client.wait(video_id)
    client.call("DELETE", f"/videos/{video_id}")
    left = settle(place.left)
    ended = f"workspace given back, {status['status']} on retry with room" if not taken else f"the workspace kept {taken[:3]}"
    right = seen == "failed: disk_full" and status["status"] == "completed" and not left and not taken
    return ["disk full", _WHERE, "conversion", seen, ended + _told(left), "yes" if right else "no"]


def _to_the_last_byte(client: Client, place: Place) -> list[str]:
    """Not even the job's end can be written down: it must go on by itself once there is room."""
    video_id = client.upload(SAMPLE, formats=FORMATS)["video_id"]
    ballast = _fill(place.data, leave_bytes=0)
    health = client.http.get(f"{client.url}/health", timeout=60).json()
    refused = refusal(lambda: client.upload(SAMPLE, formats="txt"))
    time.sleep(15)
    before = client.call("GET", f"/status/{video_id}")["status"]
    ballast.unlink()
    status = client.wait(video_id)
    client.call("DELETE", f"/videos/{video_id}")
    left = settle(place.left)
    seen = f"/health {health['status']}, uploads {refused}, status {before}"
    right = "disk_full" in refused and health["status"] == "unhealthy" and status["status"] == "completed" and not left
    return [
        "disk full to the last byte",
        _WHERE,
        "conversion",
        seen,
        f"{status['status']} by itself" + _told(left),
        "yes" if right else "no",
    ]


def _told(left: list[str]) -> str:
    return f"; left: {left[:3]}" if left else ""


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
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *noise, str(target)], check=True)
    assert target.stat().st_size > _DISK_MIB * _MIB
    return target


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """A tmpfs of a few MiB, or None where this user may not mount one."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={_DISK_MIB}m"]
    if subprocess.run(["mount", *options, "lectern", str(folder)], capture_output=True, check=False).returncode != 0:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
