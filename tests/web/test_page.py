"""What people do with the page, in a real browser against a real server."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from scripts.program import PROJECT
from tests.web.conftest import Visitor

TINY, SUBTITLES, LECTURE = (PROJECT / "samples" / name for name in ("tiny.mp4", "tiny.srt", "lecture.mp4"))
_CONVERTED_MS = 40_000


def test_a_recording_becomes_documents_and_can_be_watched_renamed_and_deleted(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    visitor.register()
    visitor.choose(TINY, SUBTITLES)
    page.get_by_label("Title (optional)").fill("<b>Trees</b> & graphs")
    page.get_by_role("button", name="Upload", exact=True).click()

    card = page.get_by_role("article", name="<b>Trees</b> & graphs")
    expect(card).to_be_visible()
    expect(card.get_by_role("progressbar")).to_be_visible()
    expect(card.get_by_text("Ready", exact=True)).to_be_visible(timeout=_CONVERTED_MS)
    expect(card).to_contain_text(re.compile(r"\d+ slides? · \d+ words"))
    for name in ("PDF", "Word", "Markdown", "Text", "SRT", "VTT", "Web page", "JSON"):
        expect(card.get_by_role("link", name=f"Download {name} ")).to_be_visible()
    with page.expect_download() as started:
        card.get_by_role("link", name="Download PDF").click()
    started.value.save_as(tmp_path / "notes.pdf")
    assert started.value.suggested_filename == "tiny.pdf"
    assert (tmp_path / "notes.pdf").read_bytes().startswith(b"%PDF-")

    card.get_by_role("button", name="Rename").click()
    page.get_by_role("dialog").get_by_label("Title").fill("Trees")
    page.keyboard.press("Enter")
    card = page.get_by_role("article", name="Trees", exact=True)
    expect(card).to_be_visible()

    card.get_by_role("link", name="Watch").click()
    _expect_player_starts_at_the_second_in_the_address(visitor)

    page.get_by_role("link", name="All recordings").click()
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(card).to_be_visible()
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()


def _expect_player_starts_at_the_second_in_the_address(visitor: Visitor) -> None:
    page = visitor.page
    expect(page.get_by_role("heading", name="Trees", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Download PDF")).to_be_visible()
    watched = page.url
    page.goto("about:blank")
    page.goto(f"{watched}#t=5")
    page.wait_for_function("() => { const time = document.querySelector('video')?.currentTime; return time >= 5 && time < 9; }")
    page.evaluate("location.hash = '#t=0:12'")
    page.wait_for_function("() => document.querySelector('video').currentTime >= 12")

    visitor.expected.add((401, watched.removeprefix(visitor.url).replace("watch", "api/v1/recordings") + "/media"))
    page.context.clear_cookies(name="access_token")
    page.evaluate("document.querySelector('video').load()")
    page.wait_for_function("() => { const video = document.querySelector('video'); return video.readyState > 0 && !video.error; }")


def test_an_upload_shows_how_far_it_is_and_can_be_cancelled(visitor: Visitor) -> None:
    page = visitor.page
    visitor.register()
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500_000}
    page.context.new_cdp_session(page).send("Network.enable")
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    visitor.choose(LECTURE)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_function("() => { const bar = document.querySelector('.sending progress'); return bar?.value > 0 && bar.value < 100; }")
    page.get_by_role("button", name="Cancel upload").click()
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_focused()
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()


def test_a_conversion_can_be_cancelled_and_started_again(visitor: Visitor) -> None:
    visitor.register()
    visitor.choose(LECTURE)
    visitor.page.get_by_role("button", name="Upload", exact=True).click()
    card = visitor.page.get_by_role("article", name="lecture")
    card.get_by_role("button", name="Cancel lecture").click()
    expect(card.get_by_text("You cancelled this one.")).to_be_visible()
    expect(card.get_by_role("heading")).to_be_focused()
    card.get_by_role("button", name="Start again: lecture").click()
    expect(card.get_by_role("progressbar")).to_be_visible()
    card.get_by_role("button", name="Cancel lecture").click()
    expect(card.get_by_text("You cancelled this one.")).to_be_visible()


def test_a_file_that_is_no_recording_is_explained(visitor: Visitor, tmp_path: Path) -> None:
    visitor.expected.add((415, "/api/v1/recordings"))
    notes = tmp_path / "notes.mp4"
    notes.write_text("Not a film. " * 100)
    visitor.register()
    visitor.choose(notes)
    visitor.page.get_by_role("button", name="Upload", exact=True).click()
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_contain_text("This file is no video or audio recording.")
    expect(alert).to_contain_text("Send MP4")


def test_signing_out_and_in_again(visitor: Visitor) -> None:
    page = visitor.page
    visitor.expected.add((401, "/api/v1/auth/login"))
    visitor.register()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    visitor.sign_in("wrong password")
    expect(page.get_by_role("alert")).to_contain_text("Wrong e-mail address, user name or password.")
    visitor.sign_in()
    expect(page.get_by_role("heading", name="Your recordings")).to_be_visible()


def test_a_session_is_renewed_without_a_word_and_asked_for_when_it_has_ended(visitor: Visitor) -> None:
    visitor.expected.add((404, "/api/v1/recordings/unknown"))
    cookies = visitor.page.context
    visitor.register()
    cookies.clear_cookies(name="access_token")
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", name="Your recordings")).to_be_visible()
    cookies.clear_cookies()
    visitor.open("/watch/unknown#t=5")
    visitor.sign_in()
    expect(visitor.page.get_by_role("heading", name="Not found")).to_be_visible()


def test_nothing_sticks_out_at_any_width(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    _expect_no_sideways_scrolling(visitor)
    visitor.register()
    _expect_no_sideways_scrolling(visitor)
    visitor.choose(TINY)
    _expect_no_sideways_scrolling(visitor)


def _expect_no_sideways_scrolling(visitor: Visitor) -> None:
    for width in (360, 768, 1280):
        visitor.page.set_viewport_size({"width": width, "height": 800})
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width


def test_the_keyboard_is_enough(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent"))
    assert reached == ["Skip to content", "Lectern", "E-mail address or user name", "Password", "Sign in", "Create an account"]


def test_a_bell_tells_that_a_recording_is_ready(visitor: Visitor) -> None:
    page = visitor.page
    visitor.register()
    bell = page.get_by_role("button", name="Notices")
    bell.click()
    expect(page.get_by_text("No notices.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(bell).to_be_focused()
    visitor.choose(TINY, SUBTITLES)
    page.get_by_label("Title (optional)").fill("<b>Trees</b>")
    page.get_by_role("button", name="Upload", exact=True).click()
    told = page.get_by_role("button", name="Notices, 1 unread")
    expect(told).to_be_visible(timeout=_CONVERTED_MS)
    told.click()
    panel = page.get_by_role("region", name="Notices")
    expect(panel.get_by_role("link", name="<b>Trees</b> is ready")).to_be_visible()
    panel.get_by_role("button", name="Mark all read").click()
    expect(page.get_by_role("button", name="Notices", exact=True)).to_be_visible()
    panel.get_by_role("button", name="Delete notice: <b>Trees</b> is ready").click()
    expect(panel.get_by_text("No notices.")).to_be_visible()
    page.mouse.click(5, 500)
    expect(panel).to_be_hidden()
