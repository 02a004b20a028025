"""Terms of texts and queries."""

from __future__ import annotations

import pytest

from services.search import analysis, query, snippets
from services.search.query import NothingToFind, Phrase


def terms(text: str, language: str = "") -> list[str]:
    return [term for term, _, _ in analysis.terms(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The lectures' Running", "en", ["the", "lectur", "run"]),
        ("Die Häuser", "de", ["die", "haus"]),
        ("les leçons", "fr", ["le", "lecon"]),
        ("книгами ёлка", "ru", ["книг", "елк"]),
        ("Crème BRÛLÉE", "", ["creme", "brulee"]),
        ("ﬁve ＡＢＣ", "", ["five", "abc"]),
        ("l'eau 3.14 C++", "", ["l", "eau", "3", "14", "c"]),
        ("हिन्दी में", "", ["हिन्दी", "में"]),
        ("東京大学 x", "", ["東京", "京大", "大学", "学", "x"]),
        ("AI学習", "", ["ai", "学習", "習"]),
        ("파이썬", "", ["파이", "이썬", "썬"]),
        ("... 🎓 _", "", []),
    ],
)
def test_words_become_terms(text: str, language: str, expected: list[str]) -> None:
    assert terms(text, language) == expected


def test_terms_know_their_place_in_the_text() -> None:
    text = "Größe: 東京"
    assert [text[start:end] for _, start, end in analysis.terms(text, "de")] == ["Größe", "東京", "京"]


@pytest.mark.parametrize(("title_word", "typo"), [("photosynthesis", "photosyntesis"), ("Matrix", "Matirx"), ("graph", "grapg")])
def test_misspelt_words_share_a_variant(title_word: str, typo: str) -> None:
    assert analysis.typo_variants(title_word) & analysis.typo_variants(typo)
    assert not analysis.typo_variants("tree") & analysis.typo_variants("graph")


def test_queries_have_words_phrases_and_beginnings() -> None:
    result = query.parse('trees "red black" balanc* 3.14 学 東京大', ["en", ""])
    assert result.groups == (
        (Phrase(("tree",)), Phrase(("trees",))),
        (Phrase(("red", "black")),),
        (Phrase(("balanc",)), Phrase(("balanc",), is_prefix=True)),
        (Phrase(("3", "14")),),
        (Phrase(("学",), is_prefix=True),),
        (Phrase(("東京", "京大")),),
    )
    for nothing in ("", "  ", '"', "* ?!"):
        with pytest.raises(NothingToFind):
            query.parse(nothing, ["en"])


def test_snippets_mark_what_was_found() -> None:
    text = "An introduction. " * 20 + "Then we balance the trees, red and black ones, and balance again. " + "More follows. " * 20
    excerpt = snippets.snippet(text, query.parse('"red and" tree balanc*', ["en"]), "en")
    assert len(excerpt.text) <= 160
    assert [excerpt.text[start:end] for start, end in excerpt.ranges] == ["balance", "trees", "red and", "balance"]
    assert text[excerpt.start :].startswith(excerpt.text)
    assert snippets.snippet("機械学習の基礎", query.parse("学習", []), "").ranges == [(2, 4)]
