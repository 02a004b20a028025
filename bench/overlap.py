"""Parallelism of the slides and speech stages: the wall time of a conversion compared with its lower bounds."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bench.context import Context, markdown_table, time_full_decode
from scripts.client import Client
from scripts.ffmpeg import FFMPEG
from scripts.program import PROJECT
from scripts.server import Server

MAX_RATIO = 1.25


def run(context: Context) -> str:
    lecture = _lecture(context)
    with Server(context.folder / "data") as server:
        client = Client(server.url)
        client.register()
        client.wait(client.upload(PROJECT / "samples" / "tiny.mp4")["video_id"])  # warm-up: unpacks weights, fills file caches
        speech_s = _measure_stage(client, _extract_audio(lecture, context.folder), "speech")
        decode = time_full_decode(lecture)
        status = client.wait(client.upload(lecture)["video_id"], every_s=1)
        assert status["status"] == "completed", status["error"]
        job = client.call("GET", f"/api/v1/jobs/{status['job_id']}")
    stages = job["metrics"]["stages"]
    conversion_s = job["metrics"]["seconds"]["conversion"]
    render_s = job["metrics"]["seconds"]["rendering"]
    cpu_s = sum(stage["cpu_s"] for name, stage in stages.items() if not name.startswith("document_"))
    cores = os.cpu_count() or 1
    lower_bounds = {"speech alone": speech_s, "one full decode": decode.wall_s, f"CPU of all stages over {cores} cores": cpu_s / cores}
    ratio = conversion_s / max(lower_bounds.values())
    rows = [[f"{name}, s", f"{seconds:.1f}"] for name, seconds in lower_bounds.items()]
    rows += [
        ["conversion without rendering, wall, s", f"{conversion_s:.1f}"],
        ["ratio to the largest lower bound", f"{ratio:.2f}"],
        ["rendering, wall, s", f"{render_s:.1f}"],
    ]
    per_stage = [
        [name, f"{stage['wall_s']:.1f}", f"{stage['cpu_s']:.1f}", f"{stage['max_rss_bytes'] / 2**20:.0f}"] for name, stage in stages.items()
    ]
    verdict = "met" if ratio < MAX_RATIO else "missed"
    return "\n\n".join(
        [
            f"A lecture of {status['duration_s'] / 60:.0f} minutes, {job['metrics']['slides']} slides, {job['metrics']['words']} words.",
            markdown_table(["quantity", "value"], rows),
            markdown_table(["stage", "wall, s", "CPU, s", "memory, MiB"], per_stage),
            f"Goal: a ratio under {MAX_RATIO}: {verdict}.",
        ]
    )


def _measure_stage(client: Client, path: Path, stage: str) -> float:
    status = client.wait(client.upload(path, formats="json")["video_id"], every_s=1)
    assert status["status"] == "completed", status["error"]
    return float(status["metrics"]["stages"][stage]["wall_s"])


def _extract_audio(lecture: Path, folder: Path) -> Path:
    target = folder / "audio.m4a"
    subprocess.run([FFMPEG, "-nostdin", "-v", "error", "-i", str(lecture), "-vn", "-c", "copy", str(target)], check=True)
    return target


def _lecture(context: Context) -> Path:
    """Return twenty minutes of a lecture at 720p: from the media folder's recording *2h*.mp4, or the repeated sample."""
    recording = next(iter(sorted(context.media.glob("*2h*.mp4"))), None) if context.media else None
    source = ["-i", str(recording)] if recording else ["-stream_loop", "-1", "-i", str(PROJECT / "samples" / "lecture.mp4")]
    target = context.folder / "twenty-minutes.mp4"
    subprocess.run([FFMPEG, "-nostdin", "-v", "error", *source, "-t", "1200", "-map", "0", "-c", "copy", str(target)], check=True)
    return target
