"""Charges for jobs, in the transactions of the queue: hold when a job is queued, settle or release when it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import Hook, session, transaction
from domain import FINAL_STATES, JobState
from lib.clock import now
from models import CreditEntry, CreditGrant, CreditHold, Job, Recording, User
from services.credits import grants, holds
from services.credits.due_grants import give_due
from services.credits.errors import PayerSuspended
from services.credits.ledger import Account
from services.credits.policy import CreditPolicy
from services.jobs.queue.topics import JOB_DELETED, JOB_ENDED, JOB_QUEUED, JobEnded, JobQueued

log = structlog.get_logger(__name__)
_SWEEP_BATCH = 200


class JobCharges:
    """The hooks of credits. `policy` returns the current policy without a query."""

    def __init__(self, policy: Callable[[], CreditPolicy]) -> None:
        self._policy = policy

    def hooks(self) -> Mapping[str, Hook]:
        return {JOB_QUEUED: self.hold_for, JOB_ENDED: self.end_hold_of, JOB_DELETED: self.release_hold_of}

    def hold_for(self, session: Session, event: JobQueued) -> None:
        """Hold the price of a job that was queued. Raises InsufficientCredits and PayerSuspended."""
        policy = self._policy()
        job = event.job
        if not policy.is_enabled or job.payer_id is None:
            return
        amount = policy.prices.price(job.pipeline, job.options, event.media_s)
        if not amount or holds.open_of_job(session, job.id) is not None:
            return
        if session.execute(select(User.status).where(User.id == job.payer_id)).scalar_one_or_none() != "active":
            raise PayerSuspended
        give_due(session, job.payer_id, policy)
        holds.hold(session, job.payer_id, amount, job.pipeline, lifetime_s=policy.hold_s, job_id=job.id)

    def end_hold_of(self, session: Session, event: JobEnded) -> None:
        """Settle or release the hold of a job that has ended."""
        if self._policy().is_enabled:
            self._end(session, event.job_id, event.state)

    def release_hold_of(self, session: Session, job_id: str) -> None:
        """Release the hold of a job whose row is about to be deleted."""
        hold = holds.open_of_job(session, job_id)
        if hold is not None:
            holds.release(session, hold.id)

    def sweep(self) -> int:
        """End holds that outlived their jobs, prolong those of unfinished jobs, post expired grants. Return the number of ended holds."""
        due_holds = select(CreditHold.id).where(CreditHold.state == holds.HELD, CreditHold.expires_at <= now())
        hold_count = 0
        for hold_id in session().execute(due_holds.order_by(CreditHold.expires_at).limit(_SWEEP_BATCH)).scalars().all():
            with transaction() as write_session:
                hold_count += self._end_expired(write_session, hold_id)
        remaining_amount = func.sum(CreditEntry.amount)
        query = select(CreditGrant.user_id).join(CreditEntry, CreditEntry.grant_id == CreditGrant.id)
        query = query.where(CreditGrant.expires_at <= now(), CreditEntry.account == Account.AVAILABLE)
        query = query.group_by(CreditGrant.id, CreditGrant.user_id).having(remaining_amount != 0)
        for user_id in sorted(set(session().execute(query).scalars())):
            with transaction() as write_session:
                grants.expire(write_session, user_id)
        if hold_count:
            log.warning("credit_holds_swept", count=hold_count)
        return hold_count

    def _end_expired(self, session: Session, hold_id: str) -> bool:
        hold = session.get(CreditHold, hold_id, populate_existing=True)
        if hold is None or hold.state != holds.HELD:
            return False
        state = session.execute(select(Job.state).where(Job.id == hold.job_id)).scalar_one_or_none()
        if state is None:
            holds.release(session, hold_id)
            return True
        if state in FINAL_STATES:
            self._end(session, str(hold.job_id), JobState(state))
            return True
        hold.expires_at = now() + dt.timedelta(seconds=self._policy().hold_s)
        return False

    def _end(self, session: Session, job_id: str, state: JobState) -> None:
        hold = holds.open_of_job(session, job_id)
        if hold is None:
            return
        if state is JobState.SUCCEEDED:
            holds.settle(session, hold.id, self._actual_price(session, job_id, hold.amount))
        else:
            holds.release(session, hold.id)

    def _actual_price(self, session: Session, job_id: str, quoted_price: int) -> int:
        """Return the price of what a job used: of the recording that it read or made; without one, the quoted price."""
        query = select(Job.pipeline, Job.options, Recording.duration_s).outerjoin(Recording, Recording.id == Job.recording_id)
        job = session.execute(query.where(Job.id == job_id)).one()
        return quoted_price if job.duration_s is None else self._policy().prices.price(job.pipeline, job.options, job.duration_s)
