"""The page in a real browser against a real server."""

from __future__ import annotations

import hashlib
import io
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import APIResponse, Browser, Locator, Page, Route, expect

from lib.media_time import format_clock
from scripts.program import PROJECT
from scripts.server import Server
from services.documents.subtitles import format_timing
from tests.link_server import TOKEN, LinkServer
from tests.routes.silence import silence
from tests.waiting import wait_for
from tests.web.conftest import Visitor

pytestmark = pytest.mark.slow("a browser, a server and real conversions")

TINY, SUBTITLES, LECTURE = (PROJECT / "samples" / name for name in ("tiny.mp4", "tiny.srt", "lecture.mp4"))
_CONVERSION_TIMEOUT_MS = 120_000  # an upper bound for busy machines
_UPLOAD_IS_RUNNING = "() => { const bar = document.querySelector('.upload-progress progress'); return bar?.value > 10 && bar.value < 100; }"


def test_links_and_batches(visitor: Visitor, site: LinkServer) -> None:
    page = visitor.page
    visitor.register()

    def paste(url: str) -> None:
        page.get_by_label("or paste a link").fill(url)
        page.get_by_role("button", name="Continue").click()

    visitor.expected.add((422, "/api/v1/links"))
    paste("http://127.0.0.1:1/lecture.mp4")
    page.get_by_text("Only a part?").click()
    page.get_by_label("Start").fill("1:30")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("private address")
    page.get_by_role("button", name="Cancel", exact=True).click()

    paste(f"{site.url}/locked/s/{TOKEN}")
    page.get_by_role("button", name="Import", exact=True).click()
    card = page.get_by_role("article", name=TOKEN)
    expect(card).to_contain_text("Send the password of the share")
    expect(card.get_by_role("link", name="Open")).to_be_hidden()

    site.is_slow = True
    paste(f"{site.url}/feed")
    page.get_by_label("Import all recordings of this link").check()
    expect(page.get_by_text("Only a part?")).to_be_hidden()
    page.get_by_role("button", name="Import", exact=True).click()
    batch = page.get_by_role("article", name="Lectures on the air")
    batch.get_by_text("Recordings", exact=True).click()
    expect(batch.get_by_role("listitem").filter(has_text="Two & more")).to_contain_text("Waiting")
    expect(batch.get_by_role("listitem").filter(has_text="One")).to_contain_text("Downloading")
    batch.get_by_role("button", name="Cancel all").click()
    expect(batch.get_by_text("2 cancelled")).to_be_visible()
    batch.get_by_role("button", name="Remove from this list").click()
    expect(page.get_by_role("heading", name="Batches")).to_be_hidden()
    site.is_slow = False


def test_a_part_of_an_upload_and_of_a_link_is_converted(visitor: Visitor, site: LinkServer) -> None:
    page = visitor.page
    site.reset()
    visitor.register()

    def choose_part(start: str, end: str, button: str) -> None:
        if not page.get_by_label("Start").is_visible():
            page.get_by_text("Only a part?").click()
        page.get_by_label("Start").fill(start)
        page.get_by_label("End", exact=True).fill(end)
        page.get_by_role("button", name=button, exact=True).click()

    def text_of(card: Locator) -> str:
        expect(card.get_by_text("Ready", exact=True)).to_be_visible(timeout=_CONVERSION_TIMEOUT_MS)
        recording_id = str(card.get_by_role("link", name="Open").get_attribute("href")).rpartition("/")[2]
        return str(page.request.get(f"{visitor.url}/download/txt/{recording_id}").text())

    visitor.choose(TINY, SUBTITLES)
    page.get_by_label("Title (optional)").fill("A part of a file")
    visitor.expected.add((422, "/api/v1/recordings"))
    choose_part("0:05", "0:03", "Upload")
    expect(page.get_by_role("alert").first).to_contain_text("must be later than the start")
    choose_part("0:03", "0:06", "Upload")
    text = text_of(page.get_by_role("article", name="A part of a file"))
    assert "Duration: 0:03" in text and "Air presses" in text
    assert "Welcome" not in text and "mountain" not in text

    page.get_by_label("or paste a link").fill(f"{site.url}/player")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Title (optional)").fill("A part of a link")
    choose_part("1", "0:00:03", "Import")
    assert "Duration: 0:02" in text_of(page.get_by_role("article", name="A part of a link"))


def test_upload_convert_download_rename_watch_and_delete(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url.removeprefix(visitor.url)))
    visitor.register()
    visitor.choose(TINY, SUBTITLES)
    page.get_by_label("Title (optional)").fill("<b>Trees</b> & graphs")
    page.get_by_role("button", name="Upload", exact=True).click()

    card = page.get_by_role("article", name="<b>Trees</b> & graphs")
    expect(card).to_be_visible()
    expect(card.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="Show more recordings")).to_have_count(0)
    expect(card.get_by_text("Ready", exact=True)).to_be_visible(timeout=_CONVERSION_TIMEOUT_MS)
    expect(card).to_contain_text(re.compile(r"\d+ slides? · \d+ words"))
    card.get_by_text("More formats").click()
    for document_format in page.request.get(f"{visitor.url}/api/v1/formats").json()["formats"]:
        expect(card.get_by_role("link", name=f"Download {document_format['label']} ")).to_be_visible()
    with page.expect_download() as download_info:
        card.get_by_role("link", name="Download PDF").click()
    download_info.value.save_as(tmp_path / "notes.pdf")
    assert download_info.value.suggested_filename == "_b_Trees_b_ & graphs.pdf"
    assert (tmp_path / "notes.pdf").read_bytes().startswith(b"%PDF-")

    assert requests.count("/api/v1/events") == 1
    assert len([path for path in requests if path.startswith("/api/v1/recordings?")]) <= 4  # progress needs no polling

    _press_in_menu(card, "Edit details")
    page.get_by_role("dialog").get_by_label("Title").fill("Trees")
    page.get_by_role("dialog").get_by_label("Tags").fill("biology, trees")
    page.keyboard.press("Enter")
    card = page.get_by_role("article", name="Trees", exact=True)
    expect(card).to_be_visible()

    _read_the_notice(page)
    card.get_by_role("link", name="Open").click()
    _expect_player_follows_the_time_in_the_address(visitor)

    page.get_by_role("link", name="All recordings").click()
    _press_in_menu(card, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(card).to_be_visible()
    _press_in_menu(card, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No recordings yet.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("No recordings yet.")).to_be_visible()


def _read_the_notice(page: Page) -> None:
    bell = page.get_by_role("button", name="Notices, 1 unread")
    bell.click()
    page.keyboard.press("Escape")
    expect(bell).to_be_focused()
    bell.click()
    panel = page.get_by_role("region", name="Notices")
    expect(panel.get_by_role("link", name="<b>Trees</b> & graphs is ready")).to_be_visible()
    panel.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("button", name="Notices", exact=True)).to_be_visible()
    panel.get_by_role("button", name="Delete notice: <b>Trees</b> & graphs is ready").click()
    expect(panel.get_by_text("No notices.")).to_be_visible()
    page.mouse.click(5, 500)
    expect(panel).to_be_hidden()


def _press_in_menu(card: Locator, name: str) -> None:
    card.get_by_role("button", name=re.compile("^More for")).click()
    card.get_by_role("button", name=name).click()


def _expect_player_follows_the_time_in_the_address(visitor: Visitor) -> None:
    page = visitor.page
    expect(page.get_by_role("heading", name="Trees", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Download PDF")).to_be_visible()
    watch_url = page.url
    page.goto("about:blank")
    page.goto(f"{watch_url}#t=5")
    page.wait_for_function("() => { const time = document.querySelector('video')?.currentTime; return time >= 5 && time < 9; }")
    page.evaluate("location.hash = '#t=0:12'")
    page.wait_for_function("() => document.querySelector('video').currentTime >= 12")

    for state in ("proposed", "open"):  # the last requests of the page: a later one would fail without the cookie
        page.wait_for_function(
            "part => performance.getEntriesByType('resource').some((entry) => entry.name.includes(part))", arg=f"corrections?state={state}"
        )
    recording = watch_url.removeprefix(visitor.url).replace("watch", "api/v1/recordings")
    visitor.expected |= {(401, recording), (401, f"{recording}/media")}  # the page asks for the recording again when its events begin
    page.context.clear_cookies(name="access_token")
    page.evaluate("document.querySelector('video').load()")
    page.wait_for_function("() => { const video = document.querySelector('video'); return video.readyState > 0 && !video.error; }")


def test_a_transcript_follows_the_player_and_can_be_corrected(visitor: Visitor) -> None:
    page = visitor.page
    visitor.register()
    visitor.choose(TINY, SUBTITLES)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("link", name="Open").click()
    segments = page.get_by_role("list", name="Transcript").get_by_role("listitem")
    expect(segments.first).to_be_visible(timeout=_CONVERSION_TIMEOUT_MS)
    documents = page.get_by_role("complementary", name="Documents")
    expect(documents.get_by_text("The documents show an older text.")).to_be_hidden()
    texts = segments.locator(".segment-text").all_inner_texts()
    assert len(texts) == 4
    _open_on_a_phone(page)

    segments.nth(2).get_by_role("button", name="Play from").click()
    expect(segments.nth(2)).to_have_attribute("aria-current", "true")
    page.evaluate("document.querySelector('video').pause()")
    slides = page.get_by_role("region", name="Slides").get_by_role("button")
    assert slides.count() == 2
    slides.nth(1).click()
    expect(slides.nth(1)).to_have_attribute("aria-current", "true")
    page.wait_for_function("() => document.querySelectorAll('.slide img')[1].naturalWidth > 0")
    page.evaluate("document.querySelector('video').pause()")
    _read_the_slides(visitor, texts)
    first_word = texts[0].split()[0]
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.get_by_label("Find in the transcript")).to_be_focused()
    page.keyboard.type(first_word.upper())
    expect(page.get_by_text(re.compile(r"^\d+ match(es)?$"))).to_be_visible()

    segments.first.get_by_role("button", name="Play from").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("<b>Corrected</b> by hand.")
    page.keyboard.press("Enter")
    expect(segments.nth(1)).to_contain_text("<b>Corrected</b> by hand.")
    expect(documents.get_by_text("The documents show an older text.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(segments.nth(1)).to_contain_text(texts[1])
    page.get_by_role("button", name="Redo").click()
    expect(segments.nth(1)).to_contain_text("by hand")
    segments.nth(2).locator(".segment-text").click()
    expect(segments.nth(2)).to_have_attribute("data-current", "")
    page.keyboard.press("e")  # corrects the sentence that is played
    expect(segments.nth(2).get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    expect(segments.nth(1)).to_contain_text(texts[1])
    page.keyboard.press("Control+y")
    expect(segments.nth(1)).to_contain_text("by hand")
    page.evaluate("document.querySelector('video').pause()")
    segments.nth(2).get_by_role("button", name="Correct").click()
    page.keyboard.type("A reload keeps this. ")
    page.reload()
    expect(segments.nth(1)).to_contain_text("<b>Corrected</b> by hand.")
    expect(page.locator(".segment-field")).to_have_value(re.compile("A reload keeps this."))
    page.keyboard.press("Escape")
    expect(segments.nth(2)).to_contain_text(texts[2])
    expect(page.get_by_role("button", name="Notices", exact=True)).to_be_visible()  # no unread ones
    _lose_nothing_that_was_typed(visitor, segments)
    _split_and_join(page, segments)
    _review_corrections(visitor, segments)
    _update_documents_during_an_edit(page, segments, documents)
    expect(documents.get_by_text("The documents show an older text.")).to_be_hidden()
    expect(documents.get_by_text("The documents are up to date.")).to_be_visible(timeout=_CONVERSION_TIMEOUT_MS)
    visitor.expect_accessible()
    _write_a_note_and_export_it(page)
    _find_a_word_after_three_hours(page)


def _update_documents_during_an_edit(page: Page, segments: Locator, documents: Locator) -> None:
    """The documents are made when the edit before has been saved, however long that takes."""
    blocked_routes: list[Route] = []
    rendering: list[str] = []
    page.route("**/segments/*", lambda route: blocked_routes.append(route))
    page.on("request", lambda request: request.url.endswith("/documents") and rendering.append(request.method))
    segments.nth(3).get_by_role("button", name="Correct").click()
    page.keyboard.type("On its way. ")
    page.keyboard.press("Enter")
    documents.get_by_role("button", name="Update the documents").click()
    page.wait_for_timeout(500)
    assert len(blocked_routes) == 1 and not rendering
    with page.expect_request("**/documents"):
        blocked_routes[0].continue_()
    page.unroute("**/segments/*")
    assert rendering == ["POST"]


def _open_on_a_phone(page: Page) -> None:
    """The title is what one sees first; the text does not scroll under the player before the recording plays."""
    desktop, address = page.viewport_size, page.url
    assert desktop
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(f"{address}?t=1")
    expect(page.locator(".segment[aria-current]")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    page.set_viewport_size(desktop)
    page.goto(address)


def _lose_nothing_that_was_typed(visitor: Visitor, segments: Locator) -> None:
    """A text that can't be saved stays, also after a reload; beside a text that somebody else has saved, both are shown."""
    page = visitor.page
    changes = f"/api/v1/transcripts/{page.url.rpartition('/')[2].partition('#')[0]}/segments/*"

    def correct(text: str) -> None:
        segments.nth(2).get_by_role("button", name="Correct").click()
        page.keyboard.press("Control+a")
        page.keyboard.type(text)

    page.route(f"**{changes}", lambda route: route.abort())
    correct("Typed without a network.")
    page.keyboard.press("Enter")
    expect(segments.nth(2).get_by_role("alert")).to_contain_text("Not saved. The server can't be reached.")
    page.reload()
    expect(segments.nth(2).get_by_role("alert")).to_contain_text("Not saved.")
    page.unroute(f"**{changes}")
    with page.expect_response(lambda response: response.request.method == "PATCH" and "/segments/" in response.url):
        segments.nth(2).get_by_role("button", name="Save again").click()
    expect(segments.nth(2).get_by_role("button", name="Save again")).to_have_count(0)
    visitor.console_errors = [error for error in visitor.console_errors if "ERR_FAILED" not in error]

    transcript = visitor.url + changes.removesuffix("/segments/*")
    segment = page.request.get(transcript).json()["segments"][2]
    assert segment["text"] == "Typed without a network."
    correct("Mine.")
    other_edit = page.request.patch(f"{transcript}/segments/{segment['id']}", data={"text": "Theirs."}, headers={"Origin": visitor.url})
    assert other_edit.ok
    visitor.expected.add((409, changes.replace("*", str(segment["id"]))))
    page.keyboard.press("Enter")
    expect(segments.nth(2)).to_contain_text("Mine.")
    expect(segments.nth(2).get_by_role("status")).to_contain_text("Theirs.")
    segments.nth(2).get_by_role("button", name="Save mine").click()
    expect(segments.nth(2).get_by_role("status")).to_have_count(0)
    page.reload()
    expect(segments.nth(2)).to_contain_text("Mine.")


def _split_and_join(page: Page, segments: Locator) -> None:
    segments.nth(2).get_by_role("button", name="Correct").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("One two three four.")
    for _ in range(len("three four.")):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Enter")
    expect(segments).to_have_count(5)
    expect(segments.nth(2).locator(".segment-text")).to_have_text("One two")
    expect(page.locator(".segment-field")).to_have_value("three four.")
    page.keyboard.press("Home")
    page.keyboard.press("Backspace")
    expect(segments).to_have_count(4)
    expect(page.locator(".segment-field")).to_have_value("One two three four.")
    page.keyboard.press("Escape")


def _write_a_note_and_export_it(page: Page) -> None:
    page.keyboard.press("b")
    page.get_by_role("textbox", name="Note at").fill("Ask <b>why</b>")
    with page.expect_response("**/bookmarks/*"):
        page.keyboard.press("Escape")
    address = page.get_by_role("link", name="All as a zip file").get_attribute("href") or ""
    with zipfile.ZipFile(io.BytesIO(page.request.get(urljoin(page.url, address)).body())) as documents:
        [notes] = [name for name in documents.namelist() if name.endswith(".bookmarks.md")]
        assert "Ask <b>why</b>" in documents.read(notes).decode()


def _find_a_word_after_three_hours(page: Page) -> None:
    """The browser's own search finds a word in a segment that is far from being laid out."""
    segments = [{"id": at + 1, "start_s": 4.0 * at, "end_s": 4.0 * at + 3, "text": f"Sentence {at}.", "words": []} for at in range(2700)]
    segments[-1]["text"] = "The last word is zebrafinch."
    state = {"revision": 9, "language": "en", "undo_steps": 0, "redo_steps": 0, "documents_are_current": True, "total": len(segments)}

    def answer(route: Route) -> None:
        number = int(re.findall(r"page=(\d+)", route.request.url)[0])
        route.fulfill(json={**state, "segments": segments[1000 * (number - 1) : 1000 * number]})

    page.route("**/api/v1/transcripts/*?page=*", answer)
    page.reload()
    page.get_by_role("tab", name="Transcript").click()
    expect(page.get_by_text("Sentence 0.")).to_be_visible()
    assert page.evaluate("find('zebrafinch')")
    expect(page.get_by_text("The last word is zebrafinch.")).to_be_in_viewport()


def _read_the_slides(visitor: Visitor, texts: list[str]) -> None:
    page = visitor.page
    page.evaluate("location.hash = '#slide=2'")
    expect(page.get_by_role("tab", name="Slides")).to_have_attribute("aria-selected", "true")
    assert all(text in page.get_by_role("tabpanel", name="Slides").inner_text() for text in texts)
    page.get_by_role("button", name="Cite slide 2").click()
    expect(page.get_by_role("dialog")).to_contain_text("Slide 2 at 0:0")
    expect(page.get_by_role("button", name="Copy citation")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Enlarge slide 1").click()
    page.keyboard.press("ArrowRight")
    page.get_by_role("dialog").get_by_text("2 of 2").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.25
    before_s = page.evaluate("document.querySelector('video').currentTime")
    page.keyboard.press("j")
    page.wait_for_function("before => document.querySelector('video').currentTime < before", arg=before_s)
    page.get_by_role("tab", name="Slides").press("ArrowLeft")
    expect(page.get_by_role("tab", name="Transcript")).to_be_focused()
    page.evaluate("history.replaceState(null, '', location.pathname)")


def _review_corrections(visitor: Visitor, segments: Locator) -> None:
    page = visitor.page
    segments.first.get_by_role("button", name="Play from").focus()
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("the the lesson, um, begins.")
    page.keyboard.press("Enter")
    page.get_by_text("Proofreading", exact=True).click()
    page.get_by_role("button", name="Find corrections").click()
    corrections = page.locator(".correction-items").get_by_role("listitem")
    expect(corrections.first).to_be_visible()
    corrections.first.get_by_role("button", name="Accept").click()
    expect(segments.first).not_to_contain_text("the the")
    expect(corrections).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(segments.first).to_contain_text("the the")


def test_an_upload_over_a_slow_network_can_be_cancelled_and_goes_on_after_a_reload(visitor: Visitor) -> None:
    page = visitor.page
    visitor.register()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow_network = {"offline": False, "latency": 100, "downloadThroughput": 300_000, "uploadThroughput": 500_000}
    network.send("Network.emulateNetworkConditions", slow_network)
    visitor.choose(LECTURE)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_function(_UPLOAD_IS_RUNNING)
    page.get_by_role("button", name="Cancel upload").click()
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_focused()
    expect(page.get_by_text("No recordings yet.")).to_be_visible()

    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_function(_UPLOAD_IS_RUNNING)
    page.reload()
    expect(page.get_by_text(re.compile(r"The upload of lecture.mp4 was interrupted at [1-9]\d? %"))).to_be_visible()
    for file, outcome in ((TINY, page.get_by_text("tiny.mp4 is another file")), (LECTURE, page.get_by_role("article", name="lecture"))):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose the file again: lecture.mp4").click()
        chooser.value.set_files(file)
        expect(outcome).to_be_visible()
    [recording] = page.request.get(f"{visitor.url}/api/v1/recordings").json()["recordings"]
    assert recording["sha256"] == hashlib.sha256(LECTURE.read_bytes()).hexdigest()
    page.get_by_role("button", name="Cancel lecture").click()
    expect(page.get_by_text("You cancelled this conversion.")).to_be_visible()
    visitor.console_errors = [error for error in visitor.console_errors if "423" not in error]  # the request before had not ended yet


def test_a_conversion_can_be_cancelled_and_started_again(visitor: Visitor) -> None:
    visitor.register()
    visitor.choose(LECTURE)
    visitor.page.get_by_role("button", name="Upload", exact=True).click()
    card = visitor.page.get_by_role("article", name="lecture")
    card.get_by_role("button", name="Cancel lecture").click()
    expect(card.get_by_text("You cancelled this conversion.")).to_be_visible()
    expect(card.get_by_role("heading")).to_be_focused()
    card.get_by_role("button", name="Start again: lecture").click()
    visitor.page.reload()
    expect(card.get_by_role("progressbar")).to_be_visible()
    card.get_by_role("button", name="Cancel lecture").click()
    expect(card.get_by_text("You cancelled this conversion.")).to_be_visible()


def test_a_file_without_media_is_refused_and_does_not_stop_others(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    visitor.expected.add((415, "/api/v1/recordings"))
    notes = tmp_path / "notes.mp4"
    notes.write_text("Not a film. " * 100)
    recording = tmp_path / "silence.wav"
    recording.write_bytes(silence())
    visitor.register()
    visitor.choose(notes, recording)
    page.get_by_role("button", name="Upload 2 recordings").click()
    expect(page.get_by_role("article", name="silence")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("notes.mp4: This file is not a video or audio recording.")
    page.get_by_role("button", name="Select several").click()
    page.get_by_role("checkbox", name="Select silence").check()
    selection = page.get_by_role("group", name="Selected recordings")
    expect(selection).to_contain_text("1 recording selected")
    selection.get_by_label("Who may watch them").select_option("PUBLIC")
    expect(page.get_by_role("article", name="silence")).to_contain_text("Everybody")
    visitor.expect_accessible()
    selection.get_by_role("button", name="Done").click()
    page.get_by_label("State").select_option("succeeded")
    expect(page.get_by_text("No recording has this state.")).to_be_visible()
    page.get_by_role("searchbox", name="Search").fill("silence")
    expect(page.get_by_text("1 recording found")).to_be_visible()
    visitor.expect_accessible()
    visitor.choose(notes)
    visitor.page.get_by_role("button", name="Upload", exact=True).click()
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_contain_text("This file is not a video or audio recording.")
    expect(alert).to_contain_text("Upload MP4")


def test_sign_out_and_sign_in(visitor: Visitor) -> None:
    page = visitor.page
    visitor.expected.add((401, "/api/v1/auth/login"))
    visitor.register()
    page.get_by_role("button", name=re.compile("^Menu of")).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    visitor.sign_in("wrong password")
    expect(page.get_by_role("alert")).to_contain_text("Wrong e-mail address, user name or password.")
    visitor.expect_accessible()
    visitor.sign_in()
    expect(page.get_by_role("heading", name="Your recordings")).to_be_visible()


def test_a_forgotten_password_without_mail_leads_to_the_administrator(visitor: Visitor) -> None:
    visitor.expected.add((503, "/api/v1/auth/forgot-password"))
    visitor.open()
    visitor.page.get_by_label("E-mail address or user name").fill(visitor.email)
    visitor.page.get_by_role("button", name="Forgot your password?").click()
    note = visitor.page.get_by_role("alert")
    expect(note).to_contain_text("Ask your administrator for a new password.")
    expect(note).not_to_contain_text("SMTP_HOST")


def test_an_expired_access_token_is_refreshed_and_an_expired_session_needs_a_new_sign_in(visitor: Visitor) -> None:
    visitor.expected |= {(404, f"/api/v1/{kind}/unknown") for kind in ("recordings", "videos")}
    cookies = visitor.page.context
    visitor.register()
    visitor.page.goto("about:blank")  # a page that is open could send requests in between
    cookies.clear_cookies(name="access_token")
    visitor.open()
    expect(visitor.page.get_by_role("heading", name="Your recordings")).to_be_visible()
    visitor.page.goto("about:blank")
    cookies.clear_cookies()
    visitor.open("/watch/unknown#t=5")
    visitor.sign_in()
    expect(visitor.page.get_by_role("heading", name="This recording can't be opened")).to_be_visible()


def test_no_page_scrolls_sideways_at_any_width(visitor: Visitor) -> None:
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


def test_the_sign_in_form_is_reachable_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    focus_order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        focus_order.append(page.evaluate("document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent"))
    assert focus_order == ["Skip to content", "Lectern", "E-mail address or user name", "Password", "Sign in", "Create an account"]


def test_an_unknown_address_shows_a_page_to_browsers_and_json_to_other_clients(visitor: Visitor) -> None:
    visitor.expected.add((404, "/unknown/address"))
    visitor.open("/unknown/address")
    expect(visitor.page.get_by_role("heading", name="Page not found")).to_be_visible()
    visitor.expect_accessible()
    visitor.page.get_by_role("link", name="Go to your recordings").click()
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    response = visitor.page.request.get(f"{visitor.url}/unknown/address", headers={"Accept": "*/*"})
    assert (response.status, response.json()["code"]) == (404, "not_found")


def test_a_deletion_moves_the_focus_even_if_the_list_was_loaded_before_its_response(visitor: Visitor) -> None:
    page = visitor.page
    held_requests: list[tuple[Route, APIResponse]] = []

    def hold_deletion(route: Route) -> None:
        if route.request.method == "DELETE":
            held_requests.append((route, route.fetch()))
        else:
            route.continue_()

    visitor.register()
    visitor.choose(TINY)
    page.get_by_role("button", name="Upload", exact=True).click()
    card = page.get_by_role("article", name="tiny", exact=True)
    address = card.get_by_role("link", name="Open").get_attribute("href")
    assert address
    visitor.expected |= {
        (404, address.replace("/watch/", f"/api/v1/{kind}/")) for kind in ("recordings", "videos")
    }  # its job is cancelled before the page hears of the end
    page.route("**/api/v1/recordings/*", hold_deletion)
    _press_in_menu(card, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    wait_for(lambda: page.wait_for_timeout(50) or held_requests)
    other = {"name": "other.mp4", "mimeType": "video/mp4", "buffer": TINY.read_bytes()}
    assert page.request.post(f"{visitor.url}/upload", multipart={"file": other}, headers={"Origin": visitor.url}).ok
    expect(card).to_have_count(0)
    route, response = held_requests[0]
    route.fulfill(response=response)
    expect(page.get_by_role("heading", name="Your recordings")).to_be_focused()
    expect(page.locator(".list-head .count")).to_have_text("1")


def test_an_open_page_goes_on_after_its_server_was_killed(server: Server, visitor: Visitor) -> None:
    page = visitor.page
    visitor.register()
    visitor.choose(TINY, SUBTITLES)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("article")).to_be_visible()
    server.kill()
    page.get_by_role("button", name="Trash").click()
    expect(page.get_by_text("The server can't be reached.")).to_be_visible()
    server.start()
    page.get_by_role("button", name="Trash").click()
    expect(page.get_by_text("The server can't be reached.")).to_be_hidden()
    expect(page.get_by_role("article").get_by_text("Ready", exact=True)).to_be_visible(timeout=_CONVERSION_TIMEOUT_MS)
    visitor.console_errors = [error for error in visitor.console_errors if "ERR_" not in error]


def test_the_page_polls_while_the_event_stream_is_unavailable(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    visitor.expected.add((503, "/api/v1/events"))
    page.route("**/api/v1/events", lambda route: route.fulfill(status=503, headers={"Retry-After": "10"}, json={}))
    page.clock.install()
    visitor.register()
    recording = tmp_path / "silence.wav"
    recording.write_bytes(silence())
    visitor.choose(recording)
    page.get_by_role("button", name="Upload", exact=True).click()
    card = page.get_by_role("article", name="silence")
    expect(card).to_be_visible()
    is_failed = card.get_by_text("Failed", exact=True)
    end = time.monotonic() + _CONVERSION_TIMEOUT_MS / 1000
    while time.monotonic() < end and not is_failed.is_visible():
        page.clock.fast_forward("01:00")  # longer than the longest delay between polls
        page.wait_for_timeout(200)
    expect(is_failed).to_be_visible()
    page.unroute("**/api/v1/events")
    with page.expect_response("**/api/v1/events") as response_info:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # a tab that becomes visible reconnects at once
    assert response_info.value.status == 200


def test_sizes_and_times_as_text(formatter: Page) -> None:
    texts = {
        "formatSize(1)": "1 byte",
        "formatSize(1023)": "1,023 bytes",
        "formatSize(1536)": "1.5 KiB",
        "formatSize(10 * 2 ** 30)": "10 GiB",
        "formatTimeLeft(null)": "",
        "formatTimeLeft(42)": "about 50 s left",
        "formatTimeLeft(70)": "about a minute left",
        "formatTimeLeft(130, { isDuration: true })": "about 2 min",
        "formatLength(96)": "1 min 36 s",
        "formatTimeLeft(3700)": "about 1 h 2 min left",
        "formatDate('2020-11-05T12:00:00Z')": "Nov 5, 2020",
        "formatDateTime(null)": "never",
    }
    for call, text in texts.items():
        assert formatter.evaluate(f"import('/web/format.js').then((format) => format.{call})") == text


def test_a_moment_has_the_same_time_on_the_page_and_in_documents(formatter: Page) -> None:
    times_s = [
        0,
        0.9994,
        0.9996,
        59.49,
        59.51,
        59.9995,
        75,
        754.25,
        3599.9994,
        3599.9996,
        3675,
        36061.7,
        *(number * 7.0071 for number in range(300)),
    ]
    durations = formatter.evaluate("(times) => import('/web/format.js').then((format) => times.map(format.formatDuration))", times_s)
    assert durations == [format_clock(time_s) for time_s in times_s]
    assert list(map(_seconds, durations)) == [_seconds(format_timing(round(1000 * time_s), 0, ".").partition(".")[0]) for time_s in times_s]


def _seconds(clock: str) -> int:
    return sum(int(part) * 60**power for power, part in enumerate(reversed(clock.split(":"))))


@pytest.fixture(scope="module")
def formatter(server: Server, browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(f"{server.url}/web/format.js")
    yield page
    page.close()
