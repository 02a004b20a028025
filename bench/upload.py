"""Upload of 2 GiB: memory growth of the server, and duration compared with a plain copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import psutil

from bench.context import Context, markdown_table, watch_memory
from scripts.client import Client
from scripts.ffmpeg import FFMPEG
from scripts.program import PROJECT
from scripts.server import Server

SIZE_BYTES = 2 * 2**30
MAX_GROWTH_MIB = 64


def run(context: Context) -> str:
    big = large_recording(context.folder / "big.mkv")
    start_s = time.monotonic()
    shutil.copyfile(big, context.folder / "copy.mkv")
    with (context.folder / "copy.mkv").open("rb") as file:
        os.fsync(file.fileno())
    copy_s = time.monotonic() - start_s
    (context.folder / "copy.mkv").unlink()
    with Server(context.folder / "data", {"JOB_THREADS": "1"}) as server:
        client = Client(server.url)
        client.register()
        client.call("GET", "/list")
        assert server.process is not None
        before = resident_bytes(server.process.pid)
        with watch_memory(server.process.pid) as peak:
            start_s = time.monotonic()
            video_id = client.upload(big, formats="txt")["video_id"]
            upload_s = time.monotonic() - start_s
        client.call("DELETE", f"/videos/{video_id}")
    growth = (peak.server_bytes - before) / 2**20
    verdict = "met" if growth < MAX_GROWTH_MIB else "missed"
    rows = [[f"{big.stat().st_size / 2**30:.2f}", f"{upload_s:.1f}", f"{copy_s:.1f}", f"{before / 2**20:.0f}", f"{growth:.0f}"]]
    headers = ["GiB", "upload, s (hashed, probed, stored)", "`cp` and fsync of the same file, s", "server before, MiB", "growth, MiB"]
    return f"{markdown_table(headers, rows)}\n\nGoal: the server's resident memory grows by less than {MAX_GROWTH_MIB} MiB: {verdict}."


def resident_bytes(pid: int) -> int:
    root = psutil.Process(pid)
    return sum(each.memory_info().rss for each in [root, *root.children(recursive=True)])


def large_recording(target: Path, size_bytes: int = SIZE_BYTES) -> Path:
    """Create a valid recording of about `size_bytes`: the sample's video, looped, with uncompressed noise."""
    seconds = size_bytes / (48_000 * 2 * 4)
    command = [FFMPEG, "-nostdin", "-v", "error", "-f", "lavfi", "-i", f"anoisesrc=r=48000:d={seconds:.0f}:seed=1"]
    command += ["-stream_loop", "-1", "-i", str(PROJECT / "samples" / "tiny.mp4"), "-map", "1:v", "-map", "0:a", "-c:v", "copy"]
    command += ["-c:a", "pcm_f32le", "-ac", "2", "-t", f"{seconds:.0f}", str(target)]
    subprocess.run(command, check=True)
    return target
