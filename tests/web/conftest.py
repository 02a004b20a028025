"""A server of our own and a real browser; whatever the page complains about in the console fails the test."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from scripts.server import Server

_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_ASKED_TO_SIGN_IN = {(401, "/api/v1/auth/me"), (401, "/api/v1/auth/refresh"), (401, "/api/v1/notices?limit=20")}
PASSWORD = "correct horse battery"

expect.set_options(timeout=60_000)


class Visitor:
    """Somebody at a browser. `expected` holds the refusals (status, path) that a story provokes."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.email = f"{uuid.uuid4().hex[:10]}@example.org"
        self.expected = set(_ASKED_TO_SIGN_IN)
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        status = re.search(r"status of (\d+)", message.text)
        path = message.location["url"].removeprefix(self.url)
        if status is None or (int(status[1]), path) not in self.expected:
            self.complaints.append(f"{message.type}: {message.text} {path}")

    def open(self, path: str = "/") -> None:
        self.page.goto(self.url + path)

    def register(self) -> None:
        self.open()
        self.page.get_by_role("button", name="Create an account").click()
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Create account").click()
        expect(self.page.get_by_role("heading", name="Your recordings")).to_be_visible()

    def sign_in(self, password: str = PASSWORD) -> None:
        self.page.get_by_label("E-mail address or user name").fill(self.email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def choose(self, *files: Path) -> None:
        self.page.get_by_label("Choose a recording").set_input_files(list(files))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("page"), {"MODELS_DIR": str(models_dir)}) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("There is no browser: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def visitor(server: Server, browser: Browser) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 1280, "height": 860}, accept_downloads=True)
    context.set_default_timeout(60_000)  # a condition on a busy machine, not a measure
    someone = Visitor(context.new_page(), server.url)
    yield someone
    context.close()
    assert someone.complaints == []
