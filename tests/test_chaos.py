"""The chaos bench in its short form: workers are killed while they run jobs, and nothing is lost, doubled or left behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bench.jobs.chaos import Plan, run_plan
from bench.jobs.fleet import Fleet, celery_fleet, thread_fleet

PLAN = Plan(jobs=3, kills=3, compared=0, pause_s=(1.0, 3.0), formats="txt,srt,json")
SETTINGS = {"LEASE_S": "5", "JOB_THREADS": "1"}
OUTAGE_S = 2.0


def threads(folder: Path, settings: dict[str, str]) -> AbstractContextManager[Fleet]:
    return thread_fleet(folder / "data", 2, settings)


def celery(folder: Path, settings: dict[str, str]) -> AbstractContextManager[Fleet]:
    """Its faults come as well: the database restarts, the store is away."""
    return celery_fleet(folder, 2, settings, OUTAGE_S)


@pytest.mark.timeout(600)  # processes start again and again, maybe on a machine that is busy
@pytest.mark.parametrize("fleet", [threads, celery], ids=lambda each: each.__name__)
def test_every_job_ends_right_whoever_is_killed(
    fleet: Callable[[Path, dict[str, str]], AbstractContextManager[Fleet]], tmp_path: Path, models_dir: Path
) -> None:
    with fleet(tmp_path, {**SETTINGS, "MODELS_DIR": str(models_dir)}) as running:
        outcome = run_plan(running, PLAN)
    assert outcome.wrong == []
    assert sum(outcome.attempts.values()) == PLAN.jobs
    assert outcome.kills >= 1
