"""The administration page in a real browser."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from scripts.client import Client
from scripts.server import Server
from tests.routes.silence import silence
from tests.web.conftest import Visitor

pytestmark = pytest.mark.slow("a browser, a server and real conversions")


def make_admin(server: Server, email: str) -> None:
    with sqlite3.connect(server.data_dir / "lectern.db", timeout=30) as database:
        database.execute("UPDATE users SET role = 'super_admin' WHERE email = ?", (email,))
    database.close()


def press_and_confirm(row: Locator, name: str) -> None:
    row.get_by_role("button", name=name, exact=True).click()
    row.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def test_overview_errors_recordings_users_prompts_and_mail(server: Server, visitor: Visitor, tmp_path: Path) -> None:
    other = Client(server.url)
    email = other.register()
    recording = tmp_path / "silence.wav"
    recording.write_bytes(silence())
    video_id = other.upload(recording, formats="txt")["video_id"]
    status = other.wait(video_id)
    visitor.register()
    make_admin(server, visitor.email)
    page = visitor.page

    visitor.open("/admin")
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    expect(page.get_by_role("img", name="jobs succeeded")).to_be_visible()
    expect(page.get_by_role("region", name="Health").get_by_role("listitem").filter(has_text="Database")).to_contain_text("Works")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The queue is paused")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Jobs start when there is capacity")).to_be_visible()

    page.get_by_role("link", name="Errors").click()
    expect(page.get_by_text(status["error_code"], exact=True).first).to_be_visible()
    page.get_by_text("Log", exact=True).first.click()
    expect(page.get_by_text("Traceback").first).to_be_visible()

    page.get_by_role("link", name="Recordings and jobs").click()
    row = page.get_by_role("row").filter(has_text=email)
    expect(row.get_by_role("button", name="Try again")).to_be_visible()
    row.get_by_role("button", name="Details of silence").click()
    expect(page.get_by_role("dialog")).to_contain_text(status["job_id"])
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    press_and_confirm(row, "Delete")
    expect(row).to_have_count(0)

    page.get_by_role("link", name="Users").click()
    own_row = page.get_by_role("row").filter(has_text=visitor.email)
    expect(own_row).to_contain_text("Your account")
    expect(own_row.get_by_role("button")).to_have_count(0)
    page.get_by_role("button", name="New user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail address").fill(f"new-{email}")
    dialog.get_by_label("Password").fill("correct horse battery")
    dialog.get_by_role("button", name="Create").click()
    page.get_by_role("button", name=f"Edit new-{email}").click()
    dialog.get_by_label("Role").select_option("moderator")
    dialog.get_by_label("Storage (GiB)").fill("2")
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text=f"new-{email}")
    expect(row).to_contain_text("Moderator")
    expect(row).to_contain_text("of 2 GiB")
    page.get_by_role("searchbox", name="E-mail address or name").fill(email)
    page.get_by_role("button", name="Search").click()
    row = page.get_by_role("row").filter(has=page.get_by_text(email, exact=True))
    press_and_confirm(row, "Suspend")
    expect(row.get_by_text("Suspended")).to_be_visible()
    row.get_by_role("button", name="Reactivate").click()
    expect(row.get_by_text("Active", exact=True)).to_be_visible()

    page.get_by_role("link", name="Prompts").click()
    expect(page.get_by_role("heading", name="Add a version")).to_be_visible()
    expect(page.get_by_text("Not used yet")).to_have_count(0)
    for text in ("Mend commas.", "Mend all."):
        page.get_by_label("Kind", exact=True).select_option("proofread")
        page.get_by_label("Prompt", exact=True).fill(text)
        page.get_by_role("button", name="Add", exact=True).click()
        row = page.get_by_role("row").filter(has_text=text)
        row.get_by_role("button", name="Activate").click()
        expect(row.get_by_text("active", exact=True)).to_be_visible()
    press_and_confirm(page.get_by_role("row").filter(has_text="Mend commas."), "Delete")
    expect(page.get_by_role("row")).to_have_count(2)

    page.get_by_role("link", name="E-mail").click()
    visitor.expected.add((503, "/api/v1/admin/email/test"))
    page.get_by_label("Server", exact=True).fill("127.0.0.1")
    page.get_by_label("Port").fill("9")
    page.get_by_label("Sender address").fill("lectern@example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("E-mail is sent through 127.0.0.1.")).to_be_visible()
    page.get_by_role("button", name="Send a test e-mail").click()
    expect(page.get_by_text("The mail server cannot accept the e-mail now")).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("No mail server is set, so no e-mail is sent.", exact=True)).to_be_visible()
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_settings_servers_and_audit_log(server: Server, visitor: Visitor) -> None:
    visitor.register()
    make_admin(server, visitor.email)
    page = visitor.page
    visitor.open("/admin#settings")
    visitor.expected |= {(422, "/api/v1/admin/settings/max_duration_s"), (400, "/api/v1/admin/servers")}
    max_duration = page.get_by_role("form", name="max_duration_s")
    max_duration.get_by_role("textbox").fill("long")
    max_duration.get_by_role("button", name="Save").click()
    expect(max_duration.get_by_role("alert")).to_contain_text("valid number")
    expect(max_duration.get_by_role("textbox")).to_be_focused()
    max_duration.get_by_role("textbox").fill("7200")
    max_duration.get_by_role("button", name="Save").click()
    expect(max_duration.get_by_text(f"changed here by {visitor.email}")).to_be_visible()
    max_duration.get_by_role("button", name="Reset").click()
    expect(max_duration.get_by_text("not changed.")).to_be_visible()
    expect(max_duration.get_by_role("textbox")).to_have_value("43200")
    max_upload = page.get_by_role("form", name="max_upload_bytes")
    expect(max_upload.get_by_role("textbox")).to_have_value("10 GiB")
    max_upload.get_by_role("textbox").fill("much")
    max_upload.get_by_role("button", name="Save").click()
    expect(max_upload.get_by_role("alert")).to_have_text("This is not a size. Enter one such as 500 MiB or 10 GiB.")
    assert page.evaluate("async () => (await import('/web/format.js')).parseSize('2,5 GB')") == "2500000000"
    max_upload.get_by_role("textbox").fill("1.5 GiB")
    max_upload.get_by_role("button", name="Save").click()
    expect(max_upload.get_by_role("textbox")).to_have_value("1536 MiB")

    page.get_by_role("link", name="Servers").click()
    page.get_by_label("Name").fill("lab-1")
    page.get_by_label("URL").fill(server.url)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_contain_text("servers_allow_private")
    page.get_by_role("link", name="Settings").click()
    allow_private = page.get_by_role("form", name="servers_allow_private")
    allow_private.get_by_role("combobox").select_option("Yes")
    allow_private.get_by_role("button", name="Save").click()
    expect(allow_private.get_by_text(f"changed here by {visitor.email}")).to_be_visible()
    page.get_by_role("link", name="Servers").click()
    page.get_by_label("Name").fill("lab-1")
    page.get_by_label("URL").fill(server.url)
    page.get_by_role("button", name="Register").click()
    row = page.get_by_role("row").filter(has_text="lab-1")
    expect(row.get_by_text("not checked")).to_be_visible()
    page.get_by_role("button", name="Check health now").click()
    expect(page.get_by_text("1 of 1 servers are healthy")).to_be_visible()
    expect(row.get_by_text("healthy")).to_be_visible()
    press_and_confirm(row, "Drain")
    expect(row.get_by_text("draining")).to_be_visible()
    row.get_by_role("button", name="Activate").click()
    expect(row.get_by_text("Active", exact=True)).to_be_visible()
    press_and_confirm(row, "Remove")
    expect(row).to_have_count(0)

    page.get_by_role("link", name="Audit log").click()
    expect(page.get_by_role("row").filter(has_text="server.remove")).to_contain_text(visitor.email)
    page.get_by_role("searchbox", name="E-mail address").fill(visitor.email)
    page.get_by_role("searchbox", name="Action").fill("setting.")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).to_have_count(5)
    expect(page.get_by_role("row").filter(has_text="setting.reset")).to_contain_text("value: 7200 → 43200")
    for part in ("Overview", "Users", "Recordings and jobs", "Errors", "Prompts", "E-mail", "Settings", "Servers", "Audit log"):
        page.get_by_role("link", name=part).click()
        expect(page.locator("a[aria-current]", has_text=part)).to_be_visible()
        expect(page.locator("[aria-busy]")).to_have_count(0)
        visitor.expect_accessible()


def test_users_who_are_not_admins_are_told_so(visitor: Visitor) -> None:
    visitor.register()
    visitor.open("/admin")
    expect(visitor.page.get_by_text("This page is for administrators")).to_be_visible()
    visitor.expect_accessible()
