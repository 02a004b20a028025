"""The time that texts of strangers take grows with their length, not with its square."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import pytest

from domain import Style
from services.lessons import blocks, boilerplate, pdf_text, plain_layout, points, restructured_text, timed_text
from services.lessons.sentences import split_sentences
from services.projects import narration
from services.transcript_text.alignment import split_words
from services.transcript_text.markup import MarkedText, parse
from tests.growth import grows_fast


def read_styles(text: str) -> None:
    """Give every second word a style."""
    spans = [(start, end) for start, end, _ in split_words(text)]
    MarkedText(text, tuple((*each, Style.ITALIC) for each in spans[::2])).runs_of_words(spans)


def replace(pattern: re.Pattern[str]) -> Callable[[str], object]:
    return functools.partial(pattern.sub, "")


@pytest.mark.parametrize(
    ("run", "start", "part"),
    [
        (split_sentences, "", "Dr. "),
        (narration.divide, "", "Dr. "),
        (parse, "# a", "#"),
        (parse, "# a", " #"),
        (read_styles, "", "a "),
        (timed_text.without_times, "1:11.1\n1:11.1\n1:11.1\n1:11.1", "11:11.1"),
        (replace(restructured_text._ROLE), "", ":"),
        (replace(restructured_text._LINK), "`a", " "),
        (replace(restructured_text._REFERENCE), "", "a."),
        (replace(restructured_text._SIGNS), "", ".. _a\n"),
        (replace(boilerplate._TRAILING), "", "."),
        (replace(boilerplate._MAIL_ADDRESS), "", "a@"),
        (replace(blocks._ARROW), "", " "),
        (replace(points._BRACKETS), "", " "),
        (plain_layout._MANUAL_NAME.match, "", " "),
        (replace(pdf_text._CONTENTS_LINE), "", "."),
    ],
)
def test_reading_takes_time_in_proportion(run: Callable[[str], object], start: str, part: str) -> None:
    assert not grows_fast(run, lambda length: start + part * (length // len(part)) + "x")
