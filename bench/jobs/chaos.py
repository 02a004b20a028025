"""Kills the workers of running jobs: each job must succeed, with the same documents as an undisturbed run."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bench.environments import download_documents, wait_for_cleanup, with_retries
from bench.jobs.fleet import Fleet
from scripts.client import Client
from scripts.program import PROJECT

_SHORT_LINK = re.compile(rb"/m/\w+")
_SAMPLE = PROJECT / "samples" / "tiny.mp4"
_TIMEOUT_S = 900.0


@dataclass(frozen=True)
class Plan:
    """`repetitions`: how many jobs run once more undisturbed. `pause_s` bounds the random time between two kills."""

    jobs: int
    kills: int
    seed: int = 1
    repetitions: int = 3
    pause_s: tuple[float, float] = (0.5, 6.0)
    formats: str = "pdf,docx,md,txt,srt,json"


@dataclass(frozen=True)
class Outcome:
    """The result of a plan; `attempts` counts jobs by their number of attempts."""

    kills: int
    attempts: dict[int, int]
    wall_s: float
    problems: list[str]


def run_plan(fleet: Fleet, plan: Plan) -> Outcome:
    """Submit all jobs at once, kill workers while they run, then check all documents."""
    client = Client(fleet.server.url)
    client.register()
    start_s = time.monotonic()
    video_ids = [_upload(client, plan) for _ in range(plan.jobs)]
    injector = _FaultInjector(fleet, plan)
    injector.start()
    statuses = {video_id: _wait(client, video_id) for video_id in video_ids}
    wall_s = time.monotonic() - start_s
    injector.end()
    problems = [
        f"{video_id}: {status['status']} {status.get('error_code')}"
        for video_id, status in statuses.items()
        if status["status"] != "completed"
    ]
    video_ids.append(_upload(client, plan))
    reference_status = _wait(client, video_ids[-1])
    problems += _compare(client, [status for status in statuses.values() if status["status"] == "completed"], reference_status, plan)
    jobs = [_call(client, "GET", f"/api/v1/jobs/{status['job_id']}") for status in statuses.values()]
    attempts = Counter(job["attempt"] for job in jobs)
    for video_id in video_ids:
        _call(client, "DELETE", f"/videos/{video_id}")
    problems += [f"left behind: {name}" for name in wait_for_cleanup(fleet.leftovers)]
    return Outcome(injector.kills, dict(sorted(attempts.items())), wall_s, problems)


class _FaultInjector(threading.Thread):
    """Kills workers at random times; the faults are spread evenly among the kills."""

    def __init__(self, fleet: Fleet, plan: Plan) -> None:
        super().__init__(daemon=True)
        self._fleet, self._plan = fleet, plan
        self._stop_requested = threading.Event()
        self.kills = 0

    def run(self) -> None:
        rng = random.Random(self._plan.seed)
        fault_at_kill = {
            (number + 1) * self._plan.kills // (len(self._fleet.faults) + 1): fault for number, fault in enumerate(self._fleet.faults)
        }
        while self.kills < self._plan.kills and not self._stop_requested.wait(rng.uniform(*self._plan.pause_s)):
            self._fleet.kill_one(rng.randrange)
            self.kills += 1
            if self.kills in fault_at_kill:
                _, inject = fault_at_kill[self.kills]
                inject()

    def end(self) -> None:
        self._stop_requested.set()
        self.join(120)


def _wait(client: Client, video_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + _TIMEOUT_S
    while True:
        status: dict[str, Any] = _call(client, "GET", f"/status/{video_id}")
        if status["status"] in ("completed", "failed", "cancelled") or time.monotonic() > deadline:
            return status
        time.sleep(0.5)


def _compare(client: Client, recordings: list[dict[str, Any]], reference_status: dict[str, Any], plan: Plan) -> list[str]:
    """Compare the documents of all recordings: they may differ by the recording's id and short links only."""
    problems: list[str] = []
    kinds = set(plan.formats.split(","))
    documents_of = {status["video_id"]: download_documents(status) for status in recordings}
    for video_id, files in documents_of.items():
        if set(files) != kinds:
            problems.append(f"{video_id}: has {sorted(files)}")
    reference = _comparable(reference_status["video_id"], download_documents(reference_status))
    for video_id, files in documents_of.items():
        texts = _comparable(video_id, files)
        problems += [f"{video_id}: {kind} differs from the undisturbed run" for kind in reference if texts.get(kind) != reference[kind]]
    for video_id in list(documents_of)[: plan.repetitions]:
        _call(client, "POST", f"/api/v1/recordings/{video_id}/jobs", json={"formats": sorted(kinds)})
        files = download_documents(_wait(client, video_id))
        problems += [
            f"{video_id}: {kind} differs in a second conversion" for kind in kinds if files.get(kind) != documents_of[video_id].get(kind)
        ]
    return problems


def _comparable(video_id: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the text documents with the recording's id and the code of its short links replaced."""
    texts = {kind: content.replace(video_id.encode(), b"ID") for kind, content in files.items() if kind in ("txt", "srt", "json")}
    return {kind: _SHORT_LINK.sub(b"/m/CODE", content) for kind, content in texts.items()}


def _upload(client: Client, plan: Plan) -> str:
    return str(with_retries(lambda: client.upload(_SAMPLE, formats=plan.formats))["video_id"])


def _call(client: Client, method: str, path: str, **kwargs: Any) -> Any:
    return with_retries(lambda: client.call(method, path, **kwargs))
