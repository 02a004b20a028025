"""The admin page in a real browser: figures, users, recordings, errors and the queue."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from playwright.sync_api import expect

from scripts.client import Client
from scripts.server import Server
from tests.routes.silence import silence
from tests.web.conftest import Visitor


def make_admin(server: Server, email: str) -> None:
    with sqlite3.connect(server.data_dir / "lectern.db", timeout=30) as database:
        database.execute("UPDATE users SET role = 'super_admin' WHERE email = ?", (email,))
    database.close()


def test_an_admin_looks_around_and_acts(server: Server, visitor: Visitor, tmp_path: Path) -> None:
    other = Client(server.url)
    email = other.register()
    silent = tmp_path / "silence.wav"
    silent.write_bytes(silence())
    sent = other.upload(silent, formats="txt")
    failed = other.wait(sent["video_id"])
    visitor.register()
    make_admin(server, visitor.email)
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())

    visitor.open("/admin")
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    expect(page.get_by_role("img", name="jobs done")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The queue is paused")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Jobs begin as there is room")).to_be_visible()

    page.get_by_role("link", name="Errors").click()
    expect(page.get_by_text(failed["error_code"], exact=True).first).to_be_visible()
    page.get_by_text("Log", exact=True).first.click()
    expect(page.get_by_text("Traceback").first).to_be_visible()

    page.get_by_role("link", name="Recordings and jobs").click()
    row = page.get_by_role("row").filter(has_text="silence")
    expect(row.get_by_role("button", name="Try again")).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)

    page.get_by_role("link", name="Users").click()
    page.get_by_role("searchbox", name="Address or name").fill(email)
    page.get_by_role("button", name="Search").click()
    row = page.get_by_role("row").filter(has_text=email)
    row.get_by_role("button", name="Suspend").click()
    expect(row.get_by_text("suspended")).to_be_visible()
    row.get_by_role("button", name="Let in again").click()
    expect(row.get_by_text("active", exact=True)).to_be_visible()

    page.get_by_role("link", name="Prompts").click()
    expect(page.get_by_text("Nothing asks for prompts yet")).to_be_visible()
    for text in ("Mend commas.", "Mend all."):
        page.get_by_label("For", exact=True).select_option("proofread")
        page.get_by_label("Prompt", exact=True).fill(text)
        page.get_by_role("button", name="Add", exact=True).click()
        row = page.get_by_role("row").filter(has_text=text)
        row.get_by_role("button", name="Activate").click()
        expect(row.get_by_text("active", exact=True)).to_be_visible()
    page.get_by_role("row").filter(has_text="Mend commas.").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row")).to_have_count(2)

    page.get_by_role("link", name="E-mail").click()
    visitor.expected.add((503, "/api/v1/admin/email/test"))
    page.get_by_label("Server", exact=True).fill("127.0.0.1")
    page.get_by_label("Port").fill("9")
    page.get_by_label("Sender's address").fill("lectern@example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("E-mail goes out through 127.0.0.1.")).to_be_visible()
    page.get_by_role("button", name="Send me a test").click()
    expect(page.get_by_text("The mail server did not take the e-mail now")).to_be_visible()
    page.get_by_role("button", name="Back to the environment's").click()
    expect(page.get_by_text("No e-mail is sent")).to_be_visible()
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_admin_changes_settings_and_servers_and_reads_what_was_done(server: Server, visitor: Visitor) -> None:
    visitor.register()
    make_admin(server, visitor.email)
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.open("/admin#settings")
    visitor.expected |= {(422, "/api/v1/admin/settings/max_duration_s"), (422, "/api/v1/admin/servers")}
    longest = page.get_by_role("form", name="max_duration_s")
    longest.get_by_label("Longest recording, seconds").fill("long")
    longest.get_by_role("button", name="Save").click()
    expect(longest.get_by_role("alert")).to_contain_text("valid number")
    expect(longest.get_by_label("Longest recording, seconds")).to_be_focused()
    longest.get_by_label("Longest recording, seconds").fill("7200")
    longest.get_by_role("button", name="Save").click()
    expect(longest.get_by_text(f"changed here by {visitor.email}")).to_be_visible()
    longest.get_by_role("button", name="Reset").click()
    expect(longest.get_by_text("not changed.")).to_be_visible()
    expect(longest.get_by_label("Longest recording, seconds")).to_have_value("43200")

    page.get_by_role("link", name="Servers").click()
    page.get_by_label("Name").fill("lab-1")
    page.get_by_label("Address").fill(server.url)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_contain_text("servers_allow_private")
    page.get_by_role("link", name="Settings").click()
    inside = page.get_by_role("form", name="servers_allow_private")
    inside.get_by_role("combobox").select_option("Yes")
    inside.get_by_role("button", name="Save").click()
    expect(inside.get_by_text(f"changed here by {visitor.email}")).to_be_visible()
    page.get_by_role("link", name="Servers").click()
    page.get_by_label("Name").fill("lab-1")
    page.get_by_label("Address").fill(server.url)
    page.get_by_role("button", name="Register").click()
    row = page.get_by_role("row").filter(has_text="lab-1")
    expect(row.get_by_text("never asked")).to_be_visible()
    page.get_by_role("button", name="Check health now").click()
    expect(page.get_by_text("1 of 1 are healthy")).to_be_visible()
    expect(row.get_by_text("healthy")).to_be_visible()
    row.get_by_role("button", name="Drain").click()
    expect(row.get_by_text("draining")).to_be_visible()
    row.get_by_role("button", name="Activate").click()
    expect(row.get_by_text("active", exact=True)).to_be_visible()
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)

    page.get_by_role("link", name="Audit log").click()
    expect(page.get_by_role("row").filter(has_text="server.remove")).to_contain_text(visitor.email)
    page.get_by_role("searchbox", name="Person's address").fill(visitor.email)
    page.get_by_role("searchbox", name="Action").fill("setting.")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).to_have_count(4)
    expect(page.get_by_role("row").filter(has_text="setting.reset")).to_contain_text("value: 7200 → 43200")
    for part in ("Settings", "Servers", "Audit log"):
        page.get_by_role("link", name=part).click()
        expect(page.locator("a[aria-current]", has_text=part)).to_be_visible()
        expect(page.locator("[aria-busy]")).to_have_count(0)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), part


def test_the_page_is_for_admins(visitor: Visitor) -> None:
    visitor.register()
    visitor.open("/admin")
    expect(visitor.page.get_by_text("This page is for administrators")).to_be_visible()
