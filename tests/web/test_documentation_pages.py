"""The documentation's pages under their policies: the browser refuses nothing that they do, and they ask no other host."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.conftest import Visitor


@pytest.mark.parametrize(("path", "words"), [("/docs", "Lectures in, documents out."), ("/redoc", "Lectures in, documents out.")])
def test_documentation_shows_without_a_complaint(visitor: Visitor, path: str, words: str) -> None:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.open(path)
    expect(visitor.page.get_by_text(words).first).to_be_visible()
    visitor.page.wait_for_load_state("networkidle")
    assert all(url.startswith((visitor.url, "data:", "blob:")) for url in asked), asked
