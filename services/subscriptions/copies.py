"""Copies of the payment provider's objects.

An event only says that an object has changed. The object is fetched, and its copy is replaced unless the copy comes from a later request:
so events may arrive in any order, repeatedly and at the same time.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from database import insert_into, transaction
from lib.clock import now
from models import BillingCustomer, CreditEntry, CreditGrant, CreditTransaction, PaymentObject, Subscription
from services.credits import grants
from services.credits.grants import NewGrant, Source
from services.credits.ledger import Account, Cause, lock_account
from services.payments import PaymentProvider
from services.payments.port import ChargeState, InvoiceLine, InvoiceState, SubscriptionState
from services.subscriptions import cancellations
from services.subscriptions.plans import PlanTable

_MONTH = dt.timedelta(days=30.4375)
_RENEWAL_SLACK = dt.timedelta(days=1)  # until the provider has charged the next period
_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ACTIVE_STATUSES, _LATE_STATUSES = ("active", "trialing"), ("past_due",)


@dataclass(frozen=True)
class Copies:
    """Fetches objects and stores what they mean. The methods raise PaymentRefused and TransientError."""

    provider: PaymentProvider
    plans: PlanTable

    def update_subscription(self, subscription_id: str) -> None:
        request = _request(subscription_id)
        state = self.provider.subscription(subscription_id)
        with transaction() as write_session:
            user_id = _user_of(write_session, state.customer_id)
            if user_id is None:
                cancellations.schedule_orphan(write_session, state)
            elif _is_newest(write_session, subscription_id, request):
                self._store_subscription(write_session, user_id, state)

    def update_invoice(self, invoice_id: str) -> None:
        """Give the credits of a paid invoice."""
        state = self.provider.invoice(invoice_id)
        if state.subscription_id:
            self.update_subscription(state.subscription_id)
        if not state.is_paid:
            return
        with transaction() as write_session:
            user_id = _user_of(write_session, state.customer_id)
            if user_id is not None:
                for grant in _grants_of(state, self.plans):
                    grants.add(write_session, user_id, grant)

    def update_checkout(self, checkout_id: str) -> None:
        """Give the credits that were bought once; a subscription that was bought has its own events."""
        state = self.provider.checkout(checkout_id)
        if state.subscription_id:
            self.update_subscription(state.subscription_id)
        credits = self.plans.packs.get(state.price_id, 0) * state.quantity
        if not credits or not state.is_paid or state.subscription_id:
            return
        expires_at = now() + dt.timedelta(days=self.plans.bought_credits_days)
        grant = NewGrant(
            f"checkout:{state.id}", Source.BOUGHT, credits, "Bought", reference=state.payment_id or state.id, expires_at=expires_at
        )
        with transaction() as write_session:
            user_id = _user_of(write_session, state.customer_id)
            if user_id is not None:
                grants.add(write_session, user_id, grant)
        for charge_id in self.provider.charges_of(state.payment_id) if state.payment_id else ():
            self.update_charge(charge_id)  # it may have been refunded before

    def update_charge(self, charge_id: str) -> None:
        """Take back the share of the credits that was refunded."""
        request = _request(charge_id)
        state = self.provider.charge(charge_id)
        if not state.refunded or not state.amount:
            return
        if state.invoice_id:
            self.update_invoice(state.invoice_id)  # its own event may come later
        with transaction() as write_session:
            references = [each for each in (state.invoice_id, state.payment_id) if each]
            query = select(CreditGrant).where(CreditGrant.reference.in_(references)).order_by(CreditGrant.user_id, CreditGrant.id)
            grants = write_session.execute(query).scalars().all()
            if grants and _is_newest(write_session, charge_id, request):
                for grant in grants:
                    _revoke_share(write_session, grant, state)

    def _store_subscription(self, write_session: Session, user_id: str, state: SubscriptionState) -> None:
        plan = self.plans.of_price(state.price_id)
        next_plan = self.plans.of_price(state.next_price_id)
        row = write_session.get(Subscription, state.id) or Subscription(id=state.id, user_id=user_id)
        row.plan, row.plan_rank = (plan.name, self.plans.rank(plan.name)) if plan else (self.plans.default.name, 0)
        row.next_plan = next_plan.name if next_plan and next_plan is not plan else ""
        row.status, row.price_id, row.cancels_at_period_end = state.status, state.price_id, state.cancels_at_period_end
        row.period_start, row.period_end = state.period_start, state.period_end
        row.entitled_until = entitled_until(state, self.plans.grace_days)
        for name in ("quota_bytes", "quota_jobs", "quota_uploads"):
            setattr(row, name, getattr(plan, name) if plan else None)
        row.priority = plan.priority if plan else 0
        write_session.add(row)


def entitled_until(state: SubscriptionState, grace_days: int) -> dt.datetime:
    """Return when the plan of a subscription ends without another payment; a late payment has a grace from the start of the period."""
    if state.status in _ACTIVE_STATUSES:
        return state.period_end if state.cancels_at_period_end else state.period_end + _RENEWAL_SLACK
    return state.period_start + dt.timedelta(days=grace_days) if state.status in _LATE_STATUSES else _LONG_AGO


def _grants_of(invoice: InvoiceState, plans: PlanTable) -> Iterator[NewGrant]:
    """Yield the credits that an invoice pays for: by month of a period, and the difference of plans after a change within a period."""
    prorations = [line for line in invoice.lines if line.is_proration and plans.of_price(line.price_id)]
    for number, line in enumerate(invoice.lines):
        plan = plans.of_price(line.price_id)
        if line in prorations or plan is None or line.amount < 0 or not plan.monthly_credits:
            continue
        months = max(1, round((line.end - line.start) / _MONTH))
        for month in range(months):
            start, end = (line.start + (line.end - line.start) * part / months for part in (month, month + 1))
            key, credits = f"invoice:{invoice.id}:{number}:{month}", plan.monthly_credits * line.quantity
            text = f"Plan {plan.title or plan.name}"
            yield NewGrant(key, Source.PLAN, credits, text, reference=invoice.id, starts_at=start, expires_at=end)
    difference = _prorate(prorations, plans)
    if difference > 0:
        start, end = min(line.start for line in prorations), max(line.end for line in prorations)
        key = f"invoice:{invoice.id}:change"
        yield NewGrant(key, Source.PLAN, difference, "Change of plan", reference=invoice.id, starts_at=start, expires_at=end)


def _prorate(lines: Sequence[InvoiceLine], plans: PlanTable) -> int:
    """Return the credits of the new plan for the rest of the period less those of the old one."""
    total = 0.0
    for line in lines:
        plan = plans.of_price(line.price_id)
        credits = (plan.monthly_credits if plan else 0) * line.quantity * ((line.end - line.start) / _MONTH)
        total += math.copysign(credits, line.amount)
    return math.ceil(round(total, 6))


def _revoke_share(write_session: Session, grant: CreditGrant, charge: ChargeState) -> None:
    prefix = f"revoke:{charge.id}:{grant.id}:"
    query = select(func.coalesce(func.sum(CreditEntry.amount), 0)).join(
        CreditTransaction, CreditTransaction.id == CreditEntry.transaction_id
    )
    lock_account(write_session, grant.user_id)
    write_session.refresh(grant)
    is_refund = or_(CreditTransaction.key.startswith(prefix), CreditTransaction.key.startswith(grants.collection_prefix(grant.id)))
    query = query.where(CreditEntry.grant_id == grant.id, CreditEntry.account == Account.REVOKED, is_refund)
    taken_back = int(write_session.execute(query).scalar_one()) + grant.owed
    due_credits = math.ceil(grant.amount * charge.refunded / charge.amount) - taken_back
    if due_credits > 0:
        cause = Cause(f"{prefix}{charge.refunded}", "revoke", "Payment refunded")
        grant.owed += due_credits - grants.revoke(write_session, grant, due_credits, cause)


def _user_of(session: Session, customer_id: str) -> str | None:
    return session.execute(select(BillingCustomer.user_id).where(BillingCustomer.customer_id == customer_id)).scalar_one_or_none()


def _request(object_id: str) -> int:
    """Count a request for an object, before it is fetched. Return its number."""
    with transaction() as write_session:
        values = {"object_id": object_id, "requested": 0, "stored": 0}
        write_session.execute(insert_into(PaymentObject, write_session).values(**values).on_conflict_do_nothing())
        count = update(PaymentObject).where(PaymentObject.object_id == object_id).values(requested=PaymentObject.requested + 1)
        return int(write_session.execute(count.returning(PaymentObject.requested)).scalar_one())


def _is_newest(write_session: Session, object_id: str, request: int) -> bool:
    """Return whether no later request has been stored, and note this one."""
    query = select(PaymentObject.stored).where(PaymentObject.object_id == object_id).with_for_update()
    if write_session.execute(query).scalar_one() >= request:
        return False
    write_session.execute(update(PaymentObject).where(PaymentObject.object_id == object_id).values(stored=request))
    return True
