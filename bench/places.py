"""Where faults happen, and how to see what is left there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.client import ApiError
from scripts.server import PROJECT

SAMPLE = PROJECT / "samples" / "lecture.mp4"
FORMATS = "txt,srt,pdf"


@dataclass(frozen=True)
class Place:
    """A server's settings and data; `left` names what no recording needs."""

    name: str
    settings: dict[str, str]
    data: Path
    left: Callable[[], list[str]]


def files_of(data: Path) -> list[str]:
    """What a data folder should not hold when all recordings are deleted."""
    kept = ("lectern.db", "secret.key", "migrate.lock", "server.log", "models", "ballast")
    found = [path.relative_to(data) for path in data.rglob("*") if path.is_file()]
    return sorted(str(path) for path in found if not str(path).startswith(kept))


def settle(place: Place, patience_s: float = 90) -> list[str]:
    """Give the janitor a while; -> what is left."""
    until = time.monotonic() + patience_s
    while (left := place.left()) and time.monotonic() < until:
        time.sleep(1)
    return left


def refusal(call: Callable[[], Any]) -> str:
    try:
        call()
    except ApiError as refused:
        return f"{refused.status} {refused.body.get('code')}"
    return "accepted"
