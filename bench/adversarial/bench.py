"""Adversarial input through the API: it must not crash the server, mislead it, slow it down or leave anything behind."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.adversarial import bombs, broken_http, chunks, damaged, make, mislabeled, names, subtitles
from bench.adversarial.canary import Canary
from bench.adversarial.case import Case, Response, Sender
from bench.adversarial.checks import LIVE_S, HealthProbe, job_problems_of, leftovers, logged_errors, response_problems_of, watch_health
from bench.context import Context, markdown_table
from scripts.client import Client
from scripts.server import Server

SEED = 20240229
MIN_CASES = 150
CONCURRENCY = 4
_SETTINGS = {
    "MAX_DURATION_S": "3600",
    "MAX_UPLOAD_BYTES": str(48 * 2**20),
    "MIN_CHUNK_BYTES": "1",
    "USER_CONCURRENT_UPLOADS": "100",
    "USER_CHUNKED_UPLOADS": "1000",
    "MAX_CHUNK_BYTES": str(2 * 2**20),
    "INCOMPLETE_UPLOAD_EXPIRY_S": "60",
    "ACCESS_TOKEN_S": "36000",
    "JOB_THREADS": "2",
}


@dataclass
class Results:
    """Response codes, outcomes of accepted recordings, and problems."""

    codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    problems: list[str] = field(default_factory=list)
    recordings: list[tuple[str, Case]] = field(default_factory=list)


def all_cases(folder: Path, canary: Canary, seed: int = SEED) -> list[Case]:
    """Create every input in `folder`; the same seed gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    base = make.create_base_recording(folder)
    return [
        *broken_http.cases(base),
        *chunks.cases(base),
        *names.cases(base),
        *mislabeled.cases(folder, base, canary),
        *subtitles.cases(folder, base, seed),
        *damaged.cases(folder, base, seed),
        *bombs.cases(folder, base),
    ]


def run(context: Context) -> str:
    start_s = time.monotonic()
    with Canary(context.folder) as canary, Server(context.folder / "data", _SETTINGS) as server:
        cases = all_cases(context.folder / "inputs", canary)
        results = Results()
        with watch_health(server.url) as probe:
            client = attack(server, cases, results)
            _check_canary(canary, client, results)
            for recording, _ in results.recordings:
                client.call("DELETE", f"/videos/{recording}")
            results.problems += leftovers(server, max_wait_s=180)
        results.problems += logged_errors(server.log_file)
    results.problems += probe.problems + ([f"/health/live took {probe.slowest_s:.1f} s"] if probe.slowest_s > LIVE_S else [])
    return _section(cases, results, probe, time.monotonic() - start_s)


def attack(server: Server, cases: Sequence[Case], results: Results) -> Client:
    """Send every case, several at once, and wait for accepted recordings. Returns the client that owns them."""
    client, stranger = Client(server.url), Client(server.url)
    for each in (client, stranger):
        each.register()
    token, others = (str(each.http.headers["Authorization"]).removeprefix("Bearer ") for each in (client, stranger))
    sender = Sender(server.url, token, others)
    for group in dict.fromkeys(case.group for case in cases):
        group_cases = [case for case in cases if case.group == group]
        recordings = []
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            for case, responses in zip(group_cases, pool.map(lambda case: case.act(sender), group_cases), strict=True):
                recordings += _record_responses(case, responses, results)
        for recording, case in recordings:
            _wait_for_job(client, recording, case, results)
        results.recordings += recordings
        print(f"   {group}: {len(group_cases)} inputs, {len(recordings)} accepted, {len(results.problems)} problems so far", flush=True)
    return client


def _record_responses(case: Case, responses: Sequence[Response], results: Results) -> list[tuple[str, Case]]:
    for response in responses:
        results.codes[response.code, str(response.status or "-")] += 1
        results.slowest = max(results.slowest, (response.seconds, f"{case.group}/{case.name}"))
        results.problems += response_problems_of(case, response)
    return [(recording, case) for recording in dict.fromkeys(response.recording for response in responses) if recording]


def _wait_for_job(client: Client, recording: str, case: Case, results: Results) -> None:
    deadline = time.monotonic() + case.max_wait_s
    while True:
        status: dict[str, Any] = client.call("GET", f"/status/{recording}")
        if status["status"] in ("completed", "failed", "cancelled") or time.monotonic() > deadline:
            break
        if status["status"] == "in_queue":
            deadline = time.monotonic() + case.max_wait_s
        time.sleep(0.3)
    results.outcomes[str(status.get("error_code") or status["status"])] += 1
    results.problems += job_problems_of(case, status)


def _check_canary(canary: Canary, client: Client, results: Results) -> None:
    """Check that nothing requested the canary server, and that no document contains its text."""
    results.problems += [f"the canary server received a request: {path}" for path in canary.calls]
    for recording, case in results.recordings:
        for kind in ("txt", "srt"):
            response = client.http.get(f"{client.url}/download/{kind}/{recording}", timeout=60)
            if canary.occurs_in(response.content):
                results.problems.append(f"{case.group}/{case.name}: the canary's text is in its {kind}")


def _section(cases: Sequence[Case], results: Results, probe: HealthProbe, seconds: float) -> str:
    groups = Counter(case.group for case in cases)
    if len(cases) < MIN_CASES:
        results.problems.append(f"only {len(cases)} inputs")
    responses = [[code, status, count] for (code, status), count in sorted(results.codes.items(), key=lambda each: -each[1])]
    verdict = (
        "holds."
        if not results.problems
        else f"is missed, {len(results.problems)} times:\n\n" + "\n".join(f"- {each}" for each in results.problems[:80])
    )
    parts = [
        f"{len(cases)} adversarial inputs ({', '.join(f'{name} {count}' for name, count in groups.items())}), ",
        f"{sum(results.codes.values())} requests, ",
        f"{CONCURRENCY} at once, in {seconds:.0f} s. {len(results.recordings)} of them were accepted and converted.\n\n",
        markdown_table(["response code", "status", "responses"], responses) + "\n\n",
        markdown_table(["outcome of an accepted recording", "recordings"], results.outcomes.most_common()) + "\n\n",
        f"Slowest response: {results.slowest[0]:.1f} s ({results.slowest[1]}). ",
        f"`/health/live`, requested {probe.requests_sent} times meanwhile: {probe.slowest_s:.2f} s at most.\n\n",
        "Goal: no 5xx, a code and a hint in every error, healthy throughout, no row, file or process left, no request to the canary; ",
        f"it {verdict}",
    ]
    return "".join(parts)
