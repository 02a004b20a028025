"""A library of hundreds of recordings: only those near the window are in the document."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bench.library import fill_library
from scripts.client import Client
from scripts.server import Server

_COUNT = 300
_MAX_CARDS = 60


@pytest.fixture(scope="module")
def owner(server: Server) -> Client:
    client = Client(server.url)
    client.register()
    fill_library(client, server.data_dir / "lectern.db", _COUNT)
    return client


@pytest.fixture
def page(browser: Browser, owner: Client) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    context.set_extra_http_headers({"Authorization": str(owner.http.headers["Authorization"])})
    page = context.new_page()
    page.goto(owner.url)
    expect(_card(page, _COUNT - 1)).to_be_visible()
    yield page
    context.close()


def _card(page: Page, number: int) -> Locator:
    return page.get_by_role("article", name=f"Lecture {number}", exact=True)


def _cards_in_document(page: Page) -> int:
    return page.locator(".recording").count()


def test_the_list_has_its_whole_length_but_few_cards(page: Page) -> None:
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height > _COUNT * 100
    assert _cards_in_document(page) <= _MAX_CARDS
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(_card(page, 0)).to_be_visible()
    expect(_card(page, _COUNT - 1)).to_have_count(0)
    assert _cards_in_document(page) <= _MAX_CARDS
    item = page.get_by_role("listitem").filter(has=_card(page, 0))
    assert (item.get_attribute("aria-posinset"), item.get_attribute("aria-setsize")) == ("300", "301")
    assert page.evaluate("document.documentElement.scrollHeight") == pytest.approx(height, rel=0.1)


def test_the_tab_key_reaches_every_recording_in_turn(page: Page) -> None:
    page.get_by_role("link", name=f"Lecture {_COUNT - 1}", exact=True).focus()
    places = [1]
    for _ in range(200):
        page.keyboard.press("Tab")
        place = int(page.evaluate("document.activeElement.closest('.recording')?.getAttribute('aria-posinset') ?? 0"))
        if place != places[-1]:
            places.append(place)
    assert len(places) > 25
    assert places == list(range(1, len(places) + 1))


def test_a_recording_deleted_far_down_leaves_the_focus_and_the_place_there(page: Page) -> None:
    page.evaluate("document.querySelectorAll('.list-block')[10].scrollIntoView()")
    card = _card(page, 195)
    card.get_by_role("button", name="More for").click()
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(card).to_have_count(0)
    expect(page.get_by_role("heading", name="Lecture 194", exact=True)).to_be_focused()
    assert page.evaluate("scrollY") > 10_000


def test_whoever_comes_back_from_a_recording_finds_the_list_as_it_was(page: Page) -> None:
    page.get_by_label("Order").select_option("oldest")
    expect(_card(page, 0)).to_be_visible()
    page.evaluate("document.querySelectorAll('.list-block')[12].scrollIntoView()")
    link = page.get_by_role("link", name="Lecture 122", exact=True)
    link.click()
    expect(page.get_by_role("heading", name="Lecture 122")).to_be_visible()
    page.go_back()
    expect(link).to_be_in_viewport()
    expect(page.get_by_label("Order")).to_have_value("oldest")


def test_all_recordings_can_be_selected_at_once(page: Page) -> None:
    total = int(page.locator(".list-head .count").inner_text())
    page.get_by_role("button", name="Select several").click()
    page.get_by_role("button", name="Select all").click()
    expect(page.get_by_text(f"{total} recordings selected")).to_be_visible()
    assert _cards_in_document(page) <= _MAX_CARDS
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.get_by_role("checkbox", name="Select Lecture 0", exact=True)).to_be_checked()
