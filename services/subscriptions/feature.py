"""The background parts of subscriptions: events of payments, cancellations, the priority of jobs, and retention."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from sqlalchemy.orm import Session

from services import payments
from services.feature import Context, Feature, Task
from services.jobs.queue.topics import JOB_QUEUED, JobQueued
from services.subscriptions import cancellations, entitlements, events, retention
from services.subscriptions.copies import Copies
from services.subscriptions.plans import PlanTable


def _recovery(context: Context) -> Sequence[Task]:
    provider = payments.from_settings(context.settings)
    if provider is None:
        return ()
    copies = Copies(provider, PlanTable.from_settings(context.settings))
    return functools.partial(events.handle_due, copies), functools.partial(cancellations.run_due, provider)


def _cleanup(context: Context) -> Sequence[Task]:
    return events.delete_old, functools.partial(retention.apply, PlanTable.from_settings(context.settings))


def set_priority(session: Session, queued: JobQueued) -> None:
    """Give a job the priority of its owner's plan, unless it has a higher one."""
    queued.job.priority = max(queued.job.priority or 0, entitlements.priority(session, queued.job.user_id))


FEATURE = Feature("subscriptions", recovery=_recovery, cleanup=_cleanup, hooks=lambda _: {JOB_QUEUED: set_priority})
