"""Upload with tus-js-client and tuspy; first the client is killed, then the server, and both times the upload continues where it ended.

npm install --prefix FOLDER tus-js-client
.venv/bin/python -m scripts.tus_clients FOLDER
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from scripts.client import Client
from scripts.ffmpeg import FFMPEG
from scripts.server import Server

_DURATION_S = 360  # of stereo WAV at 48 kHz: 66 MiB
_CHUNK_BYTES = 2**18
_TIMEOUT_S = 120

_JAVASCRIPT = """
const [packages, endpoint, token, path, store, chunk] = process.argv.slice(2);
const fs = require("fs");
const tus = require(`${packages}/node_modules/tus-js-client`);
const upload = new tus.Upload(fs.createReadStream(path), {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: "talk.wav", formats: "txt" },
  chunkSize: Number(chunk),
  uploadSize: fs.statSync(path).size,
  retryDelays: Array(60).fill(500),
  urlStorage: new tus.FileUrlStorage(store),
  onError(error) { console.error(String(error)); process.exit(1); },
  onSuccess() { process.exit(0); },
});
upload.findPreviousUploads().then((previous) => {
  if (previous.length > 0) upload.resumeFromPreviousUpload(previous[0]);
  upload.start();
});
"""
_PYTHON = """
import sys
from tusclient.client import TusClient
from tusclient.storage.filestorage import FileStorage
endpoint, token, path, store, chunk = sys.argv[1:]
client = TusClient(endpoint, headers={"Authorization": f"Bearer {token}"})
client.uploader(
    path, chunk_size=int(chunk), metadata={"filename": "talk.wav", "formats": "txt"}, retries=60, retry_delay=0.5,
    store_url=True, url_storage=FileStorage(store),
).upload()
"""


def main(packages: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="lectern-tus-") as name:
        folder = Path(name)
        recording = folder / "talk.wav"
        noise = ["-f", "lavfi", "-i", f"anoisesrc=a=0.1:r=48000:d={_DURATION_S}", "-ac", "2"]
        subprocess.run([FFMPEG, "-v", "error", *noise, str(recording)], check=True)
        (folder / "client.cjs").write_text(_JAVASCRIPT)
        commands = {
            "tus-js-client": ["node", str(folder / "client.cjs"), str(packages.resolve())],
            "tuspy": [sys.executable, "-c", _PYTHON],
        }
        with Server(folder / "data", {"JOB_THREADS": "1"}) as server:
            client = Client(server.url)
            client.register()
            token = str(client.http.headers["Authorization"]).partition(" ")[2]
            for client_name, command in commands.items():
                store = folder / f"{client_name}.json"
                arguments = [f"{server.url}/api/v1/uploads", token, str(recording), str(store), str(_CHUNK_BYTES)]
                offsets = _upload([*command, *arguments], server, recording.stat().st_size)
                _check(client, recording)
                at = " and ".join(f"{offset / 2**20:.0f} MiB" for offset in offsets)
                print(f"{client_name}: client and server killed, continued at {at}, bytes equal", flush=True)


def _upload(command: list[str], server: Server, size: int) -> list[int]:
    """Run a client that is killed at a third, and whose server is killed at two thirds; return the offsets at which it continued."""
    process = subprocess.Popen(command)
    _wait_for(lambda: _received_bytes(server) > size // 3, process)
    process.kill()
    process.wait()
    offsets = [_received_bytes(server)]
    process = subprocess.Popen(command)
    _wait_for(lambda: _received_bytes(server) > 2 * size // 3, process)
    server.kill()
    offsets.append(_received_bytes(server))
    server.start()
    assert process.wait(_TIMEOUT_S) == 0, "the client gave up"
    assert 0 < offsets[0] < offsets[1] < size, offsets
    return offsets


def _received_bytes(server: Server) -> int:
    """Return the bytes of the unfinished upload that are on the disk."""
    return max((path.stat().st_size for path in server.data_dir.rglob("data") if path.is_file()), default=0)


def _wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the client ended too early ({process.returncode})")
        time.sleep(0.002)


def _check(client: Client, source: Path) -> None:
    """Compare the stored recording with the file, and delete it."""
    [recording] = client.call("GET", "/api/v1/recordings")["recordings"]
    with source.open("rb") as file:
        assert recording["sha256"] == hashlib.file_digest(file, "sha256").hexdigest()
    client.call("DELETE", f"/api/v1/recordings/{recording['id']}?permanent=true")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
