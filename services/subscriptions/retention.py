"""Retention: recordings of users whose plan keeps them for a number of days are moved to the trash after it.

Days that an admin has set for a user apply instead; see services/library/trash.py.
"""

from __future__ import annotations

import datetime as dt

import structlog
from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from config.groups.plans import Plan
from database import end_read, session, transaction
from domain import ACTIVE_STATES
from lib.clock import now
from models import Job, Recording, Subscription, User
from services.jobs.queue.recording_lock import lock_recording
from services.subscriptions.entitlements import is_entitled
from services.subscriptions.plans import PlanTable

log = structlog.get_logger(__name__)
_BATCH_SIZE = 200


def apply(plans: PlanTable) -> int:
    """Move recordings that are too old for their owner's plan to the trash. Return their number."""
    recording_count = 0
    for plan in plans.plans:
        if plan.retention_days is not None:
            for recording_id in _too_old(plan, plan.retention_days, is_default=plan is plans.default):
                with transaction() as write_session:
                    lock_recording(write_session, recording_id)
                    recording = write_session.get(Recording, recording_id, populate_existing=True)
                    if recording is not None and recording.deleted_at is None:
                        recording.deleted_at = now()
                        recording_count += 1
    if recording_count:
        log.info("retention_applied", recordings=recording_count)
    return recording_count


def _too_old(plan: Plan, days: int, *, is_default: bool) -> list[str]:
    """Return recordings without an unfinished job whose owner has this plan, and no larger one."""
    end_read()
    in_effect = exists().where(Subscription.user_id == Recording.user_id, is_entitled())
    if is_default:
        has_plan = ~in_effect
    else:
        subscription = aliased(Subscription)
        larger = in_effect.where(Subscription.plan_rank > subscription.plan_rank)
        has_plan = exists().where(subscription.user_id == Recording.user_id, subscription.plan == plan.name, ~larger)
        has_plan = has_plan & in_effect.where(Subscription.plan == plan.name)
    is_busy = exists().where(Job.recording_id == Recording.id, Job.state.in_(ACTIVE_STATES))
    cutoff = now() - dt.timedelta(days=days)
    kept_since = func.coalesce(Recording.restored_at, Recording.created_at)
    has_own_days = exists().where(User.id == Recording.user_id, User.retention_days.is_not(None))
    query = select(Recording.id).where(kept_since < cutoff, Recording.deleted_at.is_(None), has_plan, ~is_busy, ~has_own_days)
    ids = list(session().execute(query.order_by(Recording.created_at).limit(_BATCH_SIZE)).scalars())
    end_read()
    return ids
