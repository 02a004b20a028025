"""SubRip: the reader distinguishes markup, cue numbers and times from text."""

from __future__ import annotations

import pytest

from tests.subtitles.conftest import Read, spans, texts


def srt(*cues: str, has_numbers: bool = True) -> str:
    heads = [f"{number}\n" if has_numbers else "" for number in range(1, len(cues) + 1)]
    return "\n".join(
        f"{head}00:00:{2 * index:02d},000 --> 00:00:{2 * index + 1:02d},500\n{cue}\n"
        for index, (head, cue) in enumerate(zip(heads, cues, strict=True))
    )


@pytest.mark.parametrize(
    "text",
    [
        "We declare a List<String> and a vector<int> here.",
        "If i<n and n>k then we stop.",
        "Open C:\\new\\home and type \\nabla or \\hbar.",
        "The symbol {\\alpha} stands for an angle, {\\bf x} for a vector.",
        "<div class='a'> and </div>, then <br/>, <base> and <input>",
        "f(x) = {x | x > 0} and a && b",
        "At 00:00:03,000 --> 00:00:04,000 we stop.",
    ],
)
def test_code_and_angle_brackets_are_text(read: Read, text: str) -> None:
    assert texts(read(srt(text, "Next."))) == [text, "Next."]


def test_the_five_tags_and_override_codes_are_markup(read: Read) -> None:
    content = srt(
        '{\\an8}<i>One</i> <B>two</B> <font color="red">three</font>',
        "{\\pos(1,2)\\fad(10,10)}<u>four</u> <s>five</s>",
        "A &lt;b&gt; &amp; c; a &ltb",
    )
    assert texts(read(content)) == ["One two three", "four five", "A <b> & c; a &ltb"]


@pytest.mark.parametrize("has_numbers", [True, False])
def test_lines_of_figures_are_text(read: Read, has_numbers: bool) -> None:
    content = srt("The answer is\n42", "1976", "on page\n17", has_numbers=has_numbers)
    assert texts(read(content)) == ["The answer is 42", "1976", "on page 17"]


def test_a_line_that_holds_only_two_times_is_text_below_text(read: Read) -> None:
    assert texts(read(srt("The cue reads\n00:00:10,000 --> 00:00:11,000\nin the file.", "Next."))) == [
        "The cue reads 00:00:10,000 --> 00:00:11,000 in the file.",
        "Next.",
    ]


def test_empty_lines_inside_a_cue(read: Read) -> None:
    assert texts(read(srt("One\n\ntwo", "Three."))) == ["One two", "Three."]


@pytest.mark.parametrize("has_numbers", [True, False])
def test_files_without_empty_lines(read: Read, has_numbers: bool) -> None:
    content = srt("One.", "Two\nlines.", "Three.", has_numbers=has_numbers).replace("\n\n", "\n")
    assert texts(read(content)) == ["One.", "Two lines.", "Three."]


def test_short_times_dots_and_coordinates(read: Read) -> None:
    content = "1\n0:01.5 --> 0:02,25 X1:40 X2:600 Y1:20 Y2:50\nOne.\n\n2\n00:03 --> 00:04\nTwo.\n"
    assert spans(read(content)) == [(1.5, 2.25, "One."), (3.0, 4.0, "Two.")]
