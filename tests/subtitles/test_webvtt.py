"""WebVTT as the standard defines it: https://www.w3.org/TR/webvtt1/. The cases follow those of web-platform-tests."""

from __future__ import annotations

import pytest

import errors
from tests.subtitles.conftest import Read, spans, texts


def test_comments_styles_regions_and_identifiers_are_not_text(read: Read) -> None:
    content = (
        "WEBVTT - a title\nKind: captions\n\nNOTE one line\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:left\nwidth:40%\n\n"
        "first cue\n00:01.000 --> 00:02.000\nOne.\n\nNOTE\nseveral\nlines\n\n-- >\n00:03.000 --> 00:04.000 align:start\nTwo.\n\n"
        " \n00:05.000 --> 00:06.000\nThree.\n\nNOTE the end\n"
    )
    assert texts(read(content)) == ["One.", "Two.", "Three."]


def test_lines_of_figures_are_text(read: Read) -> None:
    content = "WEBVTT\n\n00:01.000 --> 00:02.000\nThe answer is\n42\n\n00:03.000 --> 00:04.000\n1976\n\n00:05.000 --> 00:06.000\npage\n17"
    assert texts(read(content)) == ["The answer is 42", "1976", "page 17"]


def test_arrows_that_are_not_times_end_a_cue(read: Read) -> None:
    blocks = [
        f"{arrow}\n00:00:0{second}.000 --> 00:00:0{second}.900\ntext{second}"
        for second, arrow in enumerate(("-->", "x-->", "-->-->", "--->"))
    ]
    assert texts(read("WEBVTT\n\n" + "\n".join(blocks))) == ["text0", "text1", "text2", "text3"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends(read: Read, line_end: str) -> None:
    content = "WEBVTT\n\nid\n00:01.000 --> 00:02.000\nOne\nline.\n\n00:03.000 --> 00:04.000\nTwo.\n"
    assert texts(read(content.replace("\n", line_end))) == ["One line.", "Two."]


def test_line_ends_may_be_mixed(read: Read) -> None:
    content = "WEBVTT\r\n\nfirst\r00:01.000 --> 00:02.000\rOne.\r\r00:03.000 --> 00:04.000\nTwo.\n\r\n00:05.000 --> 00:06.000\r\nThree."
    assert texts(read(content)) == ["One.", "Two.", "Three."]


@pytest.mark.parametrize(
    "settings",
    ["line:-1", "line:99999999999999999999%", "line:%", "size:-1%", "align:", "vertical:up position:50%,middle", "region :left", "x\0:y"],
)
def test_settings_that_are_not_valid_leave_the_cue(read: Read, settings: str) -> None:
    assert texts(read(f"WEBVTT\n\n00:01.000 --> 00:02.000 {settings}\nOne.\n")) == ["One."]


def test_regions_in_the_old_form_repeated_or_after_cues_are_not_text(read: Read) -> None:
    content = (
        "WEBVTT\n\nREGION: id=left width=40%\n\nREGION\nid:left\n\nREGION\nid:left\n\n00:01.000 --> 00:02.000 region:left\nOne.\n\n"
        "REGION\nid:late\n\n00:03.000 --> 00:04.000 region:late\nTwo.\n"
    )
    assert texts(read(content)) == ["One.", "Two."]


def test_a_nul_character_is_not_part_of_the_text(read: Read) -> None:
    assert texts(read("WEBVTT\n\n\0id\n00:01.000 --> 00:02.000\nO\0ne.\n")) == ["One."]


@pytest.mark.parametrize("space", ["   ", "\t\t", "\f"])
def test_white_space_around_times(read: Read, space: str) -> None:
    assert spans(read(f"WEBVTT\n\n{space}00:00:01.000{space}-->{space}00:00:02.000{space}\n{space}Text.\n")) == [(1.0, 2.0, "Text.")]


@pytest.mark.parametrize(
    "time", ["00::01.000", "00:00:01..000", "00:00:01.0000", "0x:00:01.000", "00:00:0a.000", "00 :00:01.000", "00:00:01.", "-00:00:01.000"]
)
def test_a_malformed_time_loses_its_cue_alone(read: Read, time: str) -> None:
    assert texts(read(f"WEBVTT\n\n{time} --> 00:00:02.000\nlost\n\n00:00:03.000 --> 00:00:04.000\nkept\n")) == ["kept"]


def test_hours_of_any_length_short_times_and_decimal_commas(read: Read) -> None:
    content = "WEBVTT\n\n000:00:01.000 --> 0:00:02.000\nOne.\n\n0:03.5 --> 00:00:04,250\nTwo.\n"
    assert spans(read(content)) == [(1.0, 2.0, "One."), (3.5, 4.25, "Two.")]


def test_tags_character_references_and_voices(read: Read) -> None:
    content = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Roger Bingham><c.yellow>We are <00:01.500><i>here</i></c>\n\n"
        "00:03.000 --> 00:04.000\nA &lt;b&gt; tag &amp; more&nbsp;text, a < b and c > d, <lang de>Haus</lang>\n"
    )
    assert texts(read(content)) == ["We are here", "A <b> tag & more text, a < b and c > d, Haus"]


def test_times_inside_the_text_are_the_words_times(read: Read) -> None:
    segment = read("WEBVTT\n\n00:01.000 --> 00:09.000\none<00:00:03.000><c> two</c><00:00:08.000><c> three four</c>\n").segments[0]
    assert [(word.text, word.start_s) for word in segment.words] == [(" one", 1.0), (" two", 3.0), (" three", 8.0), (" four", 8.556)]


def test_times_inside_the_text_that_go_back_are_ignored(read: Read) -> None:
    segment = read("WEBVTT\n\n00:04.000 --> 00:08.000\nab<00:00:01.000> cd<00:00:20.000> ef<00:00:06.000> gh\n").segments[0]
    assert [word.start_s for word in segment.words] == [4.0, 4.667, 5.333, 6.0]


@pytest.mark.parametrize("content", ["WEBVTT\n", "WEBVTT\n\nNOTE 00:00:01.000\n", "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n\n"])
def test_a_file_without_cue_text_is_refused(read: Read, content: str) -> None:
    with pytest.raises(errors.BadSubtitles):
        read(content)
