"""Downloads of 500 MiB by range, as players request them: CPU time of the server compared with nginx's, for the same file in one run."""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import requests

from bench.context import Context, markdown_table
from bench.upload import large_recording
from scripts.client import Client
from scripts.server import Server, free_port

_SIZE_BYTES = 500 * 2**20
_DOWNLOADS = 7
_MAX_RATIO = 1.2
_BLOCK_BYTES = 2**20


def run(context: Context) -> str:
    nginx = shutil.which("nginx")
    big = large_recording(context.folder / "big.mkv", _SIZE_BYTES)
    with Server(context.folder / "data", {"JOB_THREADS": "1"}) as server:
        client = Client(server.url)
        client.register()
        recording = client.upload(big, formats="txt")["video_id"]
        client.call("POST", f"/cancel/{recording}")
        url = client.call("GET", f"/api/v1/videos/{recording}/playback")["original"]
        assert server.process is not None
        targets = {"Lectern": _Target(server.process.pid, url)}
        with contextlib.ExitStack() as stack:
            if nginx:
                file = next(path for path in (context.folder / "data" / "files").rglob("*.mkv"))
                targets["nginx"] = stack.enter_context(_nginx(nginx, file, context.folder / "nginx"))
            for _ in range(_DOWNLOADS):
                for target in targets.values():
                    target.download()
    rows = [[name, f"{target.median_cpu_s:.3f}", f"{target.megabytes_per_s:.0f}"] for name, target in targets.items()]
    table = markdown_table(["500 MiB", f"CPU of the server, s, median of {_DOWNLOADS}", "MB/s"], rows)
    if not nginx:
        return f"{table}\n\nnginx is not installed."
    ratio = targets["Lectern"].median_cpu_s / targets["nginx"].median_cpu_s
    verdict = f"Ratio {ratio:.2f}; goal: at most {_MAX_RATIO}: {'met' if ratio <= _MAX_RATIO else 'missed'}."
    return f"{table}\n\n{verdict} The two send the same file from the page cache, in turn."


class _Target:
    """A server, with the CPU and wall times of the downloads from it."""

    def __init__(self, pid: int, url: str) -> None:
        self._pid, self._url = pid, url
        self._cpu_s: list[float] = []
        self._wall_s = 0.0

    def download(self) -> None:
        before, start_s = _cpu_s(self._pid), time.monotonic()
        with requests.get(self._url, headers={"Range": "bytes=0-"}, stream=True, timeout=600) as response:
            response.raise_for_status()
            received_bytes = sum(len(block) for block in iter(lambda: response.raw.read(_BLOCK_BYTES), b""))
        assert received_bytes >= _SIZE_BYTES * 0.95, received_bytes
        self._cpu_s.append(_cpu_s(self._pid) - before)
        self._wall_s += time.monotonic() - start_s

    @property
    def median_cpu_s(self) -> float:
        return statistics.median(self._cpu_s)

    @property
    def megabytes_per_s(self) -> float:
        return len(self._cpu_s) * _SIZE_BYTES / self._wall_s / 1e6


@contextlib.contextmanager
def _nginx(nginx: str, file: Path, folder: Path) -> Iterator[_Target]:
    """Run nginx for one file."""
    folder.mkdir()
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; user root; events {{ }}\n"
        f"http {{ sendfile on; access_log off; client_body_temp_path {folder}/t; proxy_temp_path {folder}/t; fastcgi_temp_path {folder}/t; "
        f"uwsgi_temp_path {folder}/t; scgi_temp_path {folder}/t; server {{ listen 127.0.0.1:{port}; root {file.parent}; }} }}\n"
    )
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)], env={"PATH": os.environ["PATH"]})
    try:
        url = f"http://127.0.0.1:{port}/{file.name}"
        for _ in range(100):
            try:
                requests.head(url, timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        yield _Target(process.pid, url)
    finally:
        process.terminate()
        process.wait()


def _cpu_s(pid: int) -> float:
    """Return the CPU time of a process tree, from the scheduler's counters in nanoseconds (proc(5), schedstat)."""
    root, total_ns = psutil.Process(pid), 0
    for task in (task for each in [root, *root.children(recursive=True)] for task in Path(f"/proc/{each.pid}/task").glob("*")):
        with contextlib.suppress(OSError):  # it has ended
            total_ns += int((task / "schedstat").read_text().split()[0])
    return total_ns / 1e9
