"""Environments in which faults are injected: outages, retries of clients, and the search for leftovers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests

from scripts import backends
from scripts.client import ApiError
from scripts.program import PROJECT

SAMPLE = PROJECT / "samples" / "lecture.mp4"
FORMATS = "txt,srt,pdf"
_RETRYABLE_STATUSES = (429, 502, 503, 504)
_PERMANENT_FILES = ("lectern.db", "secret.key", "migrate.lock", "server.log", "worker-", "models", "ballast")

T = TypeVar("T")


@dataclass(frozen=True)
class Environment:
    """A server's settings and data folder. `leftovers` lists files and objects that belong to no recording once all are deleted."""

    name: str
    settings: dict[str, str]
    data: Path
    leftovers: Callable[[], list[str]]


def remote_settings(database_url: str, store: backends.S3Server, bucket: str) -> dict[str, str]:
    """Return the environment variables for PostgreSQL and S3."""
    return {
        "DATABASE_URL": database_url,
        "S3_ENDPOINT_URL": store.url,
        "S3_BUCKET_NAME": bucket,
        "AWS_ACCESS_KEY_ID": backends.KEY_ID,
        "AWS_SECRET_ACCESS_KEY": backends.SECRET,
    }


def leftover_files(data: Path) -> list[str]:
    """Return the files of a data folder that should not exist after all recordings are deleted."""
    paths = [path.relative_to(data) for path in data.rglob("*") if path.is_file()]
    return sorted(str(path) for path in paths if not str(path).startswith(_PERMANENT_FILES))


def stored_keys(store: backends.S3Server, bucket: str) -> list[str]:
    response = backends.s3_client(store.url).list_objects_v2(Bucket=bucket)
    return [each["Key"] for each in response.get("Contents", [])]


def describe_leftovers(leftovers: list[str]) -> str:
    return f"; left behind: {leftovers[:3]}" if leftovers else ""


def outage(store: backends.S3Server, seconds: float) -> None:
    store.stop()
    time.sleep(seconds)
    store.start()


def wait_for_cleanup(leftovers: Callable[[], list[str]], max_wait_s: float = 120) -> list[str]:
    """Wait until the janitor has deleted all leftovers. Return those that remain."""
    deadline = time.monotonic() + max_wait_s
    while (names := leftovers()) and time.monotonic() < deadline:
        time.sleep(1)
    return names


def with_retries(call: Callable[[], T], max_wait_s: float = 120) -> T:
    """Repeat a call on 429, 502 to 504 and connection errors, as clients do."""
    deadline = time.monotonic() + max_wait_s
    while True:
        try:
            return call()
        except ApiError as error:
            if error.status not in _RETRYABLE_STATUSES or time.monotonic() > deadline:
                raise
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.5)


def download_documents(status: dict[str, Any]) -> dict[str, bytes]:
    """Return the documents of a recording by format."""
    return {kind: with_retries(lambda url=url: _fetch(url)) for kind, url in (status.get("downloads") or {}).items()}  # type: ignore[misc]


def error_code_of(call: Callable[[], Any]) -> str:
    """Return the status and error code of a call, or "accepted"."""
    try:
        call()
    except ApiError as error:
        return f"{error.status} {error.body.get('code')}"
    return "accepted"


def _fetch(url: str) -> bytes:
    response = requests.get(url, timeout=60)
    if not response.ok:
        raise ApiError(response)
    return response.content
