"""The account page in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.conftest import Visitor

pytestmark = pytest.mark.slow("a browser and a server")


def test_profile_keys_webhooks_password_and_deletion(visitor: Visitor) -> None:
    page = visitor.page
    visitor.register()
    page.get_by_role("button", name=re.compile("^Menu of")).click()
    page.get_by_role("link", name="Account").click()
    profile = page.get_by_role("form", name="Profile")
    profile.get_by_label("First name").fill("Ada")
    profile.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Menu of Ada")).to_be_visible()

    expect(page.get_by_text("This device")).to_be_visible()
    notifications = page.get_by_role("form", name="Notifications")
    notifications.get_by_label("When a recording is ready").first.uncheck()
    notifications.get_by_role("button", name="Save").click()
    expect(notifications.get_by_text("Your choice has been saved.")).to_be_visible()

    page.get_by_text("Create an API key").click()
    page.get_by_label("Name", exact=True).fill("Backup")
    page.get_by_role("button", name="Create", exact=True).click()
    key = page.locator("code.secret").first.inner_text()
    with_key = {"Authorization": f"Bearer {key}"}
    assert page.request.get(f"{visitor.url}/api/v1/recordings", headers=with_key).ok
    page.get_by_role("button", name="Revoke Backup").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("You have no API keys.")).to_be_visible()

    visitor.expected.add((422, "/api/v1/webhooks"))
    page.get_by_text("Add a webhook").click()
    page.get_by_label("URL").fill("http://127.0.0.1:9/hook")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("private")
    page.get_by_label("URL").fill("http://93.184.215.14/hook")
    page.get_by_role("button", name="Add", exact=True).click()
    webhooks = page.get_by_role("region", name="Webhooks")
    webhooks.get_by_role("button", name="Turn off").click()
    expect(webhooks.get_by_role("button", name="Turn on")).to_be_visible()

    password = page.get_by_role("form", name="Password")
    password.get_by_label("Current password").fill("correct horse battery")
    password.get_by_label("New password").fill("another battery staple")
    password.get_by_role("button", name="Change password").click()
    expect(password.get_by_text("Your password has been changed.")).to_be_visible()
    visitor.expect_accessible()

    page.get_by_role("button", name="Delete account").click()
    page.get_by_label("Your password").fill("another battery staple")
    page.get_by_role("dialog").get_by_role("button", name="Delete account").click()
    expect(page.get_by_text("Your account has been deleted.")).to_be_visible()
