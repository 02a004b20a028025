"""A server and a real browser. An error or a warning in the browser's console fails the test."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from scripts.server import Server
from tests.link_server import LinkServer, link_server

_CHROMIUM_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_SIGNED_OUT_ERRORS = {
    (401, path)
    for path in ("/api/v1/auth/me", "/api/v1/auth/refresh", "/api/v1/notices?limit=20", "/api/v1/batches?limit=5", "/api/v1/events")
}
PASSWORD = "correct horse battery"

expect.set_options(timeout=60_000)


class Visitor:
    """A user at a browser. `expected` holds the error responses (status, path) that a test provokes."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.email = f"{uuid.uuid4().hex[:10]}@example.org"
        self.expected = set(_SIGNED_OUT_ERRORS)
        self.console_errors: list[str] = []
        page.on("console", self._record)
        page.on("pageerror", lambda error: self.console_errors.append(str(error)))

    def _record(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        status = re.search(r"status of (\d+)", message.text)
        path = message.location["url"].removeprefix(self.url)
        if status is None or (int(status[1]), path) not in self.expected:
            self.console_errors.append(f"{message.type}: {message.text} {path}")

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

    def expect_accessible(self) -> None:
        """Check the page that is shown by axe-core, in both colour schemes and at the width of a phone."""
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}  # only the colours differ
            results = Axe().run(self.page, options={"resultTypes": ["violations"], **rules})
            assert results.violations_count == 0, f"{scheme}: {results.generate_report()}"
        width = self.page.viewport_size
        assert width
        self.page.set_viewport_size({"width": 320, "height": 700})
        assert self.page.evaluate("document.documentElement.scrollWidth") == 320
        self.page.set_viewport_size(width)

    def choose(self, *files: Path) -> None:
        self.page.get_by_label("Choose recordings").set_input_files(list(files))


@pytest.fixture(scope="package")
def site() -> Iterator[LinkServer]:
    with link_server() as link_site:
        yield link_site


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory, models_dir: Path, migrated_sqlite: Path, site: LinkServer) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("page")
    shutil.copy(migrated_sqlite, data_dir)
    with Server(data_dir, {"MODELS_DIR": str(models_dir), "LINK_ALLOWED_HOSTS": site.host}) as page_server:
        yield page_server


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium-headless-shell")
    if program is None:
        pytest.fail("Chromium is not installed: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=_CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visitor(server: Server, browser: Browser) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 1280, "height": 860}, accept_downloads=True, reduced_motion="reduce")
    context.set_default_timeout(60_000)  # an upper bound for busy machines
    current = Visitor(context.new_page(), server.url)
    yield current
    context.close()
    assert current.console_errors == []
