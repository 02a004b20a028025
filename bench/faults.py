"""One fault at a time, during an upload and during a conversion: either it ends right or it is refused clearly; nothing half-done stays."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench import full_disk
from bench.context import Context, table
from bench.places import FORMATS, SAMPLE, Place, again, documents, far_settings, files_of, keys_of, outage, settle
from scripts import backends
from scripts.client import ApiError, Client
from scripts.server import Server

OUTAGE_S = 20


def run(context: Context) -> str:
    rows = []
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(backends.postgres_server())
        store = stack.enter_context(backends.rclone_server(context.folder / "rclone"))
        url = stack.enter_context(backends.fresh_database(postgres.url))
        far = _postgres_and_s3(context, url, store)
        reference = _undisturbed(far)
        faults: list[tuple[str, Callable[[], None]]] = [
            (f"storage away for {OUTAGE_S} s", lambda: outage(store, OUTAGE_S)),
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
    settings = far_settings(url, store, bucket) | {"LEASE_S": "15", "PUBLIC_URL": "http://lectures.example.org"}
    data = context.folder / "far"
    return Place("PostgreSQL, S3", settings, data, lambda: keys_of(store, bucket) + files_of(data))


def _undisturbed(place: Place) -> dict[str, bytes]:
    with Server(place.data, place.settings) as server:
        client = Client(server.url)
        client.register()
        status = client.wait(client.upload(SAMPLE, formats=FORMATS)["video_id"])
        made = _texts(status)
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
    status = again(lambda: client.wait(video_id))
    if status["status"] == "completed":
        right = _texts(status) == reference
        ended = f"completed, attempt {_attempt(client, status)}, documents {'byte-equal' if right else 'DIFFER'}"
    else:
        right, ended = bool(status["error_code"]), f"{status['status']}: {status['error_code']}"
    client.call("DELETE", f"/videos/{video_id}")
    left = settle(place.left)
    return ended + (f"; left: {left[:3]}" if left else ""), "yes" if right and not left else "no"


def _slow_upload(client: Client, fault: Callable[[], None]) -> tuple[str, str | None]:
    """Upload the sample in two halves with the fault between them. Return the response in words and the recording's id."""
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
    """Poll the recording's status during the fault. Return the HTTP statuses with their counts."""
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


def _until_stage(client: Client, video_id: str, stage: str) -> None:
    while stage not in client.call("GET", f"/status/{video_id}")["stage"]:
        time.sleep(0.2)


def _attempt(client: Client, status: dict[str, Any]) -> int:
    return int(client.call("GET", f"/api/v1/jobs/{status['job_id']}")["attempt"])


def _texts(status: dict[str, Any]) -> dict[str, bytes]:
    """Text and subtitles; the PDF holds links with the recording's id, so it is opened and not compared."""
    made = documents(status)
    assert made.pop("pdf").startswith(b"%PDF")
    return {kind: content.replace(status["video_id"].encode(), b"ID") for kind, content in made.items()}
