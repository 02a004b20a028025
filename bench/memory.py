"""Growth of memory with the length of a lecture: ten minutes compared with two hours, for the server and its child processes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bench.context import Context, PeakMemory, markdown_table, watch_memory
from scripts.client import Client
from scripts.ffmpeg import FFMPEG
from scripts.program import PROJECT
from scripts.server import Server

MAX_RATIO = 1.2


def run(context: Context) -> str:
    long = _long_lecture(context)
    short = context.folder / "ten-minutes.mp4"
    subprocess.run([FFMPEG, "-nostdin", "-v", "error", "-i", str(long), "-t", "600", "-map", "0", "-c", "copy", str(short)], check=True)
    rows, peaks = [], []
    for path in (short, long):
        peak, status = _convert(path, context.folder / f"data-{path.stem}")
        peaks.append(peak)
        stages = status["metrics"]["stages"]
        seconds = sum(stage["cpu_s"] for stage in stages.values())
        rows.append(
            [
                f"{status['duration_s'] / 60:.0f} min",
                status["metrics"]["slides"],
                f"{peak.server_bytes / 2**20:.0f}",
                f"{peak.largest_child_bytes / 2**20:.0f}",
                f"{peak.child_bytes / 2**20:.0f}",
                f"{seconds:.0f}",
            ]
        )
    ratios = [getattr(peaks[1], part) / getattr(peaks[0], part) for part in ("server_bytes", "largest_child_bytes", "child_bytes")]
    rows.append(["ratio", "", *(f"{ratio:.2f}" for ratio in ratios), ""])
    headers = ["recording", "slides", "server, MiB", "largest child, MiB", "children together, MiB", "CPU of children, s"]
    verdict = "met" if max(ratios) <= MAX_RATIO else "missed"
    return f"{markdown_table(headers, rows)}\n\nGoal: each ratio at most {MAX_RATIO}: {verdict}."


def _convert(path: Path, data: Path) -> tuple[PeakMemory, dict]:
    with Server(data) as server:
        client = Client(server.url)
        client.register()
        assert server.process is not None
        with watch_memory(server.process.pid) as peak:
            video_id = client.upload(path)["video_id"]
            status = client.wait(video_id, every_s=2)
        assert status["status"] == "completed", status["error"]
        client.call("DELETE", f"/videos/{video_id}")
    return peak, status


def _long_lecture(context: Context) -> Path:
    """Return the largest recording named *2h*.mp4 of the media folder; without one, the sample repeated for two hours."""
    if context.media is not None:
        recording = max(context.media.glob("*2h*.mp4"), key=lambda path: path.stat().st_size, default=None)
        if recording is not None:
            return recording
    target = context.folder / "two-hours.mp4"
    sample = PROJECT / "samples" / "lecture.mp4"
    subprocess.run(
        [FFMPEG, "-nostdin", "-v", "error", "-stream_loop", "-1", "-i", str(sample), "-t", "7200", "-c", "copy", str(target)], check=True
    )
    return target
