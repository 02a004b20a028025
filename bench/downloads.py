"""Downloads of 500 MiB by range, as players request them: CPU time of the server beside nginx's, for the same file in one run."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import psutil
import requests

from bench.context import Context, markdown_table
from bench.upload import large_recording
from scripts.client import Client
from scripts.server import Server, free_port

_SIZE_BYTES = 500 * 2**20
_DOWNLOADS = 6
_MAX_RATIO = 1.2
_BLOCK = 2**20


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
        ours_s, ours_wall_s = _cpu_of_downloads(server.process.pid, url, dict(client.http.headers))
    rows = [["Lectern", f"{ours_s:.2f}", f"{_DOWNLOADS * _SIZE_BYTES / ours_wall_s / 1e6:.0f}"]]
    verdict = "nginx is not installed."
    if nginx:
        theirs_s, theirs_wall_s = _of_nginx(nginx, big, context.folder / "nginx")
        rows.append(["nginx", f"{theirs_s:.2f}", f"{_DOWNLOADS * _SIZE_BYTES / theirs_wall_s / 1e6:.0f}"])
        ratio = ours_s / theirs_s
        verdict = f"Ratio {ratio:.2f}; goal: at most {_MAX_RATIO}: {'met' if ratio <= _MAX_RATIO else 'missed'}."
    return f"{markdown_table([f'{_DOWNLOADS} downloads of 500 MiB', 'CPU of the server, s', 'MB/s'], rows)}\n\n{verdict}"


def _cpu_of_downloads(pid: int, url: str, headers: dict[str, str]) -> tuple[float, float]:
    before, started = _cpu_s(pid), time.monotonic()
    for _ in range(_DOWNLOADS):
        with requests.get(url, headers={**headers, "Range": "bytes=0-"}, stream=True, timeout=600) as response:
            response.raise_for_status()
            received = sum(len(block) for block in iter(lambda: response.raw.read(_BLOCK), b""))
        assert received >= _SIZE_BYTES * 0.95, received
    return _cpu_s(pid) - before, time.monotonic() - started


def _of_nginx(nginx: str, big: Path, folder: Path) -> tuple[float, float]:
    folder.mkdir()
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; user root; events {{ }}\n"
        f"http {{ sendfile on; access_log off; client_body_temp_path {folder}/t; proxy_temp_path {folder}/t; fastcgi_temp_path {folder}/t; "
        f"uwsgi_temp_path {folder}/t; scgi_temp_path {folder}/t; server {{ listen 127.0.0.1:{port}; root {big.parent}; }} }}\n"
    )
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)], env={"PATH": os.environ["PATH"]})
    try:
        url = f"http://127.0.0.1:{port}/{big.name}"
        for _ in range(100):
            try:
                requests.head(url, timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        return _cpu_of_downloads(process.pid, url, {})
    finally:
        process.terminate()
        process.wait()


def _cpu_s(pid: int) -> float:
    root = psutil.Process(pid)
    return sum(sum(each.cpu_times()[:2]) for each in [root, *root.children(recursive=True)])
