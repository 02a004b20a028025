"""Payments with localstripe, a program that imitates Stripe: what it serves are customers, subscriptions, invoices and signed events."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from pydantic import SecretStr

from config.groups.plans import Plan
from database import transaction
from models import BillingCustomer
from scripts.server import free_port
from tests.applications import run_with_settings, serve_app
from tests.conftest import User
from tests.waiting import wait_for

KEY, SECRET = "sk_test_12345", "whsec_local"
PLANS = (Plan(name="free"), Plan(name="pro", monthly_credits=600, price_ids=("plan_pro",), priority=1))


class LocalStripe:
    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, path: str, **form: Any) -> dict[str, Any]:
        response = requests.post(self.url + path, auth=(KEY, ""), data=form, timeout=30)
        assert response.ok, response.text
        payload: dict[str, Any] = response.json()
        return payload

    def send_events_to(self, url: str) -> None:
        requests.post(f"{self.url}/_config/webhooks/lectern", json={"url": url, "secret": SECRET}, timeout=30).raise_for_status()


@pytest.fixture
def stripe(tmp_path: Path) -> Iterator[LocalStripe]:
    program, port = Path(sys.executable).with_name("localstripe"), free_port()
    with (tmp_path / "localstripe.log").open("wb") as log:
        process = subprocess.Popen([program, "--port", str(port), "--from-scratch"], stdout=log, stderr=log)
    try:
        yield wait_for(lambda: _connect(f"http://127.0.0.1:{port}"))
    finally:
        process.terminate()
        process.wait()


def _connect(url: str) -> LocalStripe | None:
    try:
        requests.get(f"{url}/v1/customers", auth=(KEY, ""), timeout=5)
    except requests.ConnectionError:
        return None
    return LocalStripe(url)


def test_a_subscription_is_followed_by_its_events(app: Flask, settings: Any, stripe: LocalStripe) -> None:
    secrets = {"stripe_secret_key": SecretStr(KEY), "stripe_webhook_secret": SecretStr(SECRET), "stripe_api_url": stripe.url}
    with run_with_settings(app, settings, **secrets, credits_enabled=True, plans=PLANS) as container:
        user, provider = User(app, "ada@example.org"), container.payments
        assert provider is not None
        with serve_app(app) as url:
            stripe.send_events_to(f"{url}/api/v1/subscriptions/webhook")
            customer = provider.create_customer(user.id, "ada@example.org")
            with app.app_context(), transaction() as session:
                session.add(BillingCustomer(user_id=user.id, customer_id=customer))
            stripe.post("/v1/plans", id="plan_pro", **{"product[name]": "Pro"}, amount=2900, currency="usd", interval="month")
            card = {"card[number]": "4242424242424242", "card[exp_month]": 12, "card[exp_year]": 2040, "card[cvc]": "123"}
            method = stripe.post("/v1/payment_methods", type="card", **card)["id"]
            stripe.post(f"/v1/payment_methods/{method}/attach", customer=customer)
            stripe.post(f"/v1/customers/{customer}", **{"invoice_settings[default_payment_method]": method})
            subscription = stripe.post("/v1/subscriptions", customer=customer, **{"items[0][plan]": "plan_pro"})["id"]
            wait_for(lambda: current(user) == ("pro", "active", False))
            assert provider.open_subscriptions(customer) == [subscription]
            wait_for(lambda: user.get("/api/v1/credits/balance").json["available"] == 600)
            assert user.post("/api/v1/subscriptions/cancel").json["cancel_at_period_end"] is True
            assert user.post("/api/v1/subscriptions/change", json={"plan": "pro"}).json["cancel_at_period_end"] is False
            provider.cancel(subscription, at_period_end=False)
            wait_for(lambda: current(user)[0] == "free")


def current(user: User) -> tuple[str, str, bool]:
    subscription = user.get("/api/v1/subscriptions/current").json
    return subscription["plan"], subscription["status"], subscription["cancel_at_period_end"]
