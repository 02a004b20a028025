"""Kills the workers of running jobs: each job must succeed, with the same documents as an undisturbed run."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bench.jobs.fleet import Fleet
from bench.places import again, documents, settle
from scripts.client import Client
from scripts.program import PROJECT

_SAMPLE = PROJECT / "samples" / "tiny.mp4"
_PATIENCE_S = 900.0


@dataclass(frozen=True)
class Plan:
    """`compared`: how many jobs run once more undisturbed. `pause_s` bounds the random time between two kills."""

    jobs: int
    kills: int
    seed: int = 1
    compared: int = 3
    pause_s: tuple[float, float] = (0.5, 6.0)
    formats: str = "pdf,docx,md,txt,srt,json"


@dataclass(frozen=True)
class Outcome:
    """The result of a plan; `wrong` lists the deviations as sentences."""

    kills: int
    attempts: dict[int, int]
    wall_s: float
    wrong: list[str]


def run_plan(fleet: Fleet, plan: Plan) -> Outcome:
    """Submit all jobs at once, kill workers while they run, then check all documents."""
    client = Client(fleet.server.url)
    client.register()
    started = time.monotonic()
    sent = [_upload(client, plan) for _ in range(plan.jobs)]
    harm = _Harm(fleet, plan)
    harm.start()
    ended = {video_id: _wait(client, video_id) for video_id in sent}
    wall_s = time.monotonic() - started
    harm.end()
    wrong = [
        f"{video_id}: {status['status']} {status.get('error_code')}"
        for video_id, status in ended.items()
        if status["status"] != "completed"
    ]
    sent.append(_upload(client, plan))
    peaceful = _wait(client, sent[-1])
    wrong += _compare(client, [status for status in ended.values() if status["status"] == "completed"], peaceful, plan)
    jobs = [_call(client, "GET", f"/api/v1/jobs/{status['job_id']}") for status in ended.values()]
    attempts = Counter(job["attempt"] for job in jobs)
    for video_id in sent:
        _call(client, "DELETE", f"/videos/{video_id}")
    wrong += [f"left behind: {name}" for name in settle(fleet.left)]
    return Outcome(harm.kills, dict(sorted(attempts.items())), wall_s, wrong)


class _Harm(threading.Thread):
    """Kills workers at random times; the faults are spread evenly among the kills."""

    def __init__(self, fleet: Fleet, plan: Plan) -> None:
        super().__init__(daemon=True)
        self._fleet, self._plan = fleet, plan
        self._over = threading.Event()
        self.kills = 0

    def run(self) -> None:
        chance = random.Random(self._plan.seed)
        due = {(number + 1) * self._plan.kills // (len(self._fleet.faults) + 1): fault for number, fault in enumerate(self._fleet.faults)}
        while self.kills < self._plan.kills and not self._over.wait(chance.uniform(*self._plan.pause_s)):
            self._fleet.kill_one(chance.randrange)
            self.kills += 1
            if self.kills in due:
                due[self.kills][1]()

    def end(self) -> None:
        self._over.set()
        self.join(120)


def _wait(client: Client, video_id: str) -> dict[str, Any]:
    until = time.monotonic() + _PATIENCE_S
    while True:
        status: dict[str, Any] = _call(client, "GET", f"/status/{video_id}")
        if status["status"] in ("completed", "failed", "cancelled") or time.monotonic() > until:
            return status
        time.sleep(0.5)


def _compare(client: Client, ended: list[dict[str, Any]], peaceful: dict[str, Any], plan: Plan) -> list[str]:
    """Compare the documents of all recordings: they may differ by the recording's id only."""
    wrong: list[str] = []
    kinds = set(plan.formats.split(","))
    documents_of = {status["video_id"]: documents(status) for status in ended}
    for video_id, files in documents_of.items():
        if set(files) != kinds:
            wrong.append(f"{video_id}: has {sorted(files)}")
    reference = _plain(peaceful["video_id"], documents(peaceful))
    for video_id, files in documents_of.items():
        theirs = _plain(video_id, files)
        wrong += [f"{video_id}: {kind} differs from one made in peace" for kind in reference if theirs.get(kind) != reference[kind]]
    for video_id in list(documents_of)[: plan.compared]:
        _call(client, "POST", f"/api/v1/recordings/{video_id}/jobs", json={"formats": sorted(kinds)})
        files = documents(_wait(client, video_id))
        wrong += [
            f"{video_id}: {kind} comes out differently once more" for kind in kinds if files.get(kind) != documents_of[video_id].get(kind)
        ]
    return wrong


def _plain(video_id: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the text documents with the recording's id replaced."""
    return {kind: content.replace(video_id.encode(), b"ID") for kind, content in files.items() if kind in ("txt", "srt", "json")}


def _upload(client: Client, plan: Plan) -> str:
    return str(again(lambda: client.upload(_SAMPLE, formats=plan.formats))["video_id"])


def _call(client: Client, method: str, path: str, **kwargs: Any) -> Any:
    return again(lambda: client.call(method, path, **kwargs))
