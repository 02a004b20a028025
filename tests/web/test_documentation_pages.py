"""The API documentation works under its content security policy and loads nothing from other hosts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.conftest import Visitor


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_documentation_loads_without_console_errors(visitor: Visitor, path: str) -> None:
    urls: list[str] = []
    visitor.page.on("request", lambda request: urls.append(request.url))
    visitor.open(path)
    description = visitor.page.request.get(f"{visitor.url}/openapi.json").json()["info"]["description"]
    expect(visitor.page.get_by_text(description).first).to_be_visible()
    visitor.page.wait_for_load_state("networkidle")
    assert all(url.startswith((visitor.url, "data:", "blob:")) for url in urls), urls
