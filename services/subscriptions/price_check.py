"""Checks the prices of plans and packs at the payment provider, before a customer meets what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

from services.payments import PaymentProvider
from services.payments.port import NoSuchObject
from services.subscriptions.plans import PlanTable


def problems(provider: PaymentProvider, plans: PlanTable) -> list[str]:
    """Return what is wrong with the prices. Raises PaymentRefused and TransientError if the provider does not tell."""
    return [message for price_id, is_recurring in _expected(plans) if (message := _problem(provider, price_id, is_recurring))]


def _expected(plans: PlanTable) -> Iterator[tuple[str, bool]]:
    for plan in plans.plans:
        for price_id in plan.price_ids:
            yield price_id, True
    for price_id in plans.packs:
        yield price_id, False


def _problem(provider: PaymentProvider, price_id: str, is_recurring: bool) -> str:
    try:
        price = provider.price(price_id)
    except NoSuchObject:
        return f"there is no price {price_id}"
    if not price.is_active:
        return f"{price_id} is not active"
    if price.is_recurring != is_recurring:
        return f"{price_id} must be {'recurring, as it buys a plan' if is_recurring else 'for one payment, as it buys a pack of credits'}"
    return ""
