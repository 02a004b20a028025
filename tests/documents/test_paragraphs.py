"""Paragraphs contain every word once and break at pauses and sentence ends."""

from __future__ import annotations

from domain import Segment, Word
from services.documents.paragraphs import group_into_paragraphs


def make_segment(text: str, start_s: float = 0.0) -> Segment:
    words = tuple(Word(f" {part}", start_s + i * 0.4, start_s + i * 0.4 + 0.3) for i, part in enumerate(text.split()))
    return Segment(words[0].start_s, words[-1].end_s, words)


def test_segments_without_pauses_become_one_paragraph() -> None:
    first = make_segment("So, let us begin.")
    second = make_segment("This is easy.", first.end_s + 0.5)
    (only,) = group_into_paragraphs([first, second])
    assert only.text == "So, let us begin. This is easy."
    assert (only.start_s, only.end_s) == (first.start_s, second.end_s)


def test_a_pause_after_a_sentence_starts_a_paragraph() -> None:
    first = make_segment("So, let us begin.")
    second = make_segment("This is easy.", first.end_s + 2)
    assert [p.text for p in group_into_paragraphs([first, second])] == ["So, let us begin.", "This is easy."]


def test_a_pause_inside_a_short_sentence_starts_no_paragraph() -> None:
    first = make_segment("So, the gradient")
    assert len(group_into_paragraphs([first, make_segment("points uphill.", first.end_s + 2)])) == 1


def test_long_speech_breaks_at_a_sentence_end() -> None:
    lengths = [len(p.words) for p in group_into_paragraphs([make_segment("one two three four five six seven. " * 60)])]
    assert all(80 <= n <= 90 for n in lengths)


def test_speech_without_punctuation_has_a_maximum_length() -> None:
    groups = group_into_paragraphs([make_segment("word " * 1000)])
    assert sum(len(p.words) for p in groups) == 1000
    assert max(len(p.words) for p in groups) <= 180


def test_scripts_without_spaces_count_characters() -> None:
    words = tuple(Word("我们今天学习。", i * 1.0, i + 0.9) for i in range(200))
    groups = group_into_paragraphs([Segment(0, 200, words)])
    assert 150 <= len(groups[0].text) <= 200


def test_no_words_give_no_paragraphs() -> None:
    assert group_into_paragraphs([]) == ()
    assert group_into_paragraphs([Segment(0, 1, (Word(" ", 0, 1),))]) == ()
