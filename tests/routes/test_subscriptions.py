"""Plans and payments, with a local server that speaks Stripe's protocol."""

from __future__ import annotations

import datetime as dt
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import pytest
from flask import Flask
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import select

from config.groups.plans import Plan
from database import session, transaction
from lib.clock import now
from models import PaymentEvent, PendingCancellation, Subscription
from models import User as UserRow
from pipelines.registry import PIPELINES
from scripts.stripe_server import KEY, WEBHOOK_SECRET, StripeServer, serve, sign
from services.credits import holds
from services.jobs import queue
from services.lessons.options import LessonOptions
from services.lessons.rendering.slides import render_mark
from services.lessons.script import LessonScript, Scene, Title
from services.media import assemble
from services.payments.port import PaymentDeclined
from services.payments.stripe_payments import StripePayments
from services.subscriptions import cancellations, entitlements, events
from services.subscriptions.copies import Copies
from services.subscriptions.plans import PlanTable
from tests.applications import run_with_settings
from tests.conftest import PASSWORD, User

PLANS = (
    Plan(name="free", watermark="Made with a trial"),
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
    stripe = StripeServer(AMOUNTS)
    with serve(stripe) as url:
        secrets = {"stripe_secret_key": SecretStr(KEY), "stripe_webhook_secret": SecretStr(WEBHOOK_SECRET), "stripe_api_url": url}
        credits = {"credits_enabled": True, "credit_packs": {"price_pack": 10}, "plans": PLANS}
        with run_with_settings(app, settings, **secrets, **credits) as container:
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
    plans = user.get("/api/v1/subscriptions/plans").json
    assert [(plan["name"], plan["can_be_bought"]) for plan in plans["plans"]] == [("free", False), ("pro", True), ("enterprise", True)]
    subscription = buy(shop, user, plan="pro")
    assert state_of(user)["plan"] == "free"
    event_count = shop.deliver_new(0)
    state = state_of(user)
    assert (state["plan"], state["status"], state["available"]) == ("pro", "active", 600)
    assert user.get("/api/v1/auth/me").json["subscription_tier"] == "pro"
    with shop.app.app_context():
        assert entitlements.limit(session(), user.id, UserRow.quota_jobs, 100) == 7  # as the plan says
    again = user.post("/api/v1/subscriptions/checkout", json={"plan": "enterprise"})
    assert (again.status_code, again.json["code"]) == (409, "already_subscribed")
    assert user.post("/api/v1/subscriptions/portal").json["url"].startswith("https://billing.example/cus_")

    upgrade = user.post("/api/v1/subscriptions/change", json={"plan": "enterprise"}).json
    assert upgrade["plan"] == "enterprise"
    event_count = shop.deliver_new(event_count)
    assert state_of(user)["available"] == 600 + 2662  # half a month of the difference, rounded up
    downgrade = user.post("/api/v1/subscriptions/change", json={"plan": "pro"}).json
    assert (downgrade["plan"], downgrade["next_plan"]) == ("enterprise", "pro")
    shop.stripe.renew(subscription)
    event_count = shop.deliver_new(event_count)
    assert (state_of(user)["plan"], state_of(user)["next_plan"]) == ("pro", "")

    cancellation = user.post("/api/v1/subscriptions/cancel").json
    assert (cancellation["plan"], cancellation["cancel_at_period_end"]) == ("pro", True)
    shop.stripe.renew(subscription)
    shop.deliver_new(event_count)
    assert (state_of(user)["plan"], state_of(user)["status"]) == ("free", "canceled")
    assert user.post("/api/v1/subscriptions/cancel").json["code"] == "not_subscribed"


def test_credits_are_bought_once_and_taken_back_with_their_payment(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    charge = buy(shop, user, price_id="price_pack", quantity=3)
    event_count = shop.deliver_new(0)
    assert state_of(user)["grants"] == [("bought", 30, 30)]
    shop.stripe.refund(charge, 500)
    shop.deliver_new(event_count)
    shop.deliver_new(0)  # everything again
    assert state_of(user)["grants"] == [("bought", 30, 20)]
    assert user.post("/api/v1/subscriptions/checkout", json={"price_id": "price_unknown"}).status_code == 422
    assert user.post("/api/v1/subscriptions/checkout", json={}).status_code == 422
    assert user.post("/api/v1/subscriptions/checkout", json={"plan": "gold"}).status_code == 404


def test_a_late_payment_has_a_grace(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    subscription = buy(shop, user, plan="pro")
    event_count = shop.deliver_new(0)
    shop.stripe.renew(subscription, is_paid=False)
    event_count = shop.deliver_new(event_count)
    state = state_of(user)
    assert (state["plan"], state["status"], state["available"]) == ("pro", "past_due", 600)
    with shop.app.app_context(), transaction() as write_session:
        row = write_session.get_one(Subscription, subscription)
        assert row.entitled_until == row.period_start + dt.timedelta(days=7)  # BILLING_GRACE_DAYS
        row.entitled_until = now()
    state = state_of(user)
    assert (state["plan"], state["status"], state["in_effect"]) == ("free", "past_due", False)
    shop.stripe.pay_late(subscription)
    shop.deliver_new(event_count)
    state = state_of(user)
    assert (state["plan"], state["status"], state["in_effect"]) == ("pro", "active", True)


def live(stripe: StripeServer, subscription: str) -> Iterator[None]:
    """Let things happen to a subscription, one at a time."""
    customer = stripe.objects[subscription]["customer"]
    yield
    stripe.change_price(subscription, "price_enterprise")
    yield
    for amount in (1000, 450):
        stripe.refund(stripe.charges(customer)[0], amount)
        yield
    stripe.renew(subscription, is_paid=False)
    yield
    stripe.pay_late(subscription)
    yield


def test_events_in_any_order_end_in_the_same_state(shop: Shop) -> None:
    chance = random.Random(5)
    ordered_user, shuffled_user = User(shop.app, "ordered@example.org"), User(shop.app, "shuffled@example.org")
    histories: dict[str, list[dict[str, Any]]] = {}
    for user in (ordered_user, shuffled_user):
        begin = event_count = len(shop.stripe.events)
        subscription = buy(shop, user, plan="pro")
        for _ in live(shop.stripe, subscription):
            if user is ordered_user:
                event_count = shop.deliver_new(event_count)
        histories[user.email] = shop.stripe.events[begin:]
    repeated_events = histories[shuffled_user.email] * 3
    chance.shuffle(repeated_events)
    assert set(shop.deliver(repeated_events[:9], secret="whsec_wrong")) == {400}
    assert set(shop.deliver(repeated_events[:9], at=time.time() - 3600)) == {400}
    assert set(shop.deliver(repeated_events)) == {200}
    first, second = state_of(ordered_user), state_of(shuffled_user)
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


def test_a_checkout_that_is_paid_after_its_account_was_deleted_is_cancelled(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    checkout = user.post("/api/v1/subscriptions/checkout", json={"plan": "pro"}).json["session_id"]
    assert user.delete("/api/v1/users/me", json={"password": PASSWORD}).status_code == 200
    orphan = shop.stripe.complete(checkout)
    stranger = shop.stripe.subscribe("cus_of_another_shop", "price_pro")
    shop.deliver_new(0)
    with shop.app.app_context():
        cancellations.run_due(shop.copies.provider)
    assert [shop.stripe.objects[each]["status"] for each in (orphan, stranger)] == ["canceled", "active"]


def test_nobody_subscribes_twice(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    first = user.post("/api/v1/subscriptions/checkout", json={"plan": "pro"}).json["session_id"]
    second = user.post("/api/v1/subscriptions/checkout", json={"plan": "pro"}).json["session_id"]
    assert [shop.stripe.objects[each]["status"] for each in (first, second)] == ["expired", "open"]
    subscription = shop.stripe.complete(second)
    again = user.post("/api/v1/subscriptions/checkout", json={"plan": "pro"})  # no event has arrived
    assert (again.status_code, again.json["code"]) == (409, "already_subscribed")
    shop.stripe.objects[subscription]["status"] = "unpaid"
    shop.deliver_new(0)
    assert state_of(user)["plan"] == "free"
    assert user.post("/api/v1/subscriptions/checkout", json={"plan": "pro"}).json["code"] == "already_subscribed"
    assert user.post("/api/v1/subscriptions/cancel").status_code == 200
    assert shop.stripe.objects[subscription]["status"] == "canceled"


def test_lessons_and_documents_have_the_watermark_of_the_payers_plan_now(shop: Shop) -> None:
    user, sponsor = (User(shop.app, f"{name}@example.org") for name in ("ada", "mallory"))
    script = LessonScript(title="T", scenes=(Scene(id="a", narration="One.", content=Title(heading="T")),))
    options = {"script": script.model_dump(mode="json")}

    def watermark(payer_id: str | None) -> str | None:
        with shop.app.app_context():
            job = queue.submit(user_id=user.id, pipeline="voice_over", options=options, payer_id=payer_id)
            claim = queue.Claim(job.id, 1, "worker", user.id, None, job.pipeline, options | {"watermark": "Sent by the client"}, now())
            return PIPELINES[job.pipeline].read(claim).options.get("watermark")

    assert watermark(None) == watermark(sponsor.id) == "Made with a trial"
    buy(shop, sponsor, plan="pro")
    shop.deliver_new(0)
    assert (watermark(None), watermark(sponsor.id)) == ("Made with a trial", None)
    buy(shop, user, plan="pro")
    shop.deliver_new(0)
    assert watermark(None) is None


def test_a_watermark_lies_over_every_scene_of_a_video(tmp_path: Path) -> None:
    Image.new("RGB", (640, 360), "white").save(tmp_path / "white.jpg")
    options = LessonOptions(height=720)
    mark = render_mark("Made with a trial", "en", options, tmp_path)
    assert mark is not None and render_mark("", "en", options, tmp_path) is None
    assemble.encode_pictures([(tmp_path / "white.jpg", 12)], (1280, 720), 30, tmp_path / "marked.mp4", mark=mark)
    with av.open(str(tmp_path / "marked.mp4")) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert len(frames) == 12
    for frame in (frames[0], frames[-1]):
        assert frame[:600].min() > 240 and frame[600:, 900:].min() < 180


def test_a_scheduled_change_can_be_dropped_and_does_not_block_cancellation(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    subscription = buy(shop, user, plan="enterprise")
    shop.deliver_new(0)
    for plan, next_plan in (("pro", "pro"), ("enterprise", ""), ("pro", "pro")):
        change = user.post("/api/v1/subscriptions/change", json={"plan": plan}).json
        assert (change["plan"], change["next_plan"]) == ("enterprise", next_plan)
    assert user.post("/api/v1/subscriptions/cancel").json["cancel_at_period_end"] is True
    assert shop.stripe.objects[subscription]["schedule"] is None


def test_a_plan_that_ends_with_its_period_can_be_kept(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    subscription = buy(shop, user, plan="enterprise")
    shop.deliver_new(0)
    for plan, next_plan in (("enterprise", ""), ("pro", "pro")):
        assert user.post("/api/v1/subscriptions/cancel").json["cancel_at_period_end"] is True
        response = user.post("/api/v1/subscriptions/change", json={"plan": plan}).json
        assert (response["plan"], response["cancel_at_period_end"], response["next_plan"]) == ("enterprise", False, next_plan)
        assert shop.stripe.objects[subscription]["cancel_at_period_end"] is False


def test_a_declined_upgrade_keeps_the_change_at_the_end_of_the_period(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    subscription = buy(shop, user, plan="enterprise")
    shop.deliver_new(0)
    assert user.post("/api/v1/subscriptions/change", json={"plan": "pro"}).json["next_plan"] == "pro"
    with shop.app.app_context():
        provider = StripePayments.from_settings(shop.app.extensions["lectern"].settings)
        shop.stripe.declines = True
        with pytest.raises(PaymentDeclined):
            provider.change_now(provider.subscription(subscription), "price_larger")
        present = provider.subscription(subscription)
        assert (present.price_id, present.next_price_id) == ("price_enterprise", "price_pro")
        shop.stripe.declines = False
        provider.change_now(present, "price_pro")
        new_subscription = provider.subscription(subscription)
        assert (new_subscription.price_id, new_subscription.next_price_id) == ("price_pro", "")


def test_an_upgrade_takes_effect_only_when_it_is_paid(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    buy(shop, user, plan="pro")
    event_count = shop.deliver_new(0)
    shop.stripe.declines = True
    response = user.post("/api/v1/subscriptions/change", json={"plan": "enterprise"})
    assert (response.status_code, response.json["code"]) == (402, "payment_declined")
    shop.deliver_new(event_count)
    assert (state_of(user)["plan"], state_of(user)["available"]) == ("pro", 600)


@pytest.mark.expects_errors
def test_an_odd_object_does_not_stop_the_events_of_others(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    buy(shop, user, plan="pro")
    odd = shop.stripe.subscribe("cus_odd", "price_pro")
    shop.stripe.objects[odd]["items"] = {"data": []}
    subscription_id = shop.stripe.subscribe("cus_broken", "price_pro")
    del shop.stripe.objects[subscription_id]["status"]
    assert set(shop.deliver(shop.stripe.events[::-1])) == {200}
    assert state_of(user)["plan"] == "pro"
    with shop.app.app_context():
        waiting = session().execute(select(PaymentEvent.error).where(PaymentEvent.due_at.is_not(None))).scalars().all()
    assert any("has no items" in error for error in waiting) and any("status" in error for error in waiting)


def test_a_refund_that_is_known_before_its_checkout_is_not_lost(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    shop.stripe.refund(buy(shop, user, price_id="price_pack", quantity=3), 1500)
    shop.deliver(shop.stripe.events[::-1])
    assert state_of(user)["available"] == 0


def test_credits_that_are_held_during_a_refund_are_taken_when_they_return(shop: Shop) -> None:
    user = User(shop.app, "ada@example.org")
    charge = buy(shop, user, price_id="price_pack", quantity=3)
    event_count = shop.deliver_new(0)
    with shop.app.app_context():
        with transaction() as write_session:
            first, second = (holds.hold(write_session, user.id, 12, "lesson", lifetime_s=60).id for _ in range(2))
        shop.stripe.refund(charge, 750)
    event_count = shop.deliver_new(event_count)
    assert state_of(user)["available"] == 0  # 6 of 15 are taken
    shop.stripe.refund(charge, 500)
    shop.deliver_new(event_count)
    shop.deliver_new(0)
    with shop.app.app_context(), transaction() as write_session:
        holds.settle(write_session, first, 5)
    assert state_of(user)["available"] == 0  # 13 of 25
    with shop.app.app_context(), transaction() as write_session:
        holds.release(write_session, second)
    shop.deliver_new(0)
    assert state_of(user)["available"] == 0  # all that is left of 30 after 5 were spent; 25 were to be taken


def test_a_server_without_payments_says_so(app: Flask, user: User) -> None:
    assert user.post("/api/v1/subscriptions/checkout", json={"plan": "pro"}).json["code"] == "payments_off"
    assert user.get("/api/v1/subscriptions/current").json["status"] == "free"
