"""The script of HTML documents, in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from services.documents import render
from tests.documents.lecture import make_lecture


@pytest.mark.parametrize("width", [390, 1280])
def test_the_list_of_contents_stays_in_view_and_shows_the_chapter(browser: Browser, width: int, tmp_path: Path) -> None:
    """In a narrow window it is a line at the top that opens the list, which would otherwise stand before the first slide."""
    render("html", make_lecture(tmp_path / "images", slides=7), tmp_path / "images", tmp_path / "notes.html")
    page = browser.new_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    page.goto((tmp_path / "notes.html").as_uri())
    contents = page.get_by_role("navigation")
    summary, link = contents.locator("summary"), contents.get_by_role("link", name="Step 3 of descent")
    is_narrow = width < 1000
    expect(link).to_be_visible(visible=not is_narrow)
    if is_narrow:
        summary.click()
    link.click()
    expect(page.get_by_role("heading", name="Step 3 of descent")).to_be_in_viewport()
    expect(summary).to_be_in_viewport()
    expect(link).to_be_visible(visible=not is_narrow)
    if is_narrow:
        expect(summary).to_contain_text("Step 3 of descent")
        top = page.get_by_role("heading", name="Step 3 of descent").bounding_box()
        bar = contents.bounding_box()
        assert top and bar and top["y"] >= bar["y"] + bar["height"]
    else:
        expect(link).to_have_attribute("aria-current", "location")
    page.close()
    assert problems == []
