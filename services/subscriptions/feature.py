"""The background parts of subscriptions: events of payments, cancellations, the priority of jobs, and retention."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from database import Hook
from models import Job
from services import payments
from services.feature import Context, Feature, Task
from services.jobs.queue.topics import JOB_LOADED, JOB_QUEUED, JobLoaded, JobQueued
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


def set_priority(session: Session, event: JobQueued) -> None:
    """Give a job the priority of its owner's plan, unless it has a higher one."""
    event.job.priority = max(event.job.priority or 0, entitlements.priority(session, event.job.user_id))


def _hooks(context: Context) -> Mapping[str, Hook]:
    def set_watermark(session: Session, event: JobLoaded) -> None:
        """Let the stages show the watermark of the payer's plan, if it has one."""
        event.options.pop("watermark", None)
        plans = PlanTable.from_settings(context.known_settings())
        if any(plan.watermark for plan in plans.plans):
            job = session.get_one(Job, event.claim.job_id)
            plan = plans.current(session, job.payer_id or job.user_id)
            if plan is not None and plan.watermark:
                event.options["watermark"] = plan.watermark

    return {JOB_QUEUED: set_priority, JOB_LOADED: set_watermark}


FEATURE = Feature("subscriptions", recovery=_recovery, cleanup=_cleanup, hooks=_hooks)
