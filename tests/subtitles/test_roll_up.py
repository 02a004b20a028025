"""Captions that roll up keep each line once; repeated speech stays repeated."""

from __future__ import annotations

from tests.subtitles.conftest import Read, spans, texts


def vtt(*cues: tuple[float, float, str]) -> str:
    return "WEBVTT\n\n" + "\n".join(f"00:{start:06.3f} --> 00:{end:06.3f}\n{text}\n" for start, end, text in cues)


def test_automatic_captions_of_a_video_platform(read: Read) -> None:
    content = vtt(
        (0.1, 3.0, " \nwe<00:00:01.000><c> study</c><00:00:02.000><c> graphs</c>"),
        (3.0, 3.01, "we study graphs\n "),
        (3.01, 5.0, "we study graphs\nevery<00:00:04.000><c> tree</c>"),
        (5.0, 5.01, "every tree\n "),
        (5.01, 8.0, "every tree\nis<00:00:07.000><c> one</c>"),
        (8.0, 8.01, "is one\n "),
    )
    assert spans(read(content)) == [(0.1, 3.0, "we study graphs"), (3.01, 5.0, "every tree"), (5.01, 8.0, "is one")]


def test_live_captions_of_three_lines(read: Read) -> None:
    content = vtt(
        (1, 2, "line one"),
        (2, 3, "line one\nline two"),
        (3, 4, "line one\nline two\nline three"),
        (4, 5, "line two\nline three\nline four"),
    )
    assert texts(read(content)) == ["line one", "line two", "line three", "line four"]


def test_a_cue_repeated_on_purpose_stays_twice(read: Read) -> None:
    content = vtt((1, 2, "Is it a tree?"), (2, 3, "No."), (3, 4, "No."), (4, 5, "And this?"), (5, 6, "No."), (6, 7, "Yes."), (7, 8, "Yes."))
    assert texts(read(content)) == ["Is it a tree?", "No.", "No.", "And this?", "No.", "Yes.", "Yes."]


def test_one_line_that_returns_by_chance_is_not_a_roll_up(read: Read) -> None:
    content = vtt((1, 2, "one\ntwo"), (2, 3, "two\nthree"), (3, 4, "four"), (4, 5, "five"), (5, 6, "six"))
    assert texts(read(content)) == ["one two", "two three", "four", "five", "six"]


def test_the_same_words_at_the_same_time_are_one_cue(read: Read) -> None:
    assert texts(read(vtt((1, 4, "Good morning."), (1, 4, "Good morning."), (2, 4, "Good morning."), (4, 5, "Let us begin.")))) == [
        "Good morning.",
        "Let us begin.",
    ]


def test_two_speakers_at_one_moment_both_stay(read: Read) -> None:
    assert texts(read(vtt((1, 3, "- Who?"), (1, 3, "- Me."), (3, 4, "So.")))) == ["- Who?", "- Me.", "So."]


def test_captions_have_each_line_once_at_its_time(read: Read) -> None:
    rolling = vtt((1, 2, "line one"), (2, 3, "line one\nline two"), (3, 4, "line two\nline three"), (4, 5, "line three\nline four"))
    captions = [(caption.start_ms, caption.end_ms, *caption.lines) for caption in read(rolling).captions]
    assert captions == [(1000, 2000, "line one"), (2000, 3000, "line two"), (3000, 4000, "line three"), (4000, 5000, "line four")]
    assert [caption.lines for caption in read(vtt((1, 2, "line one"), (3, 4, "line two"))).captions] == [("line one",), ("line two",)]
