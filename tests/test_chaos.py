"""A short run of the chaos bench: workers are killed while they run jobs, and nothing is lost, duplicated or left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.jobs.chaos import Plan, run_plan
from bench.jobs.fleet import thread_fleet

PLAN = Plan(jobs=2, kills=2, repetitions=0, pause_s=(1.0, 3.0), formats="txt,srt,json")


@pytest.mark.slow("kills workers until jobs have recovered from it")
@pytest.mark.timeout(600)  # processes start many times, perhaps on a busy machine
def test_every_job_succeeds_although_workers_are_killed(migrated_data_dir: Path, models_dir: Path) -> None:
    settings = {"LEASE_S": "5", "JOB_THREADS": "1", "MODELS_DIR": str(models_dir)}
    with thread_fleet(migrated_data_dir, 2, settings) as fleet:
        outcome = run_plan(fleet, PLAN)
    assert outcome.problems == []
    assert sum(outcome.attempts.values()) == PLAN.jobs
    assert outcome.kills >= 1
