"""Cancel the subscriptions of deleted accounts. The account goes at once; the payment provider may answer later."""

from __future__ import annotations

import datetime as dt

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

import errors
from database import end_read, session, transaction
from lib.backoff import backoff_s
from lib.clock import now
from models import BillingCustomer, FormerCustomer, PendingCancellation, Subscription
from services.payments import PaymentProvider
from services.payments.port import SubscriptionState
from services.subscriptions import entitlements

log = structlog.get_logger(__name__)
FINAL_STATUSES = ("canceled", "incomplete_expired", entitlements.MANUAL)


def schedule(session: Session, user_id: str) -> None:
    """Note a user's subscriptions and customer, in the transaction that deletes the user."""
    query = select(Subscription.id).where(Subscription.user_id == user_id, Subscription.status.not_in(FINAL_STATUSES))
    session.add_all(PendingCancellation(subscription_id=each) for each in session.execute(query).scalars().all())
    customer = select(BillingCustomer.customer_id).where(BillingCustomer.user_id == user_id)
    session.add_all(FormerCustomer(customer_id=each) for each in session.execute(customer).scalars().all())


def schedule_orphan(session: Session, subscription: SubscriptionState) -> None:
    """Note a subscription that a deleted account has left: its checkout was paid later. Those of strangers stay as they are."""
    is_orphan = session.get(FormerCustomer, subscription.customer_id) is not None
    if is_orphan and subscription.status not in FINAL_STATUSES and session.get(PendingCancellation, subscription.id) is None:
        session.add(PendingCancellation(subscription_id=subscription.id))


def run_due(provider: PaymentProvider | None) -> None:
    """Cancel what is due; what fails is tried again later."""
    if provider is None:
        return
    end_read()
    query = select(PendingCancellation).where(PendingCancellation.due_at <= now()).order_by(PendingCancellation.due_at).limit(20)
    rows = [(row.subscription_id, row.attempts + 1) for row in session().execute(query).scalars()]
    end_read()
    for subscription_id, attempt in rows:
        is_this_one = PendingCancellation.subscription_id == subscription_id
        try:
            provider.cancel(subscription_id, at_period_end=False)
        except errors.LecternError as error:
            log.warning("cancellation_failed", subscription_id=subscription_id, error=str(error))
            due_at = now() + dt.timedelta(seconds=backoff_s(attempt, 60.0, max_s=86400.0))
            with transaction() as write_session:
                write_session.execute(update(PendingCancellation).where(is_this_one).values(due_at=due_at, attempts=attempt))
        else:
            with transaction() as write_session:
                write_session.execute(delete(PendingCancellation).where(is_this_one))
