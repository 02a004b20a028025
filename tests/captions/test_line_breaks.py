"""Places at which a line may break."""

from __future__ import annotations

import pytest

from services.captions.line_breaks import breakable_parts, may_break


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *[(" steps", " of"), (" end.", " Then"), (" the", " .NET"), (" cost", " (here"), (" one", " …and"), (" „Wort“", " ist")],
        *[("方", "向"), ("方向，", "所"), ("用", "GPU"), ("GPU", "计"), ("い", "ま"), ("」", "「"), ("오늘은", " 데이터"), ("ก", "ข")],
    ],
)
def test_a_line_may_break(before: str, after: str) -> None:
    assert may_break(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *[("well", "-known"), ("3", ".14"), (" don", "'t"), (" Voilà", " !"), (" «", " mot"), (" (", "a"), (" (", " a"), (" a", ")")],
        *[("方", "，"), ("方", " ，所"), ("「", "方"), ("き", "ょ"), ("デ", "ー"), ("人", "々"), ("…", "…"), ("—", "—"), ("$", "5")],
        *[("오", "늘"), ("e", "\u0301"), ("ก", "\u0e31"), ("เ", "ก"), ("ก", "า"), ("👩\u200d", "👧"), ("", "a"), ("a", " ")],
    ],
)
def test_a_line_may_not_break(before: str, after: str) -> None:
    assert not may_break(before, after)


def test_parts_of_long_text() -> None:
    assert list(breakable_parts(" New York，纽约。Yes, well-known")) == [" New", " York，", "纽", "约。", "Yes,", " well-known"]
