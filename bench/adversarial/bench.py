"""Hostile inputs through the API: none may crash it, fool it, slow it down or stay behind."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.adversarial import bombs, broken_http, captions, confused, damaged, make, names, pieces
from bench.adversarial.canary import Canary
from bench.adversarial.case import Answer, Case, Sender
from bench.adversarial.checks import LIVE_S, Pulse, leftovers, logged_errors, problems_of, watch_health, wrong_with_end
from bench.context import Context, table
from scripts.client import Client
from scripts.server import Server

SEED = 20240229
LEAST = 150
_AT_ONCE = 4
_SETTINGS = {
    "MAX_DURATION_S": "3600",
    "MAX_UPLOAD_BYTES": str(48 * 2**20),
    "MAX_CHUNK_BYTES": str(2 * 2**20),
    "INCOMPLETE_UPLOAD_EXPIRY_S": "60",
    "ACCESS_TOKEN_S": "36000",
    "JOB_THREADS": "2",
}


@dataclass
class Seen:
    """What came of it all."""

    codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    wrong: list[str] = field(default_factory=list)
    accepted: list[tuple[str, Case]] = field(default_factory=list)


def all_cases(folder: Path, canary: Canary, seed: int = SEED) -> list[Case]:
    """Every hostile input, made into `folder`; the same seed gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    base = make.base(folder)
    return [
        *broken_http.cases(base),
        *pieces.cases(base),
        *names.cases(base),
        *confused.cases(folder, base, canary),
        *captions.cases(folder, base, seed),
        *damaged.cases(folder, base, seed),
        *bombs.cases(folder, base),
    ]


def run(context: Context) -> str:
    started = time.monotonic()
    with Canary(context.folder) as canary, Server(context.folder / "data", _SETTINGS) as server:
        cases = all_cases(context.folder / "inputs", canary)
        seen = Seen()
        with watch_health(server.url) as pulse:
            client = attack(server, cases, seen)
            _listen_for(canary, client, seen)
            for recording, _ in seen.accepted:
                client.call("DELETE", f"/videos/{recording}")
            seen.wrong += leftovers(server, max_wait_s=180)
        seen.wrong += logged_errors(server.log_file)
    seen.wrong += pulse.wrong + ([f"/health/live took {pulse.slowest_s:.1f} s"] if pulse.slowest_s > LIVE_S else [])
    return _section(cases, seen, pulse, time.monotonic() - started)


def attack(server: Server, cases: Sequence[Case], seen: Seen) -> Client:
    """Send every case, several at once, and wait for what was accepted; -> the client that owns it."""
    client, stranger = Client(server.url), Client(server.url)
    for each in (client, stranger):
        each.register()
    token, others = (str(each.http.headers["Authorization"]).removeprefix("Bearer ") for each in (client, stranger))
    sender = Sender(server.url, token, others)
    for group in dict.fromkeys(case.group for case in cases):
        chosen = [case for case in cases if case.group == group]
        taken = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for case, answers in zip(chosen, pool.map(lambda case: case.act(sender), chosen), strict=True):
                taken += _look_at(case, answers, seen)
        for recording, case in taken:
            _await_end(client, recording, case, seen)
        seen.accepted += taken
        print(f"   {group}: {len(chosen)} inputs, {len(taken)} accepted, {len(seen.wrong)} wrong so far", flush=True)
    return client


def _look_at(case: Case, answers: Sequence[Answer], seen: Seen) -> list[tuple[str, Case]]:
    for response in answers:
        seen.codes[response.code, str(response.status or "-")] += 1
        seen.slowest = max(seen.slowest, (response.seconds, f"{case.group}/{case.name}"))
        seen.wrong += problems_of(case, response)
    return [(recording, case) for recording in dict.fromkeys(response.recording for response in answers) if recording]


def _await_end(client: Client, recording: str, case: Case, seen: Seen) -> None:
    until = time.monotonic() + case.max_wait_s
    while True:
        status: dict[str, Any] = client.call("GET", f"/status/{recording}")
        if status["status"] in ("completed", "failed", "cancelled") or time.monotonic() > until:
            break
        if status["status"] == "in_queue":
            until = time.monotonic() + case.max_wait_s
        time.sleep(0.3)
    seen.ends[str(status.get("error_code") or status["status"])] += 1
    seen.wrong += wrong_with_end(case, status)


def _listen_for(canary: Canary, client: Client, seen: Seen) -> None:
    """Nobody called the server that inputs named, and nothing they named is in a document."""
    seen.wrong += [f"the canary was called: {path}" for path in canary.calls]
    for recording, case in seen.accepted:
        for kind in ("txt", "srt"):
            response = client.http.get(f"{client.url}/download/{kind}/{recording}", timeout=60)
            if canary.seen_in(response.content):
                seen.wrong.append(f"{case.group}/{case.name}: the canary's words are in its {kind}")


def _section(cases: Sequence[Case], seen: Seen, pulse: Pulse, seconds: float) -> str:
    groups = Counter(case.group for case in cases)
    if len(cases) < LEAST:
        seen.wrong.append(f"only {len(cases)} inputs")
    answers = [[code, status, count] for (code, status), count in sorted(seen.codes.items(), key=lambda each: -each[1])]
    verdict = (
        "holds." if not seen.wrong else f"is missed, {len(seen.wrong)} times:\n\n" + "\n".join(f"- {each}" for each in seen.wrong[:80])
    )
    parts = [
        f"{len(cases)} hostile inputs ({', '.join(f'{name} {count}' for name, count in groups.items())}), ",
        f"{sum(seen.codes.values())} requests, ",
        f"{_AT_ONCE} at once, in {seconds:.0f} s. {len(seen.accepted)} of them were recordings enough to be converted.\n\n",
        table(["answer's code", "status", "answers"], answers) + "\n\n",
        table(["end of an accepted recording", "recordings"], seen.ends.most_common()) + "\n\n",
        f"Slowest answer: {seen.slowest[0]:.1f} s ({seen.slowest[1]}). ",
        f"`/health/live`, asked {pulse.asked} times meanwhile: {pulse.slowest_s:.2f} s at most.\n\n",
        "Goal: no 5xx, a code and a hint in every refusal, good health throughout, no row, file or process left, no canary touched; ",
        f"it {verdict}",
    ]
    return "".join(parts)
