"""Where faults happen, how clients live through them, and how to see what is left there."""

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
_PASSING = (429, 502, 503, 504)
_KEPT = ("lectern.db", "secret.key", "migrate.lock", "server.log", "worker-", "models", "ballast")

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """A server's settings and data; `left` names what no recording needs."""

    name: str
    settings: dict[str, str]
    data: Path
    left: Callable[[], list[str]]


def far_settings(database_url: str, store: backends.S3Server, bucket: str) -> dict[str, str]:
    """PostgreSQL and S3, as variables."""
    return {
        "DATABASE_URL": database_url,
        "S3_ENDPOINT_URL": store.url,
        "S3_BUCKET_NAME": bucket,
        "AWS_ACCESS_KEY_ID": backends.KEY_ID,
        "AWS_SECRET_ACCESS_KEY": backends.SECRET,
    }


def files_of(data: Path) -> list[str]:
    """What a data folder should not hold when all recordings are deleted."""
    found = [path.relative_to(data) for path in data.rglob("*") if path.is_file()]
    return sorted(str(path) for path in found if not str(path).startswith(_KEPT))


def keys_of(store: backends.S3Server, bucket: str) -> list[str]:
    listed = backends.s3_client(store.url).list_objects_v2(Bucket=bucket)
    return [each["Key"] for each in listed.get("Contents", [])]


def outage(store: backends.S3Server, seconds: float) -> None:
    store.stop()
    time.sleep(seconds)
    store.start()


def settle(left: Callable[[], list[str]], max_wait_s: float = 120) -> list[str]:
    """Wait until the janitor has deleted everything. Return what is left at the end."""
    until = time.monotonic() + max_wait_s
    while (names := left()) and time.monotonic() < until:
        time.sleep(1)
    return names


def again(call: Callable[[], T], max_wait_s: float = 120) -> T:
    """Ask once more where a client would: on 429 and 502 to 504, and when the connection is cut."""
    until = time.monotonic() + max_wait_s
    while True:
        try:
            return call()
        except ApiError as refused:
            if refused.status not in _PASSING or time.monotonic() > until:
                raise
        except requests.ConnectionError:
            if time.monotonic() > until:
                raise
        time.sleep(0.5)


def documents(status: dict[str, Any]) -> dict[str, bytes]:
    """By format, as a client gets them."""
    return {kind: again(lambda url=url: _fetch(url)) for kind, url in (status.get("downloads") or {}).items()}  # type: ignore[misc]


def refusal(call: Callable[[], Any]) -> str:
    try:
        call()
    except ApiError as refused:
        return f"{refused.status} {refused.body.get('code')}"
    return "accepted"


def _fetch(url: str) -> bytes:
    response = requests.get(url, timeout=60)
    if not response.ok:
        raise ApiError(response)
    return response.content
