"""Counting what is there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from database import session
from domain import JobState
from models import Artifact, Job, Recording, User


@dataclass(frozen=True)
class Counts:
    users: int
    recordings: int
    pdfs: int
    queued: int
    running: int
    failed: int


def count() -> Counts:
    """One query each for users, recordings and PDFs, one for jobs by state."""
    states = {row.state: row.number for row in session().execute(select(Job.state, func.count().label("number")).group_by(Job.state))}
    return Counts(
        users=_rows(select(func.count()).select_from(User)),
        recordings=_rows(select(func.count()).select_from(Recording)),
        pdfs=_rows(select(func.count()).select_from(Artifact).where(Artifact.format == "pdf")),
        queued=states.get(JobState.QUEUED, 0),
        running=states.get(JobState.RUNNING, 0),
        failed=states.get(JobState.FAILED, 0),
    )


def _rows(query: object) -> int:
    return int(session().execute(query).scalar_one())  # type: ignore[call-overload]
