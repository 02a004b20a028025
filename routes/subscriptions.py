"""Plans, the caller's subscription, and events of the payment provider."""

from __future__ import annotations

from typing import Any

from flask import request

from routes.caller import caller, login_required, session_required
from routes.container import billing, container, plan_table
from routes.endpoints import Blueprint, endpoint
from routes.urls import path_url
from schemas.subscriptions import ChangePlanIn, CheckoutIn, CheckoutOut, PlansOut, PortalOut, ReceivedOut, SubscriptionOut
from services.payments.port import PaymentsOff, ReturnPages
from services.subscriptions import events, standing

subscriptions = Blueprint("subscriptions", __name__, scope="account", tag="Plans")
_PAYMENTS = {409: "The server takes no payments, or the subscription is in another state", 502: "The payment provider refuses"}


@subscriptions.get("/plans")
@endpoint(scope="open")
@subscriptions.output(PlansOut)
def list_plans() -> Any:
    """List the plans of this server, and the packs of credits that can be bought."""
    return PlansOut.of(plan_table(), payments=container().payments is not None)


@subscriptions.get("/current")
@login_required
@subscriptions.output(SubscriptionOut)
def show_current() -> Any:
    """Show the caller's plan and subscription."""
    return _current()


@subscriptions.post("/checkout")
@session_required
@subscriptions.input(CheckoutIn)
@subscriptions.output(CheckoutOut)
@subscriptions.doc(responses={404: "Unknown plan", **_PAYMENTS})
def start_checkout(json_data: CheckoutIn) -> Any:
    """Begin to buy a plan or credits; the response has the URL of the payment provider's page."""
    pages = ReturnPages(path_url("/account?checkout=done"), path_url("/account?checkout=cancelled"))
    fields = json_data.model_dump()
    return CheckoutOut.of(billing().checkout(caller(), pages, **fields))


@subscriptions.post("/portal")
@session_required
@subscriptions.output(PortalOut)
@subscriptions.doc(responses=_PAYMENTS)
def open_portal() -> Any:
    """Return the URL of the payment provider's page for cards, invoices and cancellation."""
    return PortalOut(url=billing().portal_url(caller(), path_url("/account")))


@subscriptions.post("/change")
@session_required
@subscriptions.input(ChangePlanIn)
@subscriptions.output(SubscriptionOut)
@subscriptions.doc(responses={404: "Unknown plan", **_PAYMENTS})
def change_plan(json_data: ChangePlanIn) -> Any:
    """Change to a larger plan at once, or to a smaller one when the period ends."""
    billing().change(caller(), json_data.plan, json_data.price_id)
    return _current()


@subscriptions.post("/cancel")
@session_required
@subscriptions.output(SubscriptionOut)
@subscriptions.doc(responses=_PAYMENTS)
def cancel_subscription() -> Any:
    """Cancel the subscription; its plan stays until the end of the period that is paid for."""
    billing().cancel(caller())
    return _current()


@subscriptions.post("/webhook")
@endpoint(scope="open")
@subscriptions.output(ReceivedOut)
@subscriptions.doc(responses={400: "The signature is missing, wrong or too old", 409: "The server takes no payments"})
def receive_event() -> Any:
    """Receive an event of Stripe. It is stored, and handled within seconds."""
    provider = container().payments
    if provider is None:
        raise PaymentsOff
    events.store(provider.read_event(request.get_data(), request.headers.get("Stripe-Signature", "")))
    return ReceivedOut()


def _current() -> SubscriptionOut:
    plans = plan_table()
    state = standing.of(caller().user_id)
    return SubscriptionOut.of(state.current, state.newest, plans)
