"""The plan and the channels of an account on the page, with local servers that speak the protocols of Stripe and Google."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Route, expect

from scripts import stripe_server, youtube_server
from scripts.server import Server
from scripts.stripe_server import StripeServer
from scripts.youtube_server import YouTubeServer
from tests.conftest import SAMPLES
from tests.web.conftest import Visitor
from tests.web.test_admin_page import make_admin

_PLANS = [
    {"name": "free", "title": "Free", "monthly_credits": 2},
    {"name": "pro", "title": "Pro", "monthly_credits": 600, "price_ids": ["price_pro"], "priority": 1},
]


@dataclass
class PaidSite:
    server: Server
    stripe: StripeServer
    youtube: YouTubeServer

    def deliver(self) -> None:
        """Send the events of Stripe to the server, as Stripe does."""
        for event in self.stripe.events:
            payload = json.dumps(event)
            headers = {"Stripe-Signature": stripe_server.sign(payload), "Content-Type": "application/json"}
            assert requests.post(f"{self.server.url}/api/v1/subscriptions/webhook", data=payload, headers=headers, timeout=30).ok


@pytest.fixture
def paid_site(tmp_path: Path, models_dir: Path, migrated_sqlite: Path) -> Iterator[PaidSite]:
    shutil.copy(migrated_sqlite, tmp_path)
    stripe, youtube = StripeServer({"price_pro": 2900}), YouTubeServer()
    with stripe_server.serve(stripe) as stripe_url, youtube_server.serve(youtube) as google_url:
        environment = {
            "MODELS_DIR": str(models_dir),
            "CREDITS_ENABLED": "true",
            "PLANS": json.dumps(_PLANS),
            "STRIPE_SECRET_KEY": stripe_server.KEY,
            "STRIPE_WEBHOOK_SECRET": stripe_server.WEBHOOK_SECRET,
            "STRIPE_API_URL": stripe_url,
            "GOOGLE_CLIENT_ID": youtube_server.CLIENT_ID,
            "GOOGLE_CLIENT_SECRET": youtube_server.CLIENT_SECRET,
            "GOOGLE_REDIRECT_URI": "https://lectern.example/api/v1/youtube/callback",
            "GOOGLE_AUTH_URL": f"{google_url}/auth",
            "GOOGLE_TOKEN_URL": f"{google_url}/token",
            "GOOGLE_REVOKE_URL": f"{google_url}/revoke",
            "YOUTUBE_API_URL": google_url,
        }
        with Server(tmp_path, environment) as server:
            yield PaidSite(server, stripe, youtube)


@pytest.fixture
def buyer(paid_site: PaidSite, browser: Browser) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    current = Visitor(context.new_page(), paid_site.server.url)
    current.register()
    yield current
    context.close()
    assert current.console_errors == []


def test_a_plan_is_bought_cancelled_and_kept(paid_site: PaidSite, buyer: Visitor) -> None:
    page = buyer.page
    page.route("https://checkout.example/**", lambda route: route.fulfill(body="<title>Checkout</title>", content_type="text/html"))
    buyer.choose(SAMPLES / "tiny.mp4")
    expect(page.get_by_text("It costs 1 credit at most (available: 2).")).to_be_visible()
    project = page.request.post(
        f"{paid_site.server.url}/api/v1/projects", data={"name": "Leaves", "script": "Leaves make sugar. " * 60}
    ).json()
    buyer.open(f"/projects/{project['id']}")
    expect(page.get_by_text("credits at most (available: 2).")).to_be_visible()
    buyer.expected.add((402, f"/api/v1/projects/{project['id']}/render"))
    page.get_by_role("button", name="Make the video").click()
    expect(page.get_by_text("You do not have enough credits.")).to_be_visible()
    page.get_by_role("link", name="Plan and credits").first.click()
    plan = page.get_by_role("region", name="Plan and credits")
    plan.get_by_text("What jobs cost").click()
    expect(plan.get_by_text("3 for each minute")).to_be_visible()
    plan.get_by_role("button", name="Choose Pro").click()
    page.wait_for_url("https://checkout.example/**")
    checkout = page.url.rpartition("/")[2]

    page.goto(paid_site.stripe.objects[checkout]["cancel_url"])
    expect(plan.get_by_text("Nothing was charged.")).to_be_visible()
    paid_site.stripe.complete(checkout)
    page.goto(paid_site.stripe.objects[checkout]["success_url"])
    expect(plan.get_by_text("appears here as soon as the payment has been confirmed")).to_be_visible()
    paid_site.deliver()
    expect(plan.get_by_text("The payment has been confirmed.")).to_be_visible()
    expect(plan.get_by_text("renews on")).to_be_visible()
    expect(plan.get_by_text("available: 602")).to_be_visible()
    buyer.expect_accessible()

    plan.get_by_role("button", name="Cancel the plan").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the plan").click()
    expect(plan.get_by_text("ends on")).to_be_visible()
    plan.get_by_role("button", name="Keep Pro").click()
    expect(plan.get_by_text("renews on")).to_be_visible()

    make_admin(paid_site.server, buyer.email)
    buyer.open("/admin")
    page.get_by_role("link", name="Credits and plans").click()
    user = page.get_by_role("region", name="A user")
    user.get_by_label("E-mail address").fill(buyer.email)
    user.get_by_role("button", name="Find").click()
    buyer.expected.add((409, f"/api/v1/admin/users/{page.request.get(f'{paid_site.server.url}/api/v1/auth/me').json()['id']}/credits"))
    user.get_by_role("spinbutton", name="Credits").fill("-5000")
    user.get_by_label("Reason").fill("A mistake")
    user.get_by_role("button", name="Adjust").click()
    expect(user.get_by_text("This user has fewer available credits.")).to_be_visible()
    user.get_by_label("Plan that nobody pays for").select_option("pro")
    user.get_by_role("button", name="Save").click()
    page.reload()
    page.get_by_role("link", name="Credits and plans").click()
    user.get_by_label("E-mail address").fill(buyer.email)
    user.get_by_role("button", name="Find").click()
    expect(user.get_by_label("Plan that nobody pays for")).to_have_value("pro")


def test_a_channel_is_refused_and_then_connected(paid_site: PaidSite, buyer: Visitor) -> None:
    page, refuses = buyer.page, True

    def answer(route: Route) -> None:
        code, state = paid_site.youtube.allow(route.request.url)
        outcome = "error=access_denied" if refuses else f"code={code}"
        route.fulfill(status=302, headers={"Location": f"{paid_site.server.url}/api/v1/youtube/callback?state={state}&{outcome}"})

    page.route(f"{paid_site.youtube.url}/auth?**", answer)
    buyer.expected.add((400, "/api/v1/youtube/callback"))
    buyer.open("/account")
    channels = page.get_by_role("region", name="YouTube")
    channels.get_by_role("button", name="Connect a channel").click()
    expect(channels.get_by_text("access was not allowed at Google")).to_be_visible()
    refuses = False
    channels.get_by_role("button", name="Connect a channel").click()
    expect(channels.get_by_text("Ada's lectures is connected.")).to_be_visible()
    expect(channels.get_by_role("button", name="Disconnect Ada's lectures")).to_be_visible()
    assert page.url.endswith("/account#channels")
