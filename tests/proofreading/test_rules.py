"""Proofreading by rules."""

from __future__ import annotations

import pytest

from domain import Segment, Word
from services.proofreading import Context, Term
from services.proofreading.rules import proofread
from services.transcript_text.corrections import apply_to_segments


def make_segment(text: str, confidence: float = 0.9) -> Segment:
    words = [Word(f" {word}", float(at), at + 0.8, confidence) for at, word in enumerate(text.split())]
    return Segment(0.0, float(len(words)), tuple(words))


def proofread_text(*texts: str, confidence: float = 0.9, remove_fillers: bool = False, **context: object) -> str:
    segments = [make_segment(text, confidence) for text in texts]
    corrections = proofread(segments, Context(**{"language": "en", **context}), remove_fillers=remove_fillers)
    assert all(each.source == "rules" and each.reason for each in corrections)
    new_segments = apply_to_segments(segments, [each.substitution for each in corrections])
    return " | ".join(segment.text for segment in new_segments)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("the first one. and the second", "The first one. And the second"),
        ("see Dr. smith now", "See Dr. smith now"),
        ("it ended... and went on", "It ended... and went on"),
        ("iPhone sales. x86 chips. e.g. these", "iPhone sales. x86 chips. e.g. these"),
        ("and i think i'm right , yes", "And I think I'm right, yes"),
        ("we take the the step and and go", "We take the step and go"),
        ("I said that that was very very long", "I said that that was very very long"),
        ("a log- logarithm grows", "A logarithm grows"),
        ("Done. Next? yes! so", "Done. Next? Yes! So"),
    ],
)
def test_a_rule_changes_only_what_it_should(before: str, after: str) -> None:
    assert proofread_text(before) == after


def test_sentences_go_on_over_segments() -> None:
    assert proofread_text("we begin", "here. then", "we end") == "We begin | here. Then | we end"


def test_fillers_are_removed_only_if_wanted() -> None:
    assert proofread_text("Um, so it uh works um.") == "Um, so it uh works um."
    assert proofread_text("Um, so it uh works um.", remove_fillers=True) == "So it works."
    assert proofread_text("Das ist, ähm, gut.", language="de", remove_fillers=True) == "Das ist, gut."
    assert proofread_text("Er kommt er geht.", language="de", remove_fillers=True) == "Er kommt er geht."  # a pronoun there


def test_terms_of_the_glossary_replace_what_was_misheard() -> None:
    terms = (Term("Dijkstra", ("dike stra", "Dykstra")), Term("PostgreSQL"))
    text = proofread_text("So dike stra, and Dykstra's. We use postgresql.", terms=terms)
    assert text == "So Dijkstra, and Dykstra's. We use PostgreSQL."


def test_words_on_slides_correct_words_that_were_heard_badly() -> None:
    lines = (("Hashing", "with", "SQL"), ("TITLE", "HERE"))
    assert proofread_text("Haching in sql has a title", confidence=0.5, slide_lines=lines) == "Hashing in SQL has a title"
    assert proofread_text("Haching in sql", confidence=0.95, slide_lines=lines) == "Haching in SQL"


def test_scripts_without_case_stay() -> None:
    words = tuple(Word(text, float(at), at + 1.0, 0.9) for at, text in enumerate(("机器", "学习", "。", "很", "难")))
    assert proofread([Segment(0, 5, words)], Context(language="zh")) == []
