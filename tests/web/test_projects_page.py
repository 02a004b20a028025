"""Projects on the page: create, edit, share and make the video."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from scripts.server import Server
from tests.conftest import SAMPLES
from tests.web.conftest import Visitor
from tests.web.test_admin_page import make_admin

_PLANS = [{"name": "free", "title": "Free", "monthly_credits": 60}, {"name": "pro", "title": "Pro", "monthly_credits": 600}]


@pytest.fixture
def paid_server(tmp_path: Path, models_dir: Path, migrated_sqlite: Path) -> Iterator[Server]:
    """A server with credits, plans and an OAuth client of Google."""
    shutil.copy(migrated_sqlite, tmp_path)
    google = {"GOOGLE_CLIENT_ID": "client", "GOOGLE_REDIRECT_URI": "https://lectern.example/api/v1/youtube/callback"}
    environment = {"MODELS_DIR": str(models_dir), "CREDITS_ENABLED": "true", "PLANS": json.dumps(_PLANS), **google}
    with Server(tmp_path, environment) as server:
        yield server


def connect_channel(server: Server, email: str) -> None:
    """Insert a channel as if the user had signed in at Google."""
    now = "2026-01-01 00:00:00.000000"
    columns = "id, user_id, channel_id, channel_title, sealed_token, error_code, created_at, updated_at"
    with sqlite3.connect(server.data_dir / "lectern.db", timeout=30) as database:
        (user_id,) = database.execute("SELECT id FROM users WHERE email = ?", (email,)).fetchone()
        values = ("channel-1", user_id, "UC1", "My channel", "sealed", "", now, now)
        database.execute(f"INSERT INTO youtube_accounts ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    database.close()


def test_members_assets_credits_and_publishing(paid_server: Server, browser: Browser, tmp_path: Path) -> None:
    contexts = [browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce") for _ in range(2)]
    owner, guest = (Visitor(context.new_page(), paid_server.url) for context in contexts)
    for visitor in (owner, guest):
        visitor.register()
    page, api = owner.page, f"{paid_server.url}/api/v1"
    project = page.request.post(f"{api}/projects", data={"name": "Leaves", "script": "Leaves make sugar."}).json()
    owner.open(f"/projects/{project['id']}")
    page.get_by_text("Invite a member").first.click()
    page.get_by_label("E-mail address").fill(guest.email)
    page.get_by_label("Role").select_option("editor")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("Editor · invited")).to_be_visible()
    Image.new("RGB", (64, 36), "green").save(tmp_path / "leaf.png")
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "leaf.png")
    expect(page.get_by_role("link", name="leaf.png")).to_be_visible()

    guest.open("/projects")
    guest.page.get_by_role("button", name="Notices, 1 unread").click()
    expect(guest.page.get_by_text("You are invited to the project Leaves")).to_be_visible()
    guest.page.keyboard.press("Escape")
    guest.page.get_by_role("button", name="Accept Leaves").click()
    guest.page.get_by_role("link", name="Leaves", exact=True).click()
    expect(guest.page.get_by_role("link", name="leaf.png")).to_be_visible()
    expect(guest.page.get_by_role("button", name="Make the video")).to_be_visible()
    expect(guest.page.get_by_text("Invite a member")).to_have_count(0)
    expect(guest.page.get_by_role("button", name="Leave the project")).to_be_visible()

    owner.open("/account")
    plan = page.get_by_role("region", name="Plan and credits")
    expect(plan.get_by_text("available: 60")).to_be_visible()
    plan.get_by_text("Changes of the balance").click()
    expect(plan.get_by_text("Credits received: Plan Free, ")).to_be_visible()
    statement = page.request.get(paid_server.url + str(plan.get_by_role("link", name="Statement as a table").get_attribute("href")))
    assert statement.ok and "60" in statement.text()
    connect_channel(paid_server, owner.email)
    file = {"name": "Heat.mp4", "mimeType": "video/mp4", "buffer": (SAMPLES / "tiny.mp4").read_bytes()}
    assert page.request.post(f"{paid_server.url}/upload", multipart={"file": file, "formats": "txt"}).ok
    owner.open("/")
    page.get_by_role("button", name="More for Heat").click()
    page.get_by_role("button", name="Publish on YouTube").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("My channel")).to_be_visible()
    expect(dialog.get_by_label("Title")).to_have_value("Heat")
    expect(dialog.get_by_role("button", name="Publish")).to_be_visible()

    make_admin(paid_server, owner.email)
    owner.open("/admin")
    page.get_by_role("link", name="Credits and plans").click()
    expect(page.get_by_role("group", name="Plans, table").get_by_role("cell", name="600")).to_be_visible()
    page.get_by_label("E-mail address").fill(guest.email)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("spinbutton", name="Credits", exact=True).fill("5")
    page.get_by_label("Reason").fill("A gift")
    page.get_by_role("button", name="Adjust").click()
    expect(page.get_by_text(f"{guest.email}: plan free, 65 credits available, 0 held")).to_be_visible()
    owner.expect_accessible()
    assert owner.console_errors == guest.console_errors == []
    for context in contexts:
        context.close()


def test_a_project_is_written_shared_and_rendered(visitor: Visitor) -> None:
    visitor.register()
    page = visitor.page
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Projects").click()
    expect(page.get_by_text("You have no projects yet.")).to_be_visible()
    page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Leaves")
    dialog.get_by_label("Script", exact=True).fill("Leaves make sugar.")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Leaves", level=1)).to_be_visible()
    expect(page.get_by_text("Draft")).to_be_visible()
    page.get_by_text("Invite a member").first.click()
    page.get_by_label("E-mail address").fill("nobody@example.org")
    project = page.url.rpartition("/")[2]
    visitor.expected.add((404, f"/api/v1/projects/{project}/members"))
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("No active user has this e-mail address.")).to_be_visible()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog.get_by_label("Description").fill("For year 7")
    dialog.get_by_text("Look and voice").click()
    dialog.get_by_label("Theme").select_option("night")
    dialog.get_by_label("Without a voice").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("For year 7")).to_be_visible()
    assert page.request.get(f"{visitor.url}/api/v1/projects/{project}").json()["defaults"] == {"theme": "night", "silent": True}
    page.get_by_role("button", name="Make the video").click()
    expect(page.get_by_text("The video is being made").first).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("button", name="Make the video")).to_be_visible()
    visitor.expect_accessible()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    visitor.open("/projects")
    page.get_by_role("tab", name="Archive").click()
    expect(page.get_by_role("link", name="Leaves")).to_be_visible()
    visitor.expect_accessible()
