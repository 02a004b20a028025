"""One fault at a time, during an upload and during a conversion: either it ends right or it is refused clearly; nothing half-done stays."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bench.context import Context, table
from scripts import backends
from scripts.client import ApiError, Client
from scripts.server import PROJECT, Server

OUTAGE_S = 20
SMALL_DISK_MIB = 48
_SAMPLE = PROJECT / "samples" / "lecture.mp4"
_FORMATS = "txt,srt,pdf"


@dataclass(frozen=True)
class Place:
    """Where a scenario happens, and how to see what is left there."""

    name: str
    settings: dict[str, str]
    data: Path
    left: Callable[[], list[str]]


def run(context: Context) -> str:
    rows = []
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(backends.PostgresServer(Path(stack.enter_context(_open_folder()))))
        store = stack.enter_context(backends.rclone_server(context.folder / "rclone"))
        url = stack.enter_context(backends.fresh_database(postgres.url))
        far = _postgres_and_s3(context, url, store)
        reference = _undisturbed(far)
        faults: list[tuple[str, Callable[[], None]]] = [
            (f"storage away for {OUTAGE_S} s", lambda: _outage(store)),
            ("database restarted", postgres.restart),
        ]
        for name, fault in faults:
            for scenario in (_during_upload, _during_conversion):
                rows.append(scenario(far, name, fault, reference))
                print(*rows[-1], sep=" | ", flush=True)
    with _small_disk(context.folder / "small") as disk:
        if disk is None:
            rows.append(["disk full", "SQLite, local", "", "not run: mounting a tmpfs needs root", "", ""])
        else:
            rows += _disk_full(disk)
    good = all(row[-1] == "yes" for row in rows)
    verdict = "it holds" if good else "it is missed"
    head = ["fault", "where", "during", "what the user saw", "afterwards", "nothing left, right result"]
    return f"{table(head, rows)}\n\nGoal: everything ends right or is refused clearly, and nothing half-done stays; {verdict}."


def _postgres_and_s3(context: Context, url: str, store: backends.S3Server) -> Place:
    bucket = store.make_bucket()
    settings = {
        "DATABASE_URL": url,
        "S3_ENDPOINT_URL": store.url,
        "S3_BUCKET_NAME": bucket,
        "AWS_ACCESS_KEY_ID": backends.KEY_ID,
        "AWS_SECRET_ACCESS_KEY": backends.SECRET,
        "LEASE_S": "15",
        "PUBLIC_URL": "http://lectures.example.org",
    }
    data = context.folder / "far"

    def left() -> list[str]:
        listed = backends.s3_client(store.url).list_objects_v2(Bucket=bucket).get("Contents", [])
        return [each["Key"] for each in listed] + _files(data)

    return Place("PostgreSQL, S3", settings, data, left)


def _undisturbed(place: Place) -> dict[str, bytes]:
    with Server(place.data, place.settings) as server:
        client = Client(server.url)
        client.register()
        status = client.wait(client.upload(_SAMPLE, formats=_FORMATS)["video_id"])
        made = _documents(client, status)
        client.call("DELETE", f"/videos/{status['video_id']}")
    return made


def _during_upload(place: Place, name: str, fault: Callable[[], None], reference: dict[str, bytes]) -> list[str]:
    with Server(place.data, place.settings) as server:
        client = Client(server.url)
        client.register()
        seen, video_id = _slow_upload(client, fault)
        if video_id is None:  # refused: the same once more, now that all is well
            time.sleep(1)
            video_id = client.upload(_SAMPLE, formats=_FORMATS)["video_id"]
        result = _finish(client, place, video_id, reference)
    return [name, place.name, "upload", seen, *result]


def _during_conversion(place: Place, name: str, fault: Callable[[], None], reference: dict[str, bytes]) -> list[str]:
    with Server(place.data, place.settings) as server:
        client = Client(server.url)
        client.register()
        video_id = client.upload(_SAMPLE, formats=_FORMATS)["video_id"]
        _until_stage(client, video_id, "speech")
        breaking = threading.Thread(target=fault)
        breaking.start()
        answers = _poll_through(client, video_id, breaking)
        breaking.join()
        result = _finish(client, place, video_id, reference)
    return [name, place.name, "conversion", f"status answered {answers}", *result]


def _finish(client: Client, place: Place, video_id: str, reference: dict[str, bytes]) -> tuple[str, str]:
    status = _patient(lambda: client.wait(video_id))
    if status["status"] == "completed":
        right = _documents(client, status) == reference
        ended = f"completed, attempt {_attempt(client, status)}, documents {'byte-equal' if right else 'DIFFER'}"
    else:
        right, ended = bool(status["error_code"]), f"{status['status']}: {status['error_code']}"
    client.call("DELETE", f"/videos/{video_id}")
    left = _settle(place)
    return ended + (f"; left: {left[:3]}" if left else ""), "yes" if right and not left else "no"


def _disk_full(disk: Path) -> list[list[str]]:
    models = str(disk.parent / "models")
    place = Place("SQLite, local", {"MODELS_DIR": models}, disk, lambda: _files(disk))
    rows = []
    with Server(disk, place.settings) as server:
        client = Client(server.url)
        client.register()
        seen = _refusal(lambda: client.upload(_too_large_for(disk)))
        left = _settle(place)
        rows.append(
            [
                "disk full",
                place.name,
                "upload",
                seen,
                "" if not left else str(left[:3]),
                "yes" if "disk_full" in seen and not left else "no",
            ]
        )
        ballast = disk / "ballast"
        video_id = client.upload(_SAMPLE, formats=_FORMATS)["video_id"]
        with contextlib.suppress(OSError), ballast.open("wb") as file:
            while True:
                file.write(b"x" * 65536)
        status = client.wait(video_id)
        ballast.unlink()
        seen = f"{status['status']}: {status['error_code']}"
        if status["status"] != "completed":
            client.call("POST", f"/api/v1/jobs/{status['job_id']}/retry")
            status = client.wait(video_id)
        ended = f"{status['status']} once there was room again"
        client.call("DELETE", f"/videos/{video_id}")
        left = _settle(place)
        rows.append(["disk full", place.name, "conversion", seen, ended, "yes" if status["status"] == "completed" and not left else "no"])
    return rows


def _slow_upload(client: Client, fault: Callable[[], None]) -> tuple[str, str | None]:
    """Send the sample in two halves with the fault between them; -> what was answered, the recording's id."""
    content, boundary = _SAMPLE.read_bytes(), "faults"
    fields = f'--{boundary}\r\nContent-Disposition: form-data; name="formats"\r\n\r\n{_FORMATS}\r\n'
    head = f'{fields}--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{_SAMPLE.name}"\r\n\r\n'.encode()
    breaking = threading.Thread(target=fault)

    def body() -> Iterator[bytes]:
        yield head + content[: len(content) // 2]
        breaking.start()
        time.sleep(1)
        yield content[len(content) // 2 :] + f"\r\n--{boundary}--\r\n".encode()

    try:
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        answer = client.call("POST", "/upload", data=body(), headers=headers, timeout=120)
        seen, video_id = "200", str(answer["video_id"])
    except ApiError as refused:
        seen, video_id = f"{refused.status} {refused.body.get('code')}", None
    breaking.join()
    return seen, video_id


def _poll_through(client: Client, video_id: str, breaking: threading.Thread) -> str:
    """Ask for the status while the fault lasts; -> the statuses that came, with their counts."""
    counts: dict[str, int] = {}
    while breaking.is_alive():
        try:
            client.call("GET", f"/status/{video_id}", timeout=30)
            seen = "200"
        except ApiError as refused:
            seen = f"{refused.status} {refused.body.get('code')}"
        counts[seen] = counts.get(seen, 0) + 1
        time.sleep(0.5)
    return ", ".join(f"{seen} ({count} times)" for seen, count in counts.items())


def _outage(store: backends.S3Server) -> None:
    store.stop()
    time.sleep(OUTAGE_S)
    store.start()


def _until_stage(client: Client, video_id: str, stage: str) -> None:
    while stage not in client.call("GET", f"/status/{video_id}")["stage"]:
        time.sleep(0.2)


def _patient(call: Callable[[], Any]) -> Any:
    """A database that is just coming up refuses for a moment: ask again, as clients do on 503."""
    for _ in range(30):
        try:
            return call()
        except ApiError as refused:
            if refused.status != 503:
                raise
            time.sleep(1)
    return call()


def _refusal(call: Callable[[], Any]) -> str:
    try:
        call()
    except ApiError as refused:
        return f"{refused.status} {refused.body.get('code')}"
    return "accepted"


def _attempt(client: Client, status: dict[str, Any]) -> int:
    return int(client.call("GET", f"/api/v1/jobs/{status['job_id']}")["attempt"])


def _documents(client: Client, status: dict[str, Any]) -> dict[str, bytes]:
    """Text and subtitles; the PDF holds links with the recording's id, so it is opened and not compared."""
    made = {kind: requests.get(url, timeout=60).content for kind, url in status["downloads"].items()}
    assert made.pop("pdf").startswith(b"%PDF")
    return {kind: content.replace(status["video_id"].encode(), b"ID") for kind, content in made.items()}


def _files(data: Path) -> list[str]:
    """What a data folder should not hold when all recordings are deleted."""
    kept = ("lectern.db", "secret.key", "migrate.lock", "server.log", "models", "ballast")
    found = [path.relative_to(data) for path in data.rglob("*") if path.is_file()]
    return sorted(str(path) for path in found if not str(path).startswith(kept))


def _settle(place: Place, patience_s: float = 90) -> list[str]:
    """Give the janitor a while; -> what is left."""
    until = time.monotonic() + patience_s
    while (left := place.left()) and time.monotonic() < until:
        time.sleep(1)
    return left


def _too_large_for(disk: Path) -> Path:
    target = disk.parent / "large.mkv"
    command = [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        "-y",
        "-f",
        "lavfi",
        "-i",
        "anoisesrc=r=48000:d=400:seed=1",
        "-c:a",
        "pcm_f32le",
        "-ac",
        "1",
    ]
    subprocess.run([*command, str(target)], check=True)
    assert target.stat().st_size > SMALL_DISK_MIB * 2**20
    return target


@contextlib.contextmanager
def _open_folder() -> Iterator[str]:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="lectern-postgres-", ignore_cleanup_errors=True) as folder:
        yield folder


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """A tmpfs of a few MiB, or None where this user may not mount one."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MIB}m", "lectern", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
