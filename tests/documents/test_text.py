"""Times, languages and directions in documents."""

from __future__ import annotations

import pytest

from lib.media_time import format_clock
from lib.text import clean_text
from services.documents.text import detect_language, is_right_to_left, shorten
from services.documents.times import time_link


@pytest.mark.parametrize(
    ("time_s", "expected"),
    [(0, "0:00"), (59.9994, "0:59"), (59.9996, "1:00"), (754, "12:34"), (3600, "1:00:00"), (-3, "0:00")],
)
def test_format_clock(time_s: float, expected: str) -> None:
    assert format_clock(time_s) == expected


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://example.org/a?b=c", "https://example.org/a?b=c#t=61"),
        ("https://example.org/a#part", "https://example.org/a#part&t=61"),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("lecture.mp4", ""),
        ("https://exa mple.org", ""),
        ("http://[", ""),
    ],
)
def test_time_link(url: str, link: str) -> None:
    assert time_link(url, 61.8) == link


@pytest.mark.parametrize(
    ("text", "expected", "language"),
    [
        ("The gradient", "en", "en"),
        ("Der Gradient", "de", "de"),
        ("مرحبا", "en", "ar"),
        ("سلام", "fa", "fa"),
        ("梯度下降", "en", "zh"),
        ("勾配降下法", "ja", "ja"),
        ("勾配は上り坂", "en", "ja"),
        ("한국어 강의", "en", "ko"),
        ("In English", "zh", "en"),
        ("1 + 1 = 2", "ja", "ja"),
        ("", "", "en"),
    ],
)
def test_detect_language(text: str, expected: str, language: str) -> None:
    assert detect_language(text, expected) == language


def test_is_right_to_left() -> None:
    assert is_right_to_left("שלום לכולם, world") and is_right_to_left("نستخدم gradient للبحث عن القيمة")
    assert not is_right_to_left("the word שלום means peace") and not is_right_to_left("123") and not is_right_to_left("")


def test_clean_text_keeps_joiners_and_drops_control_characters() -> None:
    assert clean_text(" a\x00b\n\tc\u202ed\ud800 👩\u200d🔬 ") == "ab cd 👩\u200d🔬"


def test_shorten_ends_at_a_word() -> None:
    assert shorten("a rather long title, it is", 22) == "a rather long title…"
    assert shorten("x" * 50, 10) == "x" * 9 + "…"
