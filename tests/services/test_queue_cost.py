"""The number of SQL statements per job, and the absence of full scans."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from database import db, end_read, session, transaction
from models import Job, User
from services.jobs import queue
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane
from services.jobs.scheduling.stager import Stager, unstage
from tests.statements import record_statements

LEASE_S = 30.0
WAITING, USERS = 4000, 5  # of a small table, PostgreSQL would rather read all


@pytest.fixture
def queued_jobs(idle: Flask) -> Flask:
    """Many jobs of a few users."""
    with transaction() as session:
        users = [User(email=f"user{number}@example.org") for number in range(USERS)]
        session.add_all(users)
        session.flush()
        rows = [{"user_id": users[at % USERS].id, "pipeline": "lecture_notes", "options": {}} for at in range(WAITING)]
        session.execute(insert(Job), rows)
        if db.engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE"))  # it does so by itself sooner or later; SQLite does not
    return idle


def claim_and_finish(job_id: str | None = None) -> None:
    claim = queue.claim("w", LEASE_S, job_id)
    assert claim is not None
    with transaction() as session:
        queue.succeed(session, claim, warnings=[], metrics={})


def whole_reads(statements: list[tuple[str, Any]]) -> list[str]:
    """Return the full scans of the table of jobs or of its index by state."""
    scans = []
    for statement, parameters in statements:
        if not statement.startswith(("SELECT", "WITH", "UPDATE")):
            continue
        if db.engine.dialect.name == "sqlite":
            plan = session().connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            scans += [f"{row.detail}: {statement}" for row in plan if row.detail.startswith("SCAN jobs")]
        else:
            plan = session().connection().exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalar_one()
            read = most_rows(plan if isinstance(plan, list) else json.loads(plan))
            scans += [f"{read} rows: {statement}"] if read > WAITING // 10 else []
        end_read()
    return scans


def most_rows(plan: Any) -> float:
    """Return the largest number of job rows that a node of the plan reads."""
    if isinstance(plan, list):
        return max((most_rows(each) for each in plan), default=0)
    if not isinstance(plan, dict):
        return 0
    here = 0.0
    if plan.get("Relation Name") == "jobs":
        here = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return max(here, *(most_rows(each) for each in plan.values()), 0)


def test_claiming_and_finishing_take_few_statements_and_no_full_scan(queued_jobs: Flask) -> None:
    for _ in range(USERS):
        claim_and_finish()  # everybody was served once
    with record_statements() as statements:
        claim_and_finish()
    assert len(statements) <= 12, statements
    assert not whole_reads(statements)


def test_staging_takes_few_statements_and_no_full_scan(queued_jobs: Flask) -> None:
    stager = Stager(ConcurrencyLimits(), prefetch=4)
    with record_statements() as statements:
        assert stager.needs_staging(stager.staging_by_lane()[Lane.SHORT])
        first = stager.stage(Lane.SHORT)
        assert not stager.needs_staging(stager.staging_by_lane()[Lane.SHORT])
    assert len(first) == 4 and len(statements) <= 7, statements
    assert not whole_reads(statements)
    with record_statements() as statements:
        claim_and_finish(first[0])
        unstage([first[0]])
    assert len(statements) <= 15, statements
    assert not whole_reads(statements)
