"""Projects on the page: create, edit, share and make the video."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.web.conftest import Visitor


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
    page.get_by_text("Add a member").first.click()
    page.get_by_label("E-mail address").fill("nobody@example.org")
    project = page.url.rpartition("/")[2]
    visitor.expected.add((404, f"/api/v1/projects/{project}/members"))
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("No active user has this e-mail address.")).to_be_visible()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog.get_by_label("Description").fill("For year 7")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("For year 7")).to_be_visible()
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
