"""Lessons, courses, the slides of all recordings and their correction, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.program import PROJECT
from tests.web.conftest import Visitor

pytestmark = pytest.mark.slow("a browser, a server and a real conversion")

TINY, SUBTITLES = (PROJECT / "samples" / name for name in ("tiny.mp4", "tiny.srt"))
NOTES = """# Leaves

Photosynthesis is the process by which plants turn light into sugar. It happens in leaves.

## Needs

- Light
- Water
"""
_CONVERSION_TIMEOUT_MS = 120_000


def test_lessons_courses_and_slides(visitor: Visitor, browser: Browser) -> None:
    page = visitor.page
    visitor.register()
    visitor.choose(TINY, SUBTITLES)
    page.get_by_label("Title (optional)").fill("Heat")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("article", name="Heat")).to_be_visible()
    _write_and_edit_a_lesson(visitor)
    page.get_by_role("link", name="Recordings").click()
    expect(page.get_by_role("article", name="Heat").get_by_text("Ready", exact=True)).to_be_visible(timeout=_CONVERSION_TIMEOUT_MS)
    _correct_the_slides(visitor)
    _look_at_all_slides(visitor)
    _make_a_course(visitor)
    _let_another_user_watch(visitor, browser)
    _read_the_page_in_german(page)


def _write_and_edit_a_lesson(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("link", name="Lessons").click()
    page.get_by_role("tab", name="Topic").click()
    expect(page.get_by_text("A topic alone needs a language model")).to_be_visible()
    page.get_by_role("tab", name="Notes").click()
    page.get_by_role("textbox", name="Notes").fill(NOTES)
    page.get_by_role("button", name="Write the scripts").click()
    cards = page.get_by_role("article", name="Leaves")
    expect(cards).to_have_count(3)
    expect(cards.get_by_text("Ready", exact=True)).to_have_count(3)
    expect(cards.first.get_by_role("listitem").first).to_be_visible()  # the outline of a new script opens by itself
    visitor.expect_accessible()
    cards.first.get_by_role("link", name="Edit and render").click()

    scenes = page.get_by_role("list", name="Scenes").get_by_role("button")
    expect(page.locator(".scene-preview img")).to_have_js_property("complete", True)
    before = scenes.count()
    scenes.nth(1).click()
    with page.expect_response("**/lessons/previews") as preview:
        page.get_by_label("Term").fill("<i>What</i> it needs")
    assert preview.value.status == 200
    page.keyboard.press("Control+s")
    expect(scenes.nth(1)).to_contain_text("<i>What</i> it needs")
    page.get_by_label("Kind of the new scene").select_option("quiz")
    page.get_by_role("button", name="Insert a scene").click()
    expect(scenes).to_have_count(before + 1)
    page.get_by_label("Question").fill("What do leaves need?")
    page.get_by_role("button", name="Move up").click()  # not saved yet: the change stays in the form
    page.get_by_role("button", name="Save the scene").click()
    expect(scenes.nth(1)).to_contain_text("What do leaves need?")
    page.get_by_role("button", name="Versions").click()
    page.get_by_role("button", name="Restore version 2").click()
    expect(scenes).to_have_count(before)
    expect(page.get_by_role("button", name="Make the video")).to_be_enabled()
    visitor.expect_accessible()


def _correct_the_slides(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("article", name="Heat").get_by_role("link", name="Open").click()
    page.get_by_role("tab", name="Slides").click()
    visitor.expected.add((404, page.url.removeprefix(visitor.url).replace("watch", "api/v1/recordings") + "/deck"))
    page.get_by_role("button", name="Slide deck", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Choose the deck")).to_be_visible()
    visitor.expect_accessible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Correct the slides").click()
    title = page.get_by_label("Title of slide 1")
    title.fill("Steam and <b>bubbles</b>")
    page.get_by_role("button", name="Move down: Slide 1").click()  # before the title is saved: neither gets lost
    documents = page.get_by_role("complementary", name="Documents")
    expect(documents.get_by_text("The documents show the slides as they were before.")).to_be_visible()
    expect(page.get_by_label("Title of slide 2")).to_have_value("Steam and <b>bubbles</b>")
    page.get_by_role("button", name="Undo").click()
    expect(title).to_have_value("Steam and <b>bubbles</b>")
    page.get_by_role("button", name="Crop: Slide 1").click()
    page.get_by_label("Cut off on the left, in percent").fill("25")
    page.get_by_role("dialog").get_by_role("button", name="Crop").click()
    expect(page.locator(".slide-edit .crop-frame")).to_have_count(1)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("tabpanel", name="Slides").get_by_text("The documents show the slides as they were before.")).to_be_visible()
    documents.get_by_role("button", name="Update the documents").click()
    strip = page.get_by_role("region", name="Slides", exact=True)
    expect(strip.get_by_role("button").first).to_contain_text("Steam and <b>bubbles</b>", timeout=_CONVERSION_TIMEOUT_MS)
    expect(documents.get_by_text("The documents are up to date.")).to_be_visible()


def _look_at_all_slides(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Slides").click()
    expect(page.locator("#main").get_by_text("2 slides")).to_be_visible()
    page.get_by_label("Search the slides").fill("bubbles")
    expect(page.locator("#main").get_by_text("1 slide", exact=True)).to_be_visible()
    visitor.expect_accessible()
    page.get_by_role("link", name="Play Steam and <b>bubbles</b>").click()
    expect(page).to_have_url(re.compile(r"/watch/[^#]+#t=\d"))


def _make_a_course(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("link", name="Courses").click()
    expect(page.get_by_text("You have no courses yet.")).to_be_visible()
    page.get_by_role("button", name="New course").click()
    page.get_by_role("dialog").get_by_label("Title").fill("Physics")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Physics")).to_be_visible()
    page.get_by_role("button", name="Add recordings").click()
    page.get_by_role("dialog").get_by_role("checkbox", name="Heat").check()
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    expect(page.get_by_text("0 of 1 watched")).to_be_visible()
    visitor.expect_accessible()


def _let_another_user_watch(visitor: Visitor, browser: Browser) -> None:
    """A recording that its owner opens can be watched and read by others, who cannot change it."""
    address = visitor.page.get_by_role("link", name="Heat").get_attribute("href") or ""
    recording = f"{visitor.url}/api/v1/recordings/{address.rpartition('/')[2]}"
    visitor.page.request.patch(recording, data={"visibility": "UNLISTED"})
    link = visitor.page.request.post(f"{recording}/links", data={}, headers={"Origin": visitor.url}).json()
    context = browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    other = Visitor(context.new_page(), visitor.url)
    other.register()
    other.open(address)
    expect(other.page.get_by_role("heading", name="Heat")).to_be_visible()
    sentences = other.page.get_by_role("region", name="Transcript").get_by_role("listitem")
    sentences.last.get_by_role("button").click()
    expect(sentences.last).to_have_attribute("aria-current", "true")
    other.expect_accessible()
    other.open(link["embed_url"].removeprefix(visitor.url))
    expect(other.page.get_by_role("heading", name="Heat")).to_be_visible()
    other.expect_accessible()
    context.close()


def _read_the_page_in_german(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Menu of")).click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_text("0 von 1 angesehen")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "de"
