"""Plans and payments, with a local server that speaks Stripe's protocol."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from bootstrap import Container
from config.groups.plans import Plan
from database import session
from models import PaymentEvent, PendingCancellation
from scripts.stripe_server import KEY, WEBHOOK_SECRET, StripeServer, serve, sign
from services.subscriptions import cancellations, events
from services.subscriptions.copies import Copies
from services.subscriptions.plans import PlanTable
from tests.conftest import PASSWORD, User

PLANS = (
    Plan(name="free"),
    Plan(name="pro", title="Pro", monthly_credits=600, price_ids=("price_pro",), quota_jobs=7, priority=1),
    Plan(name="enterprise", title="Enterprise", monthly_credits=6000, price_ids=("price_enterprise",), priority=2),
)
AMOUNTS = {"price_pro": 2900, "price_enterprise": 29900, "price_pack": 500}


@dataclass
class Shop:
    app: Flask
    stripe: StripeServer
    copies: Copies

    def deliver(self, events_: list[dict[str, Any]], **signature: Any) -> list[int]:
        """Send events as Stripe does, and handle what was stored. Return the statuses."""
        http = self.app.test_client()
        statuses = []
        for event in events_:
            payload = json.dumps(event)
            headers = {"Stripe-Signature": sign(payload, **signature), "Content-Type": "application/json"}
            statuses.append(http.post("/api/v1/subscriptions/webhook", data=payload, headers=headers).status_code)
        self.handle()
        return statuses

    def handle(self) -> None:
        with self.app.app_context():
            while events.handle_due(self.copies):
                pass

    def deliver_new(self, after: int) -> int:
        """Deliver the events after a number; return the number of all."""
        assert set(self.deliver(self.stripe.events[after:])) <= {200}
        return len(self.stripe.events)


@pytest.fixture
def shop(app: Flask, settings: Any) -> Iterator[Shop]:
    app.extensions["lectern"].shut_down(wait_s=0)
    stripe = StripeServer(AMOUNTS)
    with serve(stripe) as url:
        secrets = {"stripe_secret_key": SecretStr(KEY), "stripe_webhook_secret": SecretStr(WEBHOOK_SECRET), "stripe_api_url": url}
        credits = {"credits_enabled": True, "credit_packs": {"price_pack": 10}, "plans": PLANS}
        container = app.extensions["lectern"] = Container(app, settings.model_copy(update=secrets | credits))
        container.make_ready()
        container.shut_down(wait_s=0)  # events are handled when the test says so
        yield Shop(app, stripe, Copies(container.payments, PlanTable.from_settings(container.settings)))


def buy(shop: Shop, user: User, **what: Any) -> str:
    """Buy something; return the id of the subscription or of the charge."""
    response = user.post("/api/v1/subscriptions/checkout", json=what)
    assert response.status_code == 200, response.text
    assert response.json["redirectUrl"] == response.json["url"]
    return shop.stripe.complete(response.json["session_id"])


def state_of(user: User) -> dict[str, Any]:
    current = user.get("/api/v1/subscriptions/current").json
    balance = user.get("/api/v1/credits/balance").json
    facts = {name: current[name] for name in ("plan", "status", "next_plan", "in_effect", "cancel_at_period_end", "current_period_end")}
    grants = sorted((each["source"], each["amount"], each["left"]) for each in balance["grants"])
    return {**facts, "available": balance["available"], "grants": grants}


def test_a_plan_is_bought_changed_and_cancelled(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    listed = user.get("/api/v1/subscriptions/plans").json
    assert [(plan["name"], plan["can_be_bought"]) for plan in listed["plans"]] == [("free", False), ("pro", True), ("enterprise", True)]
    subscription = buy(shop, user, plan="pro")
    assert state_of(user)["plan"] == "free"
    delivered = shop.deliver_new(0)
    state = state_of(user)
    assert (state["plan"], state["status"], state["available"]) == ("pro", "active", 600)
    assert user.get("/api/v1/auth/me").json["subscription_tier"] == "pro"
    again = user.post("/api/v1/subscriptions/checkout", json={"plan": "enterprise"})
    assert (again.status_code, again.json["code"]) == (409, "already_subscribed")
    assert user.post("/api/v1/subscriptions/portal").json["url"].startswith("https://billing.example/cus_")

    upgraded = user.post("/api/v1/subscriptions/change", json={"plan": "enterprise"}).json
    assert upgraded["plan"] == "enterprise"
    delivered = shop.deliver_new(delivered)
    assert state_of(user)["available"] == 600 + 2662  # half a month of the difference, rounded up
    lowered = user.post("/api/v1/subscriptions/change", json={"plan": "pro"}).json
    assert (lowered["plan"], lowered["next_plan"]) == ("enterprise", "pro")
    shop.stripe.renew(subscription)
    delivered = shop.deliver_new(delivered)
    assert (state_of(user)["plan"], state_of(user)["next_plan"]) == ("pro", "")

    cancelled = user.post("/api/v1/subscriptions/cancel").json
    assert (cancelled["plan"], cancelled["cancel_at_period_end"]) == ("pro", True)
    shop.stripe.renew(subscription)
    shop.deliver_new(delivered)
    assert (state_of(user)["plan"], state_of(user)["status"]) == ("free", "canceled")
    assert user.post("/api/v1/subscriptions/cancel").json["code"] == "not_subscribed"


def test_credits_are_bought_once_and_taken_back_with_their_payment(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    charge = buy(shop, user, price_id="price_pack", quantity=3)
    delivered = shop.deliver_new(0)
    assert state_of(user)["grants"] == [("bought", 30, 30)]
    shop.stripe.refund(charge, 500)
    shop.deliver_new(delivered)
    shop.deliver_new(0)  # everything again
    assert state_of(user)["grants"] == [("bought", 30, 20)]
    assert user.post("/api/v1/subscriptions/checkout", json={"price_id": "price_unknown"}).status_code == 422
    assert user.post("/api/v1/subscriptions/checkout", json={}).status_code == 422
    assert user.post("/api/v1/subscriptions/checkout", json={"plan": "gold"}).status_code == 404


def test_a_late_payment_has_a_grace(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    subscription = buy(shop, user, plan="pro")
    delivered = shop.deliver_new(0)
    shop.stripe.renew(subscription, paid=False)
    delivered = shop.deliver_new(delivered)
    state = state_of(user)
    assert (state["plan"], state["status"], state["available"]) == ("pro", "past_due", 600)
    shop.stripe.pay_late(subscription)
    shop.deliver_new(delivered)
    assert state_of(user)["status"] == "active"


def live(stripe: StripeServer, subscription: str) -> Iterator[None]:
    """Let things happen to a subscription, one at a time."""
    customer = stripe.objects[subscription]["customer"]
    yield
    stripe.change_price(subscription, "price_enterprise")
    yield
    for amount in (1000, 450):
        stripe.refund(stripe.charges(customer)[0], amount)
        yield
    stripe.renew(subscription, paid=False)
    yield
    stripe.pay_late(subscription)
    yield


def test_events_in_any_order_end_in_the_same_state(shop: Shop) -> None:
    chance = random.Random(5)
    ordered, shuffled = User(shop.app, "ordered@example.org"), User(shop.app, "shuffled@example.org")
    histories: dict[str, list[dict[str, Any]]] = {}
    for user in (ordered, shuffled):
        begin = delivered = len(shop.stripe.events)
        subscription = buy(shop, user, plan="pro")
        for _ in live(shop.stripe, subscription):
            if user is ordered:
                delivered = shop.deliver_new(delivered)
        histories[user.email] = shop.stripe.events[begin:]
    mixed = histories[shuffled.email] * 3
    chance.shuffle(mixed)
    assert set(shop.deliver(mixed[:9], secret="whsec_wrong")) == {400}
    assert set(shop.deliver(mixed[:9], at=time.time() - 3600)) == {400}
    assert set(shop.deliver(mixed)) == {200}
    first, second = state_of(ordered), state_of(shuffled)
    assert first == second
    assert (first["plan"], first["status"]) == ("enterprise", "active")
    assert ("plan", 600, 300) in first["grants"]
    with shop.app.app_context():
        assert len(session().execute(select(PaymentEvent)).all()) == len({each["id"] for each in shop.stripe.events})


def test_events_wait_while_stripe_is_down(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    buy(shop, user, plan="pro")
    shop.stripe.is_down = True
    assert set(shop.deliver(shop.stripe.events)) == {200}
    assert state_of(user)["plan"] == "free"
    down = user.post("/api/v1/subscriptions/checkout", json={"plan": "pro"})
    assert (down.status_code, down.json["code"]) == (503, "provider_down")
    shop.stripe.is_down = False
    from database import transaction
    from lib.clock import now

    with shop.app.app_context(), transaction() as write_session:
        for row in write_session.execute(select(PaymentEvent).where(PaymentEvent.due_at.is_not(None))).scalars():
            row.due_at = now()
    shop.handle()
    assert state_of(user)["plan"] == "pro"


def test_deleting_an_account_cancels_its_subscription(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    subscription = buy(shop, user, plan="pro")
    shop.deliver_new(0)
    assert user.delete("/api/v1/users/me", json={"password": PASSWORD}).status_code == 200
    with shop.app.app_context():
        cancellations.run_due(shop.copies.provider)
        assert session().execute(select(PendingCancellation)).first() is None
    assert shop.stripe.objects[subscription]["status"] == "canceled"
    assert set(shop.deliver(shop.stripe.events)) == {200}  # events about an unknown customer change nothing


def test_a_server_without_payments_says_so(app: Flask, user: User) -> None:
    assert user.post("/api/v1/subscriptions/checkout", json={"plan": "pro"}).json["code"] == "payments_off"
    assert user.get("/api/v1/subscriptions/current").json["status"] == "free"
