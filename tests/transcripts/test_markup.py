"""Markup that a language model answers with, and how it survives corrections and edits."""

from __future__ import annotations

import pytest

from domain import Mark, Segment, Style, TimeRange, Word
from services.proofreading.comparison import corrections_of, split_text
from services.proofreading.values import tokens_of
from services.transcript_text.alignment import align
from services.transcript_text.corrections import apply_to_segments
from services.transcript_text.differences import differences, with_tracked_changes
from services.transcript_text.markup import format_words, parse
from services.transcript_text.words import EditableSegment, EditableWord, IdCounter, word_to_plain, words_from_plain


def make_segment(text: str) -> Segment:
    words = tuple(Word(f" {word}", float(at), at + 0.8, 0.9) for at, word in enumerate(text.split()))
    return Segment(0.0, float(len(words)), words)


def proofread(before: str, answer: str) -> tuple[EditableSegment, list[str]]:
    """Apply a model's answer; return the words and the reasons of the corrections."""
    segment = make_segment(before)
    tokens, new_words = tokens_of([segment]), parse(answer)
    spans = split_text(new_words.text, tokens)
    corrections = list(corrections_of(tokens, [new_words.text[a:b] for a, b in spans], 0, "model", new_words.runs_of_words(spans)))
    [new_segment] = apply_to_segments([segment], [each.substitution for each in corrections])
    return new_segment, [each.reason for each in corrections]


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("a **b** c", Style.BOLD),
        ("a *b* c", Style.ITALIC),
        ("a _b_ c", Style.ITALIC),
        ("a ^b^ c", Style.SUPERSCRIPT),
        ("a <sup>b</sup> c", Style.SUPERSCRIPT),
        ("a ~b~ c", Style.SUBSCRIPT),
        ("a <sub>b</sub> c", Style.SUBSCRIPT),
    ],
)
def test_each_spelling_of_a_style_is_read(text: str, style: Style) -> None:
    marked_text = parse(text)
    assert marked_text.text == "a b c"
    assert marked_text.styles == ((2, 3, style),)


@pytest.mark.parametrize(
    ("before", "answer", "reasons"),
    [
        ("the a priori estimate holds", "the *a priori* estimate holds", ["style"]),
        ("we get x squared here", "we get x^2^ here", ["wording"]),
        ("water is H2O always", "water is H~2~O always", ["style"]),
        ("first this then that", "### Order\n\nfirst this\n\nthen **that**", ["heading", "paragraph", "style"]),
        ("all stays as it was", "all stays as it was", []),
        ("stays at 5 * 3 and 2^8 or a_b and so on", "stays at 5 * 3 and 2^8 or a_b and so on", []),
        ("a <script> here", "a <script> here", []),
    ],
)
def test_markup_of_an_answer_comes_back_from_the_words(before: str, answer: str, reasons: list[str]) -> None:
    segment, corrections = proofread(before, answer)
    assert corrections == reasons
    assert format_words(segment.words) == answer
    assert all(word.start_s <= word.end_s for word in segment.words)
    assert words_from_plain(list(map(word_to_plain, segment.words))) == segment.words


def test_a_word_of_two_tokens_is_not_a_change() -> None:
    words = (Word(" the", 0.0, 0.5), Word(" look", 1.0, 1.4), Word("-up", 1.4, 1.8), Word(" table", 2.0, 2.5))
    tokens = tokens_of([Segment(0.0, 3.0, words)])
    assert list(corrections_of(tokens, ["the", "look-up", "table"], 0, "model")) == []


def test_headings_are_not_words() -> None:
    segment, _ = proofread("we begin here", "## The beginning\nWe begin here")
    assert segment.text == "We begin here"
    assert segment.words[0].mark == Mark(heading="The beginning")


def test_deep_and_long_markup_is_text() -> None:
    assert parse(f"*{'a' * 500}*").styles == () and parse(f"# {'b' * 300}").breaks == ()
    assert len(parse("*" * 10_000).text) == 10_000


def test_markup_in_chinese() -> None:
    words = tuple(Word(text, float(at), at + 1.0, 0.9) for at, text in enumerate(("机器", "学习", "很", "难")))
    tokens, new_words = tokens_of([Segment(0, 4, words)]), parse("*机器*学习很难")
    spans = split_text(new_words.text, tokens)
    [correction] = corrections_of(tokens, [new_words.text[a:b] for a, b in spans], 0, "model", new_words.runs_of_words(spans))
    assert (correction.first, correction.last, correction.reason) == (0, 0, "style")


def test_an_edit_keeps_superscripts_headings_and_times() -> None:
    segment, _ = proofread("first we get x squared here", "## Squares\n\nfirst we get x^2^ here")
    words = align(segment.words, "At first we get x2 here now", TimeRange(0, 7), IdCounter(100))
    assert format_words(words) == "## Squares\n\nAt first we get x^2^ here now"
    words = align(segment.words, "At last we get x2 here", TimeRange(0, 7), IdCounter(100))
    assert format_words(words) == "## Squares\n\nAt last we get x^2^ here"


def test_differences_and_tracked_changes() -> None:
    before = [make_segment("the Haching of of keys uh")]
    [old] = apply_to_segments(before, ())
    ids = IdCounter(50)
    words = (old.words[0], EditableWord(" Hashing", 1.0, 1.8, id=ids.take()), *old.words[3:5])
    new = EditableSegment(1, 0.0, 0.0, 6.0, words)
    changes = list(differences(old.words, new.words))
    assert [("".join(w.text for w in each.before), "".join(w.text for w in each.after)) for each in changes] == [
        (" Haching of", " Hashing"),
        (" uh", ""),
    ]
    [segment] = with_tracked_changes([old], [new])
    assert segment.words[1].mark == Mark(is_inserted=True, deleted_before=" Haching of")
    assert segment.words[-1].mark == Mark(deleted_after=" uh")
    words = [EditableWord(old.words[0].text, 0.0, 0.8, 0.9, Mark((Style.ITALIC,)), id=0), *old.words[1:]]
    assert len(list(differences(old.words, words))) == 1
