"""The page of a share link keeps playing while the server can't be reached."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Route

from scripts.server import Server

PLAYBACK = {
    "hls": "",
    "dash": "",
    "original": "/stream/token/original",
    "poster": "",
    "thumbnails": "",
    "captions": "/c.vtt",
    "chapters": "",
}
CAPTIONS = (
    "WEBVTT\n\n00:01.000 --> 00:02.000\nA graph has\n\n00:02.000 --> 00:04.000\n<i>vertices</i>.\n\n00:05.000 --> 00:06.000\nAnd edges.\n\n"
    "00:09.000 --> 00:10.000\n木は\n\n00:10.000 --> 00:11.000\nグラフです。\n\n00:11.000 --> 00:12.000\nक्या?\n"
)
SHARED_VIDEO = {
    "recording": {"title": "A talk", "language": "en"},
    "playback": {**PLAYBACK, "expires_in": 60},
    "documents": [{"format": name, "url": f"/{name}", "filename": name} for name in ("txt", "pdf")],
}


def test_a_failed_renewal_is_repeated_until_the_addresses_expire(server: Server, browser: Browser) -> None:
    answers: list[int] = []
    status = 200

    def answer(route: Route) -> None:
        answers.append(status)
        body: dict[str, Any] = SHARED_VIDEO if status == 200 else {"error": "This link has expired or was revoked.", "code": "not_found"}
        if status:
            route.fulfill(status=status, json=body)
        else:
            route.abort()

    page = browser.new_page()
    page.clock.install()
    page.route("**/api/v1/shared/*", answer)
    page.route("**/c.vtt", lambda route: route.fulfill(body=CAPTIONS, content_type="text/vtt"))
    page.goto(f"{server.url}/embed/token")
    player, message = page.locator("#player"), page.locator("#message")
    player.wait_for()
    assert page.get_by_role("list", name="Documents").get_by_role("link").all_inner_texts() == ["PDF", "Text"]

    sentences = page.get_by_role("region", name="Transcript").get_by_role("button")
    assert sentences.all_inner_texts() == ["0:01\nA graph has vertices.", "0:05\nAnd edges.", "0:09\n木はグラフです。", "0:11\nक्या?"]
    sentences.nth(1).click()
    assert page.evaluate("document.querySelector('video').currentTime") == 5
    addresses = ["/c.vtt", "https://cdn.example.org/c.vtt"]
    origins = page.evaluate("async (all) => all.map((await import('/web/renewing_media.js')).crossOriginOf)", addresses)
    assert origins == [None, "anonymous"]
    page.get_by_label("Speed").select_option("1.5")

    def advance_until(number: int) -> None:
        """Let a second pass again and again, until so many requests were sent."""
        for _ in range(200):
            if len(answers) >= number:
                return
            page.clock.run_for(1_000)
        raise AssertionError(answers)

    status = 0
    advance_until(4)
    assert answers == [200, 0, 0, 0] and player.is_visible() and message.text_content() == ""
    status = 200
    advance_until(5)
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.5
    status = 503
    advance_until(7)
    assert player.is_visible() and message.text_content() == ""
    status = 404  # revoked
    advance_until(8)
    message.get_by_text("revoked").wait_for()
    assert player.is_hidden()
    page.close()
