"""Buying: checkout of plans and credits, the customer's portal, changes and cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

import errors
from database import session, transaction
from lib.clock import now
from models import BillingCustomer, Subscription
from services.accounts import Caller
from services.payments import PaymentProvider
from services.payments.port import PaymentsOff, ReturnPages
from services.subscriptions import cancellations, entitlements
from services.subscriptions.copies import Copies
from services.subscriptions.plans import PlanTable


class AlreadySubscribed(errors.Conflict):
    """You have a subscription already."""

    code = "already_subscribed"
    hint = "Change its plan instead: POST /api/v1/subscriptions/change."


class NotSubscribed(errors.Conflict):
    """You have no subscription that can be changed."""

    code = "not_subscribed"
    hint = "Buy a plan first: POST /api/v1/subscriptions/checkout."


@dataclass(frozen=True)
class StartedCheckout:
    id: str
    url: str


@dataclass(frozen=True)
class Billing:
    """Buys for callers. `provider` is None if the server takes no payments."""

    provider: PaymentProvider | None
    plans: PlanTable

    def checkout(self, caller: Caller, pages: ReturnPages, *, plan: str = "", price_id: str = "", quantity: int = 1) -> StartedCheckout:
        """Begin the checkout of a plan, by its name or a price, or of credits, by the price of a pack.

        Raises PaymentsOff, AlreadySubscribed, NotFound and ValidationFailed.
        """
        provider = self._provider()
        is_pack = price_id in self.plans.packs
        if not is_pack:
            price_id = self._price_of(plan, price_id)
            if open_rows := _not_ended(caller.user_id):
                raise AlreadySubscribed(f"Your plan is {self.plans.title(open_rows[0].plan)}.")
        elif plan:
            raise errors.ValidationFailed("send either a plan or the price of a pack of credits")
        customer_id = self._customer(provider, caller)
        if not is_pack:
            if provider.open_subscriptions(customer_id):  # its event has not arrived yet
                raise AlreadySubscribed
            provider.expire_checkouts(customer_id)
        return StartedCheckout(
            *provider.start_checkout(customer_id, price_id, quantity if is_pack else 1, pages, is_subscription=not is_pack)
        )

    def portal_url(self, caller: Caller, return_url: str) -> str:
        """Return the URL of the customer's page at the provider. Raises PaymentsOff and NotSubscribed."""
        provider = self._provider()
        customer_id = _find_customer_id(caller.user_id)
        if customer_id is None:
            raise NotSubscribed
        return provider.open_portal(customer_id, return_url)

    def change(self, caller: Caller, plan: str, price_id: str = "") -> None:
        """Change to a larger plan at once, or to a smaller one at the end of the period. Raises NotSubscribed, NotFound.

        A change to the current plan withdraws a scheduled downgrade or cancellation. Raises PaymentDeclined if an upgrade can't be charged.
        """
        provider, row = self._provider(), self._subscription(caller)
        price_id = self._price_of(plan, price_id)
        state = provider.subscription(row.id)
        is_upgrade = self.plans.rank(plan) > self.plans.rank(row.plan)
        if is_upgrade:
            provider.change_now(state, price_id)
        elif price_id != state.price_id:
            provider.change_at_period_end(state, price_id)
        else:
            provider.keep(state)
        Copies(provider, self.plans).update_subscription(state.id)

    def cancel(self, caller: Caller) -> None:
        """Cancel all subscriptions: at the end of the period that is paid for, or else at once. Raises NotSubscribed."""
        provider = self._provider()
        subscriptions = [(row.id, row.entitled_until is None or row.entitled_until > now()) for row in _not_ended(caller.user_id)]
        if not subscriptions:
            raise NotSubscribed
        for subscription_id, is_in_effect in subscriptions:
            provider.cancel(subscription_id, at_period_end=is_in_effect)
            Copies(provider, self.plans).update_subscription(subscription_id)

    def _provider(self) -> PaymentProvider:
        if self.provider is None:
            raise PaymentsOff
        return self.provider

    def _subscription(self, caller: Caller) -> Subscription:
        row = entitlements.current(session(), caller.user_id)
        if row is None or row.status == entitlements.MANUAL:
            raise NotSubscribed
        return row

    def _price_of(self, plan: str, price_id: str) -> str:
        prices = self.plans.get(plan).price_ids if plan else ()
        if price_id and (price_id in prices or (not plan and self.plans.of_price(price_id))):
            return price_id
        if price_id:
            raise errors.ValidationFailed(
                "price_id: it is no price of this plan." if plan else "price_id: it buys neither a plan nor credits."
            )
        if not plan:
            raise errors.ValidationFailed("plan or price_id is required")
        if not prices:
            raise errors.Conflict("This plan cannot be bought.", hint="The operator can set its price in PLANS.")
        return prices[0]

    def _customer(self, provider: PaymentProvider, caller: Caller) -> str:
        customer_id = _find_customer_id(caller.user_id)
        if customer_id is not None:
            return customer_id
        customer_id = provider.create_customer(caller.user_id, caller.email)
        with transaction() as write_session:
            row = write_session.get(BillingCustomer, caller.user_id, with_for_update=True)
            if row is None:
                row = BillingCustomer(user_id=caller.user_id, customer_id=customer_id)
                write_session.add(row)
            return row.customer_id


def _not_ended(user_id: str) -> Sequence[Subscription]:
    """Return the user's subscriptions that may still be charged, the largest plan first."""
    query = select(Subscription).where(Subscription.user_id == user_id, Subscription.status.not_in(cancellations.FINAL_STATUSES))
    return session().execute(query.order_by(Subscription.plan_rank.desc(), Subscription.id)).scalars().all()


def _find_customer_id(user_id: str) -> str | None:
    return session().execute(select(BillingCustomer.customer_id).where(BillingCustomer.user_id == user_id)).scalar_one_or_none()
