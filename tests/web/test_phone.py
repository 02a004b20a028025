"""A recording on a phone: by touch, in a narrow window."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.program import PROJECT
from scripts.server import Server
from tests.web.conftest import Visitor

pytestmark = pytest.mark.slow("a browser, a server and real conversions")

_CONVERSION_TIMEOUT_MS = 120_000  # an upper bound for busy machines


@pytest.fixture
def phone(server: Server, browser: Browser) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True, reduced_motion="reduce")
    context.set_default_timeout(60_000)  # an upper bound for busy machines
    visitor = Visitor(context.new_page(), server.url)
    yield visitor
    context.close()
    assert visitor.console_errors == []


def test_a_student_reads_and_corrects_a_recording_on_a_phone(phone: Visitor) -> None:
    page = phone.page
    phone.register()
    assert page.evaluate("scrollY") == 0
    phone.choose(*(PROJECT / "samples" / name for name in ("tiny.mp4", "tiny.srt")))
    page.get_by_role("button", name="Upload", exact=True).tap()
    open_link = page.get_by_role("article", name="tiny").get_by_role("link", name="Open")
    expect(open_link).to_be_in_viewport()  # and with it the progress above
    open_link.tap()
    expect(page.locator(".segment").first).to_be_visible(timeout=_CONVERSION_TIMEOUT_MS)
    _read_whole_names_of_documents(page)
    _step_through_matches(page)
    _correct_without_a_keyboard(page)
    _write_a_note_in_the_second_that_is_shown(page)
    _link_to_a_moment_and_cite_it(page)
    _enlarge_a_slide(page)


def _read_whole_names_of_documents(page: Page) -> None:
    """No word of a name is broken where it has no hyphen."""
    phone = page.viewport_size
    assert phone
    names = page.locator(".watch-aside .download .name")
    assert names.count() > 5
    names.evaluate_all("all => all.forEach((name) => (name.style.overflowWrap = 'normal'))")
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": phone["height"]})
        assert (
            names.evaluate_all("all => all.filter((name) => name.scrollWidth > name.clientWidth + 1).map((name) => name.textContent)") == []
        )
    page.set_viewport_size(phone)


def _step_through_matches(page: Page) -> None:
    """The steps stay in the window when the search field has left it."""
    search = page.get_by_role("search").filter(has=page.get_by_label("Find in the transcript"))
    expect(search.get_by_role("button")).to_have_count(0)
    search.get_by_role("searchbox").fill("e")
    following = search.get_by_role("button", name="Next match")
    for number in (1, 2):
        following.tap()
        expect(search.get_by_text(re.compile(rf"^{number} of \d+$"))).to_be_in_viewport()
    search.get_by_role("button", name="Previous match").tap()
    expect(search.get_by_text(re.compile(r"^1 of \d+$"))).to_be_in_viewport()
    search.get_by_role("button", name="End the search").tap()
    expect(search.get_by_role("button")).to_have_count(0)
    expect(search.get_by_role("searchbox")).to_have_value("")


def _correct_without_a_keyboard(page: Page) -> None:
    expect(page.get_by_text("Tap a word to play from it")).to_be_visible()
    expect(page.get_by_text("Press ? for all keys")).to_be_hidden()
    segment = page.locator(".segment").nth(1)
    before = segment.locator(".segment-text").inner_text()
    for action, result in (("Cancel", before), ("Save", "By touch.")):
        segment.get_by_role("button", name="Correct").tap()
        segment.get_by_role("textbox").fill("By touch.")
        segment.get_by_role("button", name=action, exact=True).tap()
        expect(segment.locator(".segment-text")).to_have_text(result)


def _write_a_note_in_the_second_that_is_shown(page: Page) -> None:
    page.evaluate("() => { const video = document.querySelector('video'); video.pause(); video.currentTime = 1.96; }")
    expect(page.locator(".player-time")).to_contain_text("0:01")
    page.get_by_role("group", name="Player").get_by_role("button", name="Add a note here").tap()
    expect(page.get_by_role("textbox", name="Note at 0:01")).to_be_focused()
    expect(page.get_by_text("The zip file of all documents has your notes, too.")).to_be_visible()


def _link_to_a_moment_and_cite_it(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    player = page.get_by_role("group", name="Player")
    player.get_by_role("button", name="Player settings").tap()
    player.get_by_role("button", name="Copy a link to this moment").tap()
    expect(player.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{page.url.partition('#')[0]}#t=1"
    player.get_by_role("button", name="Cite this moment").tap()
    expect(page.get_by_role("dialog")).to_contain_text("at 0:01")
    page.get_by_role("dialog").get_by_role("button", name="Close").tap()


def _enlarge_a_slide(page: Page) -> None:
    page.get_by_role("tab", name="Slides").tap()
    page.get_by_role("button", name="Enlarge slide 1").first.tap()
    picture = page.get_by_role("dialog").locator(".viewer-picture").bounding_box()
    assert picture
    assert picture["width"] >= 386  # edge to edge
