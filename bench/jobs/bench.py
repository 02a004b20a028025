"""`make bench ONLY=jobs`: no job is lost when workers are killed, with any broker."""

from __future__ import annotations

from bench.context import Context, markdown_table
from bench.jobs import brokers
from bench.jobs.chaos import Outcome, Plan, run_plan
from bench.jobs.fleet import celery_fleet, thread_fleet

PLAN = Plan(jobs=40, kills=30)
PROCESSES = 4
OUTAGE_S = 20.0
_SETTINGS = {"LEASE_S": "5", "JOB_THREADS": "1"}


def run(context: Context) -> str:
    rows = []
    with thread_fleet(context.folder / "threads-data", PROCESSES, _SETTINGS) as threads:
        rows.append(_row(threads.name, "", run_plan(threads, PLAN)))
    with celery_fleet(context.folder, PROCESSES, _SETTINGS, outage_s=OUTAGE_S) as celery:
        rows.append(_row(celery.name, "; ".join(name for name, _ in celery.faults), run_plan(celery, PLAN)))
    headers = ["fleet", "jobs", "SIGKILLs", "other faults", "jobs by attempts", "wall, s", "problems"]
    verdict = "met" if all(row[-1] == "none" for row in rows) else "missed"
    goal = f"Goal, with {PROCESSES} processes: every job succeeds, with documents byte-equal to those of an undisturbed run: {verdict}."
    return f"{markdown_table(headers, rows)}\n\n{goal}\n\n{brokers.run(context, _SETTINGS)}"


def _row(name: str, faults: str, outcome: Outcome) -> list[str]:
    attempts = ", ".join(f"{count} in {attempt}" for attempt, count in outcome.attempts.items())
    problems = "; ".join(outcome.problems[:5]) or "none"
    print(name, outcome, sep=" | ", flush=True)
    return [name, str(PLAN.jobs), str(outcome.kills), faults, attempts, f"{outcome.wall_s:.0f}", problems]
