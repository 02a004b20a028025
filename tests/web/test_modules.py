"""Every module of the page can be loaded by a browser."""

from __future__ import annotations

from playwright.sync_api import Browser

from scripts.program import PROJECT
from scripts.server import Server

MODULES = sorted(
    path.relative_to(PROJECT / "web").as_posix()
    for path in (PROJECT / "web").rglob("*.js")
    if "vendor" not in path.parts and path.name not in ("app.js", "docs.js", "embed.js", "redoc.js")
)


def test_every_module_loads(server: Server, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{server.url}/web/format.js")
    errors = {}
    for module in MODULES:
        error = page.evaluate("(url) => import(url).then(() => '', (error) => String(error))", f"/web/{module}")
        if error:
            errors[module] = error
    page.close()
    assert not errors
