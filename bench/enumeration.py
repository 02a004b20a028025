"""Account enumeration by response time: requests for known and unknown addresses in random order, medians compared."""

from __future__ import annotations

import random
import statistics
import time
import uuid
from collections.abc import Callable

import requests

from bench.context import Context, markdown_table
from scripts.server import Server, free_port

_ROUNDS = 100
_PAUSE_S = 0.03  # so that background work after a response does not slow the next one
_RATIO_RANGE = (0.9, 1.1)
_WRONG_PASSWORD = "surely not the password"


def run(context: Context) -> str:
    mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(free_port()), "SMTP_FROM": "lectern@example.org", "SMTP_TLS": "none"}
    settings = {**mail, "LOCKOUT_FAILURES": "1000", "EMAIL_VERIFICATION": "required", "LOG_LEVEL": "ERROR"}
    with Server(context.folder / "data", settings) as server:
        known_email = f"{uuid.uuid4().hex[:12]}@example.org"
        registration = requests.post(
            f"{server.url}/api/v1/auth/register", json={"email": known_email, "password": _WRONG_PASSWORD[::-1]}, timeout=60
        )
        registration.raise_for_status()
        rows = [_measure(server.url, path, body, known_email) for path, body in _REQUESTS.items()]
    verdict = "the medians agree" if all(row[-1] == "yes" for row in rows) else "the medians DIFFER"
    figures = markdown_table(
        ["request", "known, median ms", "unknown, median ms", "ratio", f"within {_RATIO_RANGE[0]} to {_RATIO_RANGE[1]}"], rows
    )
    return f"{_ROUNDS} requests for a known address and {_ROUNDS} for unknown ones, in random order: {verdict}.\n\n{figures}"


_REQUESTS: dict[str, Callable[[str], dict[str, str]]] = {
    "login": lambda email: {"email": email, "password": _WRONG_PASSWORD},
    "register": lambda email: {"email": email, "password": _WRONG_PASSWORD},
    "forgot-password": lambda email: {"email": email},
    "resend-verification": lambda email: {"email": email},
    "reset-password": lambda email: {"email": email, "otp": "000000", "password": _WRONG_PASSWORD},
}


def _measure(url: str, path: str, body: Callable[[str], dict[str, str]], known_email: str) -> list[object]:
    durations_s: dict[bool, list[float]] = {True: [], False: []}
    statuses: set[int] = set()
    with requests.Session() as http:
        for number, is_known in enumerate([True, False] * 2 + random.Random(1).sample([True, False] * _ROUNDS, 2 * _ROUNDS)):
            time.sleep(_PAUSE_S)
            email = known_email if is_known else f"{uuid.uuid4().hex[:12]}@example.org"
            start_s = time.perf_counter()
            response = http.post(f"{url}/api/v1/auth/{path}", json=body(email), timeout=60)
            if number >= 4:  # the first four warm the server up
                durations_s[is_known].append(time.perf_counter() - start_s)
                statuses.add(response.status_code)
    assert len(statuses) == 1, f"{path} responds with {statuses}"
    known_ms, unknown_ms = (statistics.median(durations_s[is_known]) * 1000 for is_known in (True, False))
    ratio = known_ms / unknown_ms
    return [
        f"POST {path} ({statuses.pop()})",
        f"{known_ms:.1f}",
        f"{unknown_ms:.1f}",
        f"{ratio:.2f}",
        "yes" if _RATIO_RANGE[0] <= ratio <= _RATIO_RANGE[1] else "no",
    ]
