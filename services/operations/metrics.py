"""Prometheus metrics from the database, the same in every process."""

from __future__ import annotations

from sqlalchemy import func, select

from database import session
from domain import ACTIVE_STATES, JobState
from lib.clock import now
from lib.metrics import Counter, Gauge, Histogram
from models import Delivery, Job
from services.jobs.queue import counters

CHANNELS = ("webhook", "mail", "account_mail", "invitation_mail")


def collect() -> list[Gauge | Counter | Histogram]:
    """Return all metrics; a few short queries on indexed columns."""
    by_state = select(Job.state, func.count().label("number")).where(Job.state.in_(ACTIVE_STATES)).group_by(Job.state)
    states = {row.state: float(row.number) for row in session().execute(by_state)}
    oldest_at = session().execute(select(func.min(Job.queued_at)).where(Job.state == JobState.QUEUED)).scalar_one()
    query = select(Delivery.channel, func.count().label("number")).where(Delivery.state == "waiting").group_by(Delivery.channel)
    deliveries = dict.fromkeys(CHANNELS, 0.0) | {row.channel: float(row.number) for row in session().execute(query)}
    return [
        Gauge("lectern_jobs", "Jobs that have not ended.", {state: states.get(state, 0.0) for state in ACTIVE_STATES}, by="state"),
        Gauge(
            "lectern_oldest_waiting_seconds",
            "Age of the oldest queued job.",
            {"": (now() - oldest_at).total_seconds() if oldest_at else 0.0},
        ),
        Gauge("lectern_deliveries_waiting", "Deliveries waiting in the outbox.", deliveries, by="channel"),
        *counters.totals(session()),
    ]
