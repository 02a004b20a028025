"""The pages behind links in account e-mails, with a real browser and a real mail server."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripts.server import Server
from tests.mail_server import MailServer
from tests.waiting import wait_for
from tests.web.conftest import Visitor


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with MailServer() as mail_server:
        yield mail_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, mail: MailServer, migrated_sqlite: Path) -> Iterator[Server]:
    mail_settings = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail.port), "SMTP_FROM": "notes@lectern.test", "SMTP_TLS": "none"}
    folder: Path = tmp_path_factory.mktemp("emails")
    shutil.copy(migrated_sqlite, folder)
    with Server(folder, {**mail_settings, "EMAIL_VERIFICATION": "required", "PUBLIC_URL": "https://notes.lectern.test"}) as mailing_server:
        yield mailing_server


def latest_link(mail: MailServer, address: str, kind: str) -> str:
    """Wait for an e-mail to `address` and return its link of this kind ("verify" or "reset")."""

    def links() -> list[str]:
        texts = [message.get_content() for to, message in list(mail.messages) if address in to]
        return [match[0] for text in texts if (match := re.search(rf"/#{kind}=\S+", text))]

    return wait_for(links)[-1]


def test_verify_an_address_and_reset_a_password(visitor: Visitor, mail: MailServer) -> None:
    page = visitor.page
    visitor.open()
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("E-mail address").fill(visitor.email)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("check your email")).to_be_visible()
    visitor.expected.add((403, "/api/v1/auth/login"))
    visitor.sign_in()
    expect(page.get_by_role("alert")).to_contain_text("has not been verified yet")

    page.goto("about:blank")
    visitor.open(latest_link(mail, visitor.email, "verify"))
    expect(page.get_by_text("is verified")).to_be_visible()
    assert "#" not in page.url
    page.get_by_role("button", name="Forgot your password?").click()
    expect(page.get_by_text("Enter your e-mail address first")).to_be_visible()
    page.get_by_label("E-mail address or user name").fill(visitor.email)
    page.get_by_role("button", name="Forgot your password?").click()
    expect(page.get_by_text("on its way")).to_be_visible()

    page.goto("about:blank")
    link = latest_link(mail, visitor.email, "reset")
    visitor.open(link)
    page.get_by_role("textbox", name="New password").fill("another battery staple")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("has been changed")).to_be_visible()
    visitor.sign_in("another battery staple")
    expect(page.get_by_role("heading", name="Your recordings")).to_be_visible()

    page.goto("about:blank")
    visitor.expected.add((400, "/api/v1/auth/reset-password"))
    visitor.open(link)
    page.get_by_role("textbox", name="New password").fill("a third battery staple")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("alert")).to_contain_text("was used before")
