"""The port to a payment provider. Amounts are in the smallest unit of a currency; times are aware UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import errors


class PaymentsOff(errors.Conflict):
    """This server takes no payments."""

    code = "payments_off"
    hint = "The operator can configure Stripe with STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET."


class BadSignature(errors.BadRequest):
    """The signature of this event is missing, wrong or too old."""

    code = "bad_signature"
    hint = "Check that STRIPE_WEBHOOK_SECRET is the secret of this webhook, and the clock of the server."


class PaymentRefused(errors.LecternError):
    """The payment provider refuses the request."""

    code = "payment_refused"
    status = 502
    hint = "The operator should check the key, the prices and the settings of the payment provider."


class NoSuchObject(PaymentRefused):
    """The payment provider does not know this object."""

    code = "payment_object_missing"


class PaymentDeclined(errors.LecternError):
    """The payment did not go through."""

    code = "payment_declined"
    status = 402
    hint = "Check or change the card on the page of POST /api/v1/subscriptions/portal, then try again."


@dataclass(frozen=True)
class Event:
    """A verified event: which object has changed. `object_kind` is the provider's word, such as `invoice`."""

    id: str
    type: str
    object_kind: str
    object_id: str


@dataclass(frozen=True)
class SubscriptionState:
    """A subscription. `status` is the provider's word: active, trialing, past_due, unpaid, canceled, incomplete, paused, ...

    `next_price_id`: the price from the end of the period, "" if it stays.
    """

    id: str
    customer_id: str
    status: str
    price_id: str
    period_start: dt.datetime
    period_end: dt.datetime
    cancels_at_period_end: bool
    schedule_id: str = ""
    item_id: str = ""
    next_price_id: str = ""


@dataclass(frozen=True)
class InvoiceLine:
    """A line of an invoice: a price for a period. A negative amount returns what was paid for unused time."""

    price_id: str
    amount: int
    quantity: int
    start: dt.datetime
    end: dt.datetime
    is_proration: bool


@dataclass(frozen=True)
class InvoiceState:
    id: str
    customer_id: str
    subscription_id: str
    is_paid: bool
    lines: Sequence[InvoiceLine]


@dataclass(frozen=True)
class ChargeState:
    """A payment. `invoice_id` is "" if it was for no invoice; `payment_id` identifies it in checkout sessions."""

    id: str
    amount: int
    refunded: int
    invoice_id: str
    payment_id: str


@dataclass(frozen=True)
class CheckoutState:
    """A checkout. `price_id` and `quantity`: what was bought once; `subscription_id` is "" then."""

    id: str
    customer_id: str
    is_paid: bool
    price_id: str
    quantity: int
    payment_id: str
    subscription_id: str


@dataclass(frozen=True)
class PriceState:
    """A price: `is_recurring` for subscriptions, otherwise for single payments; `is_active`: whether it can be bought."""

    id: str
    is_active: bool
    is_recurring: bool


@dataclass(frozen=True)
class ReturnPages:
    """The addresses that the provider's pages lead back to."""

    success: str
    cancel: str


class PaymentProvider(Protocol):
    """Raises PaymentRefused for what the provider refuses, NoSuchObject, and TransientError while it does not answer."""

    def create_customer(self, user_id: str, email: str) -> str:
        """Create a customer, once for a user, and return its id."""

    def start_checkout(
        self, customer_id: str, price_id: str, quantity: int, pages: ReturnPages, *, is_subscription: bool
    ) -> tuple[str, str]:
        """Begin a checkout; return its id and the URL of its page."""

    def price(self, price_id: str) -> PriceState: ...

    def open_portal(self, customer_id: str, return_url: str) -> str:
        """Return the URL of a page where the customer changes cards, invoices and the subscription."""

    def expire_checkouts(self, customer_id: str) -> None:
        """End the customer's checkouts that are not paid."""

    def open_subscriptions(self, customer_id: str) -> Sequence[str]:
        """Return the ids of a customer's subscriptions that have not ended."""

    def charges_of(self, payment_id: str) -> Sequence[str]:
        """Return the ids of the charges of a payment."""

    def subscription(self, subscription_id: str) -> SubscriptionState: ...

    def invoice(self, invoice_id: str) -> InvoiceState: ...

    def charge(self, charge_id: str) -> ChargeState: ...

    def checkout(self, checkout_id: str) -> CheckoutState: ...

    def change_now(self, subscription: SubscriptionState, price_id: str) -> None:
        """Change the price at once, if the difference for the rest of the period is paid; a change at its end is dropped only then.

        Raises PaymentDeclined.
        """

    def change_at_period_end(self, subscription: SubscriptionState, price_id: str) -> None:
        """Change the price when the period ends; a cancellation is dropped."""

    def keep(self, subscription: SubscriptionState) -> None:
        """Drop what would happen at the end of the period: a change of the price, or the cancellation."""

    def cancel(self, subscription_id: str, *, at_period_end: bool) -> None:
        """Cancel a subscription and its scheduled changes; one that no longer exists counts as cancelled."""

    def read_event(self, payload: bytes, signature: str) -> Event:
        """Verify an event. Raises BadSignature."""
