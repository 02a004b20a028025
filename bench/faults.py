"""One fault at a time, during an upload and during a conversion: either it ends right or it is refused clearly; nothing half-done stays."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

from bench import full_disk
from bench.context import Context, table
from bench.places import FORMATS, SAMPLE, Place, files_of, settle
from scripts import backends
from scripts.client import ApiError, Client
from scripts.server import Server

OUTAGE_S = 20


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
    rows += full_disk.rows(context.folder / "small")
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
        return [each["Key"] for each in listed] + files_of(data)

    return Place("PostgreSQL, S3", settings, data, left)


def _undisturbed(place: Place) -> dict[str, bytes]:
    with Server(place.data, place.settings) as server:
        client = Client(server.url)
        client.register()
        status = client.wait(client.upload(SAMPLE, formats=FORMATS)["video_id"])
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
            video_id = client.upload(SAMPLE, formats=FORMATS)["video_id"]
        result = _finish(client, place, video_id, reference)
    return [name, place.name, "upload", seen, *result]


def _during_conversion(place: Place, name: str, fault: Callable[[], None], reference: dict[str, bytes]) -> list[str]:
    with Server(place.data, place.settings) as server:
        client = Client(server.url)
        client.register()
        video_id = client.upload(SAMPLE, formats=FORMATS)["video_id"]
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
    left = settle(place)
    return ended + (f"; left: {left[:3]}" if left else ""), "yes" if right and not left else "no"


def _slow_upload(client: Client, fault: Callable[[], None]) -> tuple[str, str | None]:
    """Send the sample in two halves with the fault between them; -> what was answered, the recording's id."""
    content, boundary = SAMPLE.read_bytes(), "faults"
    fields = f'--{boundary}\r\nContent-Disposition: form-data; name="formats"\r\n\r\n{FORMATS}\r\n'
    head = f'{fields}--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{SAMPLE.name}"\r\n\r\n'.encode()
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


def _attempt(client: Client, status: dict[str, Any]) -> int:
    return int(client.call("GET", f"/api/v1/jobs/{status['job_id']}")["attempt"])


def _documents(client: Client, status: dict[str, Any]) -> dict[str, bytes]:
    """Text and subtitles; the PDF holds links with the recording's id, so it is opened and not compared."""
    made = {kind: requests.get(url, timeout=60).content for kind, url in status["downloads"].items()}
    assert made.pop("pdf").startswith(b"%PDF")
    return {kind: content.replace(status["video_id"].encode(), b"ID") for kind, content in made.items()}


@contextlib.contextmanager
def _open_folder() -> Iterator[str]:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="lectern-postgres-", ignore_cleanup_errors=True) as folder:
        yield folder
