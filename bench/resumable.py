"""Resumable uploads (tus 1.0) of 2 GiB: one whose client, tuspy, is killed 20 times, and the speed compared with a socket-to-disk copy."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests

from bench.context import Context, markdown_table, watch_memory
from bench.upload import SIZE_BYTES, large_recording, resident_bytes
from scripts.client import Client
from scripts.server import Server

_KILLS = 20
_ROUNDS = 3
_PART_BYTES = 8 * 2**20
_HEADERS = {"Tus-Resumable": "1.0.0"}
_MAX_GROWTH_MIB, _MIN_SPEED_RATIO = 80, 0.7
_CLIENT = """
import sys
from tusclient.client import TusClient
url, location, token, path, chunk = sys.argv[1:]
client = TusClient(url, headers={"Authorization": f"Bearer {token}"})
uploader = client.uploader(path, chunk_size=int(chunk), url=location)
uploader.upload()
"""


def run(context: Context) -> str:
    big = large_recording(context.folder / "big.mkv")
    size = big.stat().st_size
    rounds = [_round(big, context.folder / f"round-{number}") for number in range(_ROUNDS)]
    copy_s, upload_s = (statistics.median(times) for times in zip(*rounds, strict=True))
    with _server(context.folder / "data") as server:
        client = Client(server.url)
        client.register()
        assert server.process is not None
        in_parts_s = _upload(client, big, kills=0, size=size)
        before = resident_bytes(server.process.pid)
        with watch_memory(server.process.pid) as peak:
            _upload(client, big, kills=_KILLS, size=size)
        recordings = client.call("GET", "/api/v1/recordings")["recordings"]
        paths = [path for path in (context.folder / "data").rglob("*.mkv") if path.stat().st_size == size]
        is_equal = len(recordings) == len(paths) == 2 and {_sha256(path) for path in paths} == {_sha256(big)}
    growth = (peak.server_bytes - before) / 2**20
    rows = [
        ["bytes equal after the kills, one recording per upload", "yes" if is_equal else "NO", "yes"],
        [f"growth of the server's memory during an upload with {_KILLS} kills, MiB", f"{growth:.0f}", f"at most {_MAX_GROWTH_MIB}"],
        ["MB/s through a socket to disk, without HTTP", f"{size / copy_s / 1e6:.0f}", ""],
        ["MB/s of an upload by curl in one request", f"{size / upload_s / 1e6:.0f}", ""],
        ["share of the copy", f"{copy_s / upload_s:.2f}", f"at least {_MIN_SPEED_RATIO}"],
        [f"MB/s of an upload by tuspy in parts of {_PART_BYTES // 2**20} MiB", f"{size / in_parts_s / 1e6:.0f}", ""],
    ]
    return (
        f"{markdown_table([f'{size / 2**30:.2f} GiB', 'result', 'goal'], rows)}\n\n"
        f"Copy and upload by curl in turn, the medians of {_ROUNDS} rounds; no file is deleted between them, because pages of memory that "
        "were freed just before are written to several times as fast. The upload includes the SHA-256 and the first look at the recording. "
        "tuspy reads each part, opens a connection for it and waits for the answer."
    )


def _server(folder: Path) -> Server:
    return Server(folder, {"JOB_THREADS": "1", "USER_QUOTA_BYTES": str(4 * SIZE_BYTES)})


def _round(big: Path, folder: Path) -> tuple[float, float]:
    """Return the seconds of a copy and of an upload by curl."""
    folder.mkdir()
    copy_s = _copy_through_a_socket(big, folder / "copy")
    with _server(folder / "data") as server:
        client = Client(server.url)
        client.register()
        location = _begin(client, big.stat().st_size)
        headers = {
            **_HEADERS,
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
            "Expect": "",  # curl then sends no such header
            "Authorization": str(client.http.headers["Authorization"]),
        }
        options = [option for name, value in headers.items() for option in ("--header", f"{name}: {value}".rstrip(" "))]
        start_s = time.monotonic()
        subprocess.run(["curl", "-sS", "--fail", "-X", "PATCH", "--upload-file", str(big), *options, location], check=True)
        return copy_s, time.monotonic() - start_s


def _begin(client: Client, size: int) -> str:
    """Create an upload and return its address."""
    url = f"{client.url}/api/v1/uploads"
    headers = {**_HEADERS, "Upload-Length": str(size), "Upload-Metadata": "filename YmlnLm1rdg=="}
    response = client.http.post(url, headers=headers, timeout=60)
    response.raise_for_status()
    location: str = requests.compat.urljoin(url, response.headers["Location"])  # type: ignore[attr-defined]
    return location


def _upload(client: Client, big: Path, *, kills: int, size: int) -> float:
    """Upload with tuspy in a process that is killed `kills` times at random offsets; return the seconds until all bytes have arrived."""
    token, location = str(client.http.headers["Authorization"]).partition(" ")[2], _begin(client, size)
    offsets = sorted(random.Random(7).uniform(0.02, 0.98) * size for _ in range(kills))
    command = [sys.executable, "-c", _CLIENT, f"{client.url}/api/v1/uploads", location, token, str(big), str(_PART_BYTES)]
    start_s = time.monotonic()
    for offset in offsets:
        process = subprocess.Popen(command)
        while process.poll() is None and _offset(client, location) < offset:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True)
    return time.monotonic() - start_s


def _offset(client: Client, location: str) -> int:
    response = client.http.head(location, headers=_HEADERS, timeout=60)
    return int(response.headers.get("Upload-Offset", 0))


def _copy_through_a_socket(source: Path, target: Path) -> float:
    """Send a file through a socket of this machine to a process that writes and syncs it; return the seconds."""
    listener = socket.create_server(("127.0.0.1", 0))

    def receive() -> None:
        connection, _ = listener.accept()
        with connection, target.open("wb") as file:
            while block := connection.recv(2**20):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())

    thread = threading.Thread(target=receive)
    thread.start()
    start_s = time.monotonic()
    with socket.create_connection(listener.getsockname()) as connection, source.open("rb") as file:
        while block := file.read(2**20):
            connection.sendall(block)
        connection.shutdown(socket.SHUT_WR)
        thread.join()
    seconds = time.monotonic() - start_s
    listener.close()
    return seconds


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
