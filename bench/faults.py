"""Injects one fault during an upload or a conversion: it must succeed or fail with a clear error, and leave nothing behind."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench import full_disk
from bench.context import Context, markdown_table
from bench.environments import (
    FORMATS,
    SAMPLE,
    Environment,
    describe_leftovers,
    download_documents,
    leftover_files,
    outage,
    remote_settings,
    stored_keys,
    wait_for_cleanup,
    with_retries,
)
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
        environment = _postgres_and_s3(context, url, store)
        reference = _convert_undisturbed(environment)
        faults: list[tuple[str, Callable[[], None]]] = [
            (f"storage unavailable for {OUTAGE_S} s", lambda: outage(store, OUTAGE_S)),
            ("database restarted", postgres.restart),
        ]
        for name, fault in faults:
            for scenario in (_during_upload, _during_conversion):
                rows.append(scenario(environment, name, fault, reference))
                print(*rows[-1], sep=" | ", flush=True)
    rows += full_disk.run_scenarios(context.folder / "small-disk")
    verdict = "met" if all(row[-1] == "yes" for row in rows) else "missed"
    headers = ["fault", "environment", "during", "response", "result", "correct, nothing left behind"]
    goal = f"Goal: every request succeeds or fails with a clear error, and nothing is left behind: {verdict}."
    return f"{markdown_table(headers, rows)}\n\n{goal}"


def _postgres_and_s3(context: Context, url: str, store: backends.S3Server) -> Environment:
    bucket = store.make_bucket()
    settings = remote_settings(url, store, bucket) | {"LEASE_S": "15", "PUBLIC_URL": "http://lectures.example.org"}
    data = context.folder / "remote"
    return Environment("PostgreSQL, S3", settings, data, lambda: stored_keys(store, bucket) + leftover_files(data))


def _convert_undisturbed(environment: Environment) -> dict[str, bytes]:
    with Server(environment.data, environment.settings) as server:
        client = Client(server.url)
        client.register()
        status = client.wait(client.upload(SAMPLE, formats=FORMATS)["video_id"])
        texts = _texts(status)
        client.call("DELETE", f"/videos/{status['video_id']}")
    return texts


def _during_upload(environment: Environment, name: str, fault: Callable[[], None], reference: dict[str, bytes]) -> list[str]:
    with Server(environment.data, environment.settings) as server:
        client = Client(server.url)
        client.register()
        response, video_id = _upload_slowly(client, fault)
        if video_id is None:  # refused: repeat it after the fault
            time.sleep(1)
            video_id = client.upload(SAMPLE, formats=FORMATS)["video_id"]
        result = _finish(client, environment, video_id, reference)
    return [name, environment.name, "upload", response, *result]


def _during_conversion(environment: Environment, name: str, fault: Callable[[], None], reference: dict[str, bytes]) -> list[str]:
    with Server(environment.data, environment.settings) as server:
        client = Client(server.url)
        client.register()
        video_id = client.upload(SAMPLE, formats=FORMATS)["video_id"]
        _wait_for_stage(client, video_id, "speech")
        fault_thread = threading.Thread(target=fault)
        fault_thread.start()
        statuses = _poll_during(client, video_id, fault_thread)
        fault_thread.join()
        result = _finish(client, environment, video_id, reference)
    return [name, environment.name, "conversion", f"GET /status: {statuses}", *result]


def _finish(client: Client, environment: Environment, video_id: str, reference: dict[str, bytes]) -> tuple[str, str]:
    status = with_retries(lambda: client.wait(video_id))
    if status["status"] == "completed":
        is_correct = _texts(status) == reference
        result = f"completed, attempt {_attempt(client, status)}, documents {'byte-equal' if is_correct else 'DIFFER'}"
    else:
        is_correct, result = bool(status["error_code"]), f"{status['status']}: {status['error_code']}"
    client.call("DELETE", f"/videos/{video_id}")
    leftovers = wait_for_cleanup(environment.leftovers)
    return result + describe_leftovers(leftovers), "yes" if is_correct and not leftovers else "no"


def _upload_slowly(client: Client, fault: Callable[[], None]) -> tuple[str, str | None]:
    """Upload the sample in two halves with the fault between them. Return the response in words and the recording's id."""
    content, boundary = SAMPLE.read_bytes(), "faults"
    fields = f'--{boundary}\r\nContent-Disposition: form-data; name="formats"\r\n\r\n{FORMATS}\r\n'
    head = f'{fields}--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{SAMPLE.name}"\r\n\r\n'.encode()
    fault_thread = threading.Thread(target=fault)

    def body() -> Iterator[bytes]:
        yield head + content[: len(content) // 2]
        fault_thread.start()
        time.sleep(1)
        yield content[len(content) // 2 :] + f"\r\n--{boundary}--\r\n".encode()

    try:
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        upload = client.call("POST", "/upload", data=body(), headers=headers, timeout=120)
        response, video_id = "200", str(upload["video_id"])
    except ApiError as error:
        response, video_id = f"{error.status} {error.body.get('code')}", None
    fault_thread.join()
    return response, video_id


def _poll_during(client: Client, video_id: str, fault_thread: threading.Thread) -> str:
    """Poll the recording's status during the fault. Return the HTTP statuses with their counts."""
    counts: dict[str, int] = {}
    while fault_thread.is_alive():
        try:
            client.call("GET", f"/status/{video_id}", timeout=30)
            response = "200"
        except ApiError as error:
            response = f"{error.status} {error.body.get('code')}"
        counts[response] = counts.get(response, 0) + 1
        time.sleep(0.5)
    return ", ".join(f"{response} ({count} times)" for response, count in counts.items())


def _wait_for_stage(client: Client, video_id: str, stage: str) -> None:
    while stage not in client.call("GET", f"/status/{video_id}")["stage"]:
        time.sleep(0.2)


def _attempt(client: Client, status: dict[str, Any]) -> int:
    return int(client.call("GET", f"/api/v1/jobs/{status['job_id']}")["attempt"])


def _texts(status: dict[str, Any]) -> dict[str, bytes]:
    """Return the text and the subtitles with the recording's id replaced. The PDF is not compared, as its links contain the id."""
    documents = download_documents(status)
    assert documents.pop("pdf").startswith(b"%PDF")
    return {kind: content.replace(status["video_id"].encode(), b"ID") for kind, content in documents.items()}
