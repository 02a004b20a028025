"""Payments with Stripe, by its official library over our own HTTP client. Responses of the API versions since 2022 are understood."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import stripe

import errors
from lib import http_client
from services.payments.port import (
    BadSignature,
    ChargeState,
    CheckoutState,
    Event,
    InvoiceLine,
    InvoiceState,
    NoSuchObject,
    PaymentDeclined,
    PaymentRefused,
    PriceState,
    ReturnPages,
    SubscriptionState,
)

if TYPE_CHECKING:
    from config import Settings

_TIMEOUT_S = 30.0
_RETRIES = 1
_MAX_EVENT_AGE_S = 300
_FINAL_STATUSES = ("canceled", "incomplete_expired")


class _Transport(stripe.HTTPClient):
    """Sends the library's requests. The URL is the operator's, so private addresses are allowed."""

    name = "lectern"

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, *, _usage: list[str] | None = None
    ) -> tuple[str, int, Mapping[str, str]]:
        body = post_data.encode() if isinstance(post_data, str) else post_data
        try:
            response = http_client.send(method.upper(), url, body, headers or {}, timeout_s=_TIMEOUT_S, allow_private=True)
        except errors.TransientError as error:
            raise stripe.APIConnectionError(str(error), should_retry=True) from error  # type: ignore[no-untyped-call]
        return response.text, response.status, response.headers

    def close(self) -> None:
        """Do nothing: each request has its own connection."""


class StripePayments:
    """See services/payments/port.py."""

    def __init__(self, secret_key: str, webhook_secret: str, api_url: str) -> None:
        self._webhook_secret = webhook_secret
        addresses: Any = {"api": api_url.rstrip("/")}
        self._client = stripe.StripeClient(secret_key, base_addresses=addresses, http_client=_Transport(), max_network_retries=_RETRIES)

    @classmethod
    def from_settings(cls, settings: Settings) -> StripePayments:
        return cls(
            settings.stripe_secret_key.get_secret_value(), settings.stripe_webhook_secret.get_secret_value(), settings.stripe_api_url
        )

    def create_customer(self, user_id: str, email: str) -> str:
        metadata, idempotency_key = {"user_id": user_id}, f"customer-{user_id}"
        return str(self._call("post", "/v1/customers", email=email, metadata=metadata, idempotency_key=idempotency_key)["id"])

    def start_checkout(
        self, customer_id: str, price_id: str, quantity: int, pages: ReturnPages, *, is_subscription: bool
    ) -> tuple[str, str]:
        data = self._call(
            "post",
            "/v1/checkout/sessions",
            mode="subscription" if is_subscription else "payment",
            customer=customer_id,
            line_items=[{"price": price_id, "quantity": quantity}],
            success_url=pages.success,
            cancel_url=pages.cancel,
        )
        return str(data["id"]), str(data["url"])

    def price(self, price_id: str) -> PriceState:
        data = self._call("get", f"/v1/prices/{price_id}")
        return PriceState(str(data["id"]), bool(data.get("active")), data.get("type") == "recurring")

    def open_portal(self, customer_id: str, return_url: str) -> str:
        return str(self._call("post", "/v1/billing_portal/sessions", customer=customer_id, return_url=return_url)["url"])

    def expire_checkouts(self, customer_id: str) -> None:
        checkouts = self._call("get", "/v1/checkout/sessions", customer=customer_id, status="open", limit=100)["data"]
        for checkout in checkouts:
            self._call("post", f"/v1/checkout/sessions/{checkout['id']}/expire")

    def open_subscriptions(self, customer_id: str) -> Sequence[str]:
        subscriptions = self._call("get", "/v1/subscriptions", customer=customer_id, status="all", limit=100)["data"]
        return [str(each["id"]) for each in subscriptions if each["status"] not in _FINAL_STATUSES]

    def charges_of(self, payment_id: str) -> Sequence[str]:
        charges = self._call("get", "/v1/charges", payment_intent=payment_id, limit=100)["data"]
        return [str(each["id"]) for each in charges]

    def subscription(self, subscription_id: str) -> SubscriptionState:
        data = self._call("get", f"/v1/subscriptions/{subscription_id}")
        schedule_id = _id(data.get("schedule"))
        schedule = self._call("get", f"/v1/subscription_schedules/{schedule_id}") if schedule_id else {}
        return _subscription(data, schedule)

    def invoice(self, invoice_id: str) -> InvoiceState:
        data = self._call("get", f"/v1/invoices/{invoice_id}")
        lines, page = list(data["lines"]["data"]), data["lines"]
        while page.get("has_more"):
            page = self._call("get", f"/v1/invoices/{invoice_id}/lines", starting_after=lines[-1]["id"], limit=100)
            lines += page["data"]
        parent = (data.get("parent") or {}).get("subscription_details") or {}
        subscription_id = _id(data.get("subscription")) or _id(parent.get("subscription"))
        return InvoiceState(
            data["id"], _id(data.get("customer")), subscription_id, data.get("status") == "paid", [_line(each) for each in lines]
        )

    def charge(self, charge_id: str) -> ChargeState:
        data = self._call("get", f"/v1/charges/{charge_id}")
        payment_id, invoice_id = _id(data.get("payment_intent")), _id(data.get("invoice"))
        if payment_id and not invoice_id:
            payment = {"type": "payment_intent", "payment_intent": payment_id}
            payments = self._call("get", "/v1/invoice_payments", payment=payment, limit=1)["data"]
            invoice_id = _id(payments[0].get("invoice")) if payments else ""
        return ChargeState(data["id"], int(data["amount"]), int(data.get("amount_refunded") or 0), invoice_id, payment_id)

    def checkout(self, checkout_id: str) -> CheckoutState:
        data = self._call("get", f"/v1/checkout/sessions/{checkout_id}", expand=["line_items"])
        lines = (data.get("line_items") or {}).get("data") or []
        line = lines[0] if lines else {}
        return CheckoutState(
            data["id"],
            _id(data.get("customer")),
            data.get("payment_status") in ("paid", "no_payment_required"),
            _id(line.get("price")),
            int(line.get("quantity") or 0),
            _id(data.get("payment_intent")),
            _id(data.get("subscription")),
        )

    def change_now(self, subscription: SubscriptionState, price_id: str) -> None:
        self._end_schedule(subscription)
        items = [{"id": subscription.item_id, "price": price_id}]
        path = f"/v1/subscriptions/{subscription.id}"
        how = {"proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
        try:
            self._call("post", path, items=items, cancel_at_period_end=False, **how)
        except errors.LecternError:
            with contextlib.suppress(errors.LecternError):  # the first error counts
                # Without a response, the change may have been made.
                if subscription.next_price_id and self.subscription(subscription.id).price_id == subscription.price_id:
                    self.change_at_period_end(replace(subscription, schedule_id=""), subscription.next_price_id)
            raise

    def change_at_period_end(self, subscription: SubscriptionState, price_id: str) -> None:
        if subscription.cancels_at_period_end:
            self._set_cancellation(subscription.id, False)
        try:
            self._schedule(subscription, price_id)
        except errors.LecternError:
            if subscription.cancels_at_period_end:
                self._set_cancellation(subscription.id, True)
            raise

    def _schedule(self, subscription: SubscriptionState, price_id: str) -> None:
        schedule_id = subscription.schedule_id
        if not schedule_id:
            schedule_id = self._call("post", "/v1/subscription_schedules", from_subscription=subscription.id)["id"]
        start, end = int(subscription.period_start.timestamp()), int(subscription.period_end.timestamp())
        current = {"items": [{"price": subscription.price_id, "quantity": 1}], "start_date": start, "end_date": end}
        phases = [current, {"items": [{"price": price_id, "quantity": 1}], "start_date": end}]
        self._call("post", f"/v1/subscription_schedules/{schedule_id}", phases=phases, end_behavior="release", proration_behavior="none")

    def keep(self, subscription: SubscriptionState) -> None:
        self._end_schedule(subscription)
        if subscription.cancels_at_period_end:
            self._set_cancellation(subscription.id, False)

    def _end_schedule(self, subscription: SubscriptionState) -> None:
        if subscription.schedule_id:
            self._release(subscription.schedule_id)

    def _set_cancellation(self, subscription_id: str, at_period_end: bool) -> None:
        self._call("post", f"/v1/subscriptions/{subscription_id}", cancel_at_period_end=at_period_end)

    def _release(self, schedule_id: str) -> None:
        self._call("post", f"/v1/subscription_schedules/{schedule_id}/release")

    def cancel(self, subscription_id: str, *, at_period_end: bool) -> None:
        try:
            if at_period_end:
                if schedule_id := _id(self._call("get", f"/v1/subscriptions/{subscription_id}").get("schedule")):
                    self._release(schedule_id)
                self._set_cancellation(subscription_id, True)
            else:
                self._call("delete", f"/v1/subscriptions/{subscription_id}")
        except NoSuchObject:
            return

    def read_event(self, payload: bytes, signature: str) -> Event:
        try:
            text = payload.decode()
            stripe.WebhookSignature.verify_header(text, signature, self._webhook_secret, _MAX_EVENT_AGE_S)
            event = json.loads(text)
            event_object = event["data"]["object"]
            return Event(
                str(event["id"])[:255],
                str(event["type"])[:100],
                str(event_object.get("object", ""))[:40],
                str(event_object.get("id") or "")[:255],
            )
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadSignature(str(error)[:200]) from error

    def _call(self, method: str, path: str, **fields: Any) -> dict[str, Any]:
        try:
            data: Any = self._client.raw_request(method, path, **fields).data
        except stripe.CardError as error:
            raise PaymentDeclined(str(error.user_message or error)[:300]) from error
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                raise NoSuchObject(str(error.user_message or path)) from error
            raise PaymentRefused(str(error.user_message or error)[:300]) from error
        except (stripe.APIConnectionError, stripe.RateLimitError) as error:
            raise errors.ProviderDown(f"Stripe does not answer. {type(error).__name__}") from error
        except stripe.StripeError as error:
            if (error.http_status or 500) >= 500:
                raise errors.ProviderDown(f"Stripe answered {error.http_status}.") from error
            raise PaymentRefused(str(error.user_message or error)[:300]) from error
        return dict(data)


def _subscription(data: Mapping[str, Any], schedule: Mapping[str, Any]) -> SubscriptionState:
    items = (data.get("items") or {}).get("data")
    if not items:
        raise PaymentRefused(f"The subscription {data.get('id')} has no items.")
    item = items[0]
    start, end = (item.get(name) or data.get(name) for name in ("current_period_start", "current_period_end"))
    later_phases = [phase for phase in schedule.get("phases") or () if int(phase["start_date"]) >= int(end or 0)]
    cancels = bool(data.get("cancel_at_period_end")) or bool(data.get("cancel_at"))
    return SubscriptionState(
        data["id"],
        _id(data.get("customer")),
        str(data["status"]),
        _id(item.get("price")) or _id(item.get("plan")),
        _time(start),
        _time(end),
        cancels,
        _id(data.get("schedule")),
        _id(item),
        _id(later_phases[0]["items"][0].get("price")) if later_phases else "",
    )


def _line(line: Mapping[str, Any]) -> InvoiceLine:
    details = (line.get("pricing") or {}).get("price_details") or {}
    parent = (line.get("parent") or {}).get("subscription_item_details") or {}
    period = line["period"]
    return InvoiceLine(
        _id(details.get("price")) or _id(line.get("price")) or _id(line.get("plan")),
        int(line["amount"]),
        int(line.get("quantity") or 1),
        _time(period["start"]),
        _time(period["end"]),
        bool(line.get("proration") or parent.get("proration")),
    )


def _id(value: Any) -> str:
    """Return the id of an object that may be expanded; "" for None."""
    return str((value.get("id") if isinstance(value, Mapping) else value) or "")


def _time(seconds: Any) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(seconds), dt.UTC)
