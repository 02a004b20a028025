"""Which slide's page has the words of a time, for citations, previews of clips and the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from domain import TimeRange
from scripts.server import Server
from services.library.notes_archive import ArchivedSlide, SlideIndex

TIMES = {0.0: 1, 5.5: 1, 9.0: 1, 12.0: 2, 19.0: 2, 26.0: 1, 40.0: 1}  # nothing is shown before 2 s, from 8 to 10 s and from 30 s on


def index(source_offset_s: float) -> SlideIndex:
    def slide(number: int, *visits: TimeRange) -> ArchivedSlide:
        return ArchivedSlide(number, "", "", 640, 360, visits, 0, 0)

    slides = (slide(1, TimeRange(2, 8), TimeRange(25, 30)), slide(2, TimeRange(10, 25)))
    return SlideIndex(source_offset_s, slides)


@pytest.mark.parametrize("offset_s", [0.0, 300.0])
def test_the_words_of_empty_time_are_on_the_page_before(offset_s: float) -> None:
    assert {time_s: index(offset_s).number_at(offset_s + time_s) for time_s in TIMES} == TIMES
    assert SlideIndex(offset_s, ()).number_at(5) == 0


def test_the_page_marks_the_same_slide(server: Server, browser: Browser) -> None:
    slides = [{"number": slide.number, "visits": [vars(visit) for visit in slide.visits]} for slide in index(0).slides]
    page = browser.new_page()
    page.goto(f"{server.url}/web/format.js")
    numbers = page.evaluate(
        """([slides, times]) => import("/web/slides.js").then(({ visitAt, visitsOf }) =>
            times.map((timeS) => visitAt(visitsOf(slides), timeS).slide.number).concat([visitAt([], 1)]))""",
        [slides, list(TIMES)],
    )
    page.close()
    assert numbers == [*TIMES.values(), None]
