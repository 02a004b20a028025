"""Whether the time of an answer tells if there is an account: known and unknown addresses asked at random, medians compared."""

from __future__ import annotations

import random
import statistics
import time
import uuid
from collections.abc import Callable

import requests

from bench.context import Context, table
from scripts.server import Server, free_port

_ROUNDS = 100
_REST_S = 0.03  # so that what goes on in the background after one answer does not slow the next
_ALIKE = (0.9, 1.1)
_WRONG = "surely not the password"


def run(context: Context) -> str:
    mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(free_port()), "SMTP_FROM": "lectern@example.org", "SMTP_TLS": "none"}
    settings = {**mail, "LOCKOUT_FAILURES": "1000", "EMAIL_VERIFICATION": "required", "LOG_LEVEL": "ERROR"}
    with Server(context.folder / "data", settings) as server:
        known = f"{uuid.uuid4().hex[:12]}@example.org"
        made = requests.post(f"{server.url}/api/v1/auth/register", json={"email": known, "password": _WRONG[::-1]}, timeout=60)
        made.raise_for_status()
        rows = [_row(server.url, path, body, known) for path, body in _ASKED.items()]
    said = "all alike" if all(row[-1] == "yes" for row in rows) else "not all alike"
    figures = table(["asked", "known, median ms", "unknown, median ms", "ratio", f"within {_ALIKE[0]} to {_ALIKE[1]}"], rows)
    return f"{_ROUNDS} requests about a known address and as many about unknown ones, in random order: {said}.\n\n{figures}"


_ASKED: dict[str, Callable[[str], dict[str, str]]] = {
    "login": lambda email: {"email": email, "password": _WRONG},
    "register": lambda email: {"email": email, "password": _WRONG},
    "forgot-password": lambda email: {"email": email},
    "resend-verification": lambda email: {"email": email},
    "reset-password": lambda email: {"email": email, "otp": "000000", "password": _WRONG},
}


def _row(url: str, path: str, body: Callable[[str], dict[str, str]], known: str) -> list[object]:
    took: dict[bool, list[float]] = {True: [], False: []}
    said: set[int] = set()
    with requests.Session() as http:
        for turn, is_known in enumerate([True, False] * 2 + random.Random(1).sample([True, False] * _ROUNDS, 2 * _ROUNDS)):
            time.sleep(_REST_S)
            email = known if is_known else f"{uuid.uuid4().hex[:12]}@example.org"
            started = time.perf_counter()
            response = http.post(f"{url}/api/v1/auth/{path}", json=body(email), timeout=60)
            if turn >= 4:  # the first ones warm up
                took[is_known].append(time.perf_counter() - started)
                said.add(response.status_code)
    assert len(said) == 1, f"{path} answers with {said}"
    there, nowhere = (statistics.median(took[is_known]) * 1000 for is_known in (True, False))
    ratio = there / nowhere
    return [
        f"POST {path} ({said.pop()})",
        f"{there:.1f}",
        f"{nowhere:.1f}",
        f"{ratio:.2f}",
        "yes" if _ALIKE[0] <= ratio <= _ALIKE[1] else "no",
    ]
