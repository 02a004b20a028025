"""Glossary and index: the terms of a lecture, what defines them, and where they are mentioned."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from domain import LectureNotes, TimeRange, Visit
from services.documents import RenderOptions, render
from services.documents.back_matter import find_entries
from services.documents.outline import build_outline
from services.terms import find_terms
from services.terms.definitions import as_entry, find_definition
from tests.documents.lecture import make_notes, make_segment, make_segment_without_spaces, make_slide

SPEECH = (
    "A hash table stores each key in a bucket. So what is a hash table? We look at the key.",
    "Two keys may share a bucket. This is called a collision, and it is quite normal.",
    "The load factor is the number of keys in a bucket. A hash table grows with the load factor.",
    "A collision costs time, and a hash table with a low load factor has fewer.",
)
LINES = (["Hash table", "Key, bucket"], ["Collision: a chain"], ["Load factor"], ["Remember the hash table"])


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> tuple[LectureNotes, Path]:
    folder = tmp_path_factory.mktemp("terms")
    slides = []
    for number, (speech, lines) in enumerate(zip(SPEECH, LINES, strict=True)):
        visit = Visit(TimeRange(60 * number, 60 * number + 60), (make_segment(speech, 60 * number + 1),))
        slides.append(make_slide(folder, number + 1, lines[0], lines[1:], [visit]))
    return make_notes(slides, duration_s=240.0), folder


def test_terms_with_their_definitions_and_mentions(lecture: tuple[LectureNotes, Path]) -> None:
    terms = {term.text: term for term in find_terms(lecture[0], {1: ["Key, bucket"]})}
    assert (
        {"hash table", "load factor", "collision", "bucket", "key"}
        <= set(terms)
        <= {"hash table", "load factor", "collision", "bucket", "key", "keys"}
    )
    assert terms["load factor"].definition == "The load factor is the number of keys in a bucket."
    assert terms["collision"].definition == "Two keys may share a bucket. This is called a collision, and it is quite normal."
    assert [(each.slide, each.paragraph_s) for each in terms["collision"].mentions] == [(2, None), (2, 61.0), (4, 181.0)]
    defined_at = terms["load factor"].defined_at
    assert defined_at is not None and (defined_at.slide, defined_at.time_s) == (3, 121.0)


@pytest.mark.parametrize(
    ("language", "speech", "definition"),
    [
        ("de", "Der Ladefaktor ist die Zahl der Schlüssel je Fach.", "Der Ladefaktor ist die Zahl der Schlüssel je Fach."),
        (
            "fr",
            "On parle souvent. Une fonction de hachage est une règle qui donne un nombre.",
            "Une fonction de hachage est une règle qui donne un nombre.",
        ),
        ("es", "La colisión es un choque entre dos claves.", "La colisión es un choque entre dos claves."),
    ],
)
def test_definitions_in_other_languages(language: str, speech: str, definition: str) -> None:
    terms = find_terms(make_notes(unplaced=[make_segment(speech, 0)], language=language), {})
    assert definition in [term.definition for term in terms]


def test_terms_of_a_language_without_spaces(tmp_path: Path) -> None:
    visit = Visit(TimeRange(0, 60), (make_segment_without_spaces("梯度指向上坡方向。我们沿着梯度走。", 1),))
    notes = make_notes([make_slide(tmp_path, 1, "梯度", [], [visit])], language="zh")
    assert [(term.text, len(term.mentions)) for term in find_terms(notes, {})] == [("梯度", 2)]


def test_the_index_has_pages_and_times(lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("pdf", *lecture, tmp_path / "out.pdf")
    back = pypdf.PdfReader(tmp_path / "out.pdf").pages[-1]
    text = " ".join(back.extract_text().split())
    assert text.index("Glossary") < text.index("collision Two keys may share") < text.index("Index")
    assert "load factor 4, 5 2:00" in text.partition("Index")[2]
    assert "/Annots" in back
    render("html", *lecture, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text("utf-8")
    assert '<section id="index">' in page and 'href="#p2-1" title="Collision"' not in page
    targets = set(re.findall(r' href="#([^"]+)"', page))
    assert targets <= set(re.findall(r' id="([^"]+)"', page)) and "p2" in targets


def test_handouts_and_short_talks_have_no_index(lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    render("pdf", *lecture, tmp_path / "out.pdf", RenderOptions(layout="handout"))
    assert "Index" not in "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "out.pdf").pages)
    short = replace(lecture[0], slides=lecture[0].slides[:1])
    assert find_entries(short, build_outline(short, lecture[1], RenderOptions())) == ()


@pytest.mark.parametrize(
    ("term", "sentence", "defines"),
    [
        ("collision", "Two keys in one slot are called a collision.", True),
        ("collision", "Two keys in one slot are called a collision when they differ.", True),
        ("hash", "Such a thing is called a hash table in the books.", False),
        ("case", "We call this case a collision of two keys.", False),
        ("server", "It supports an extension called Server Name Indication.", False),
        ("load factor", "Now the load factor: the number of keys for each slot.", True),
        ("query", "It is shown by the query: The server returns two objects.", False),
        ("load factor", "We define the load factor as keys divided by slots.", True),
        ("kernel", "Take care to define the kernel that the guest must use.", False),
        ("pointer", "And a pointer is just a number that tells you where the list is, right?", True),
        ("pointer", "So what is a pointer to a list in memory, right?", False),
        ("lists", "So lists are sequences of objects.", True),
        ("enzymes", "Enzymes are proteins that make a reaction faster.", True),
        ("overfitting", "Overfitting is when a model learns the noise.", True),
        ("value", "And the value was the element at that index.", False),
        ("list", "The list is the same as the one that we had before.", False),
        ("lists", "Lists are very useful, and we will see many of them.", False),
    ],
)
def test_sentences_that_define(term: str, sentence: str, defines: bool) -> None:
    assert (find_definition(term, [(sentence, term)], "en") is not None) == defines


def test_common_words_are_not_terms_in_their_other_forms(tmp_path: Path) -> None:
    text = "The happens happened. It happens to the probability. The probability is the evident one, and the evident happens."
    slide = make_slide(tmp_path, 1, "Probability", ["Happens", "Evident"], [Visit(TimeRange(0, 60), (make_segment(text, 1),))])
    assert [term.text for term in find_terms(make_notes([slide]), {1: ["Happens", "Evident"]})] == ["probability"]


def test_the_first_part_of_a_contraction_is_not_a_term(tmp_path: Path) -> None:
    text = "We don\u2019t know the probability. You don\u2019t see the don. The probability is a number, and they don't know it."
    slide = make_slide(tmp_path, 1, "Probability", ["Don\u2019t guess"], [Visit(TimeRange(0, 60), (make_segment(text, 1),))])
    assert [term.text for term in find_terms(make_notes([slide]), {1: ["Don\u2019t guess"]})] == ["probability"]


def test_an_index_has_no_words_that_are_everywhere_and_no_verbs(tmp_path: Path) -> None:
    text = [make_segment("Take the package. It is installed again and again, and is installed.", 40.0 * at) for at in range(60)]
    text[5] = make_segment("The installed one is a package of the mirror. Look at the mirror, and at the mirror.", 200.0)
    slide = make_slide(tmp_path, 1, "Package", ["Installed", "Mirror"], [Visit(TimeRange(0, 2400), tuple(text))])
    lines = {1: ["Installed", "Mirror"]}
    assert {term.text for term in find_terms(make_notes([slide], duration_s=2400.0), lines)} == {"mirror"}
    short = replace(slide, visits=(Visit(TimeRange(0, 400), tuple(text[:8])),))
    assert {term.text for term in find_terms(make_notes([short], duration_s=400.0), lines)} == {"mirror", "package"}


def test_parts_of_sentences_and_words_beside_one_another_are_not_terms() -> None:
    text = (
        "The pattern fails, and the database restarted. So the user-defined function runs, the nearest enclosing scope, the scenes scene. "
        "The light reactions split, and the enzyme fixes carbon. Use the network, server names, and Newton\u2019s method. "
        "The corresponding item is in the mail server."
    )
    notes = make_notes(unplaced=[make_segment(text, 60.0 * number) for number in range(4)])
    texts = {term.text for term in find_terms(notes, {})}
    assert {"user-defined function", "Newton\u2019s method", "mail server", "light reactions"} <= texts
    assert not texts & {
        "pattern fails",
        "database restarted",
        "scenes scene",
        "network server names",
        "nearest enclosing",
        "corresponding item",
    }
    plain = make_notes(unplaced=[make_segment(text.replace("\u2019", "'"), 60.0 * number) for number in range(4)])
    assert {term.text for term in find_terms(plain, {})} == texts


def test_verbs_and_words_of_every_field_are_not_terms(tmp_path: Path) -> None:
    spoken = (
        "The passed value is the result of the attempt. The passed one supports the iterator protocol, the atom yields a value. "
        "The iterator protocol is the standard. The equivalent class is an attempt, the identifier occurring as an atom is the result. "
        "Machine learning and exception handling use the iterator. The machine learning is here, and the exception handling too."
    )
    lines = ["Iterator protocol", "Passed arguments", "The result of the class"]
    visit = Visit(TimeRange(0, 60), tuple(make_segment(spoken, 10.0 * at + 1) for at in range(3)))
    texts = {term.text for term in find_terms(make_notes([make_slide(tmp_path, 1, "Iterators", lines, [visit])]), {1: lines})}
    assert {"iterator", "iterator protocol", "machine learning", "exception handling"} <= texts
    assert not texts & {"passed", "result", "attempt", "standard", "equivalent", "class", "value", "atom yields", "identifier occurring"}


def test_a_word_of_every_field_is_a_term_where_it_is_the_subject(tmp_path: Path) -> None:
    spoken = "The class has a body. We write the class, and then the class again."
    slides = [make_slide(tmp_path, 1, title, [], [Visit(TimeRange(0, 60), (make_segment(spoken, 1),))]) for title in ("Class", "A program")]
    assert ["class" in {term.text for term in find_terms(make_notes([slide]), {})} for slide in slides] == [True, False]


def test_german_words_of_every_field_are_not_terms(tmp_path: Path) -> None:
    spoken = (
        "Die Verkettung ist eine Möglichkeit. Im Ergebnis ist der Unterschied klein, und die Verkettung hat einen Vorteil. "
        "Die gute Verkettung ist das Ziel, und das Ergebnis der Verkettung ist eine Möglichkeit im Vergleich."
    )
    lines = ["Ergebnis", "Vorteil", "Gute Verkettung"]
    visit = Visit(TimeRange(0, 60), tuple(make_segment(spoken, 10.0 * at + 1) for at in range(3)))
    notes = make_notes([make_slide(tmp_path, 1, "Verkettung", lines, [visit])], language="de")
    assert [term.text for term in find_terms(notes, {1: lines})] == ["Verkettung"]


def test_names_are_terms_without_an_article(tmp_path: Path) -> None:
    spoken = (
        "Kierkegaard is against Hegel. Then we read Nietzsche, and Nietzsche is against Kierkegaard. But I like Kierkegaard and Hegel, "
        "and Simone de Beauvoir. We read it, we read it, and Monday is the day."
    )
    visit = Visit(TimeRange(0, 60), tuple(make_segment(spoken, 10.0 * at + 1) for at in range(3)))
    slide = make_slide(tmp_path, 1, "Friends", ["Nietzsche"], [visit])
    texts = [term.text for term in find_terms(make_notes([slide]), {1: ["Nietzsche"]})]
    assert texts == ["Hegel", "Kierkegaard", "Nietzsche", "Simone de Beauvoir"]
    uppercase_visit = replace(visit, paragraphs=tuple(make_segment(spoken.upper(), 10.0 * at + 1) for at in range(3)))
    assert not {term.text.title() for term in find_terms(make_notes([replace(slide, visits=(uppercase_visit,))]), {})} & {
        "Hegel",
        "Kierkegaard",
    }


def test_a_common_word_may_end_a_term(tmp_path: Path) -> None:
    spoken = (
        "In the worst case we read the whole list. The prime number is the worst case, and a supreme being knows the prime number. "
        "The supreme being is here. The function being called is the function being named. "
        "It is a key value pair as a list, the key value pair. The arrow points up, and the arrow points down."
    )
    lines = ["Worst case", "Prime numbers", "Supreme being"]
    visit = Visit(TimeRange(0, 60), tuple(make_segment(spoken, 10.0 * at + 1) for at in range(3)))
    texts = {term.text for term in find_terms(make_notes([make_slide(tmp_path, 1, "Proofs", lines, [visit])]), {1: lines})}
    assert {"worst case", "prime number", "supreme being", "key value pair"} <= texts
    assert not texts & {"worst", "prime", "supreme", "function being", "key value", "arrow points"}


def test_a_definition_has_no_question_at_its_end() -> None:
    notes = make_notes(unplaced=[make_segment("Lists hold pointers. A list is a sequence of pointers, right? We like the list.", 1)])
    assert [(term.text, term.definition) for term in find_terms(notes, {})] == [("list", "A list is a sequence of pointers.")]
    plural = make_notes(unplaced=[make_segment("We like the list. Lists are sequences of pointers. The list is long, and a list ends.", 1)])
    assert [(term.text, term.definition) for term in find_terms(plural, {})] == [("list", "Lists are sequences of pointers.")]


def test_the_index_has_the_page_of_a_word_in_a_paragraph_that_goes_on(tmp_path: Path) -> None:
    filler = "It goes on and on with other things that nobody would look up. "
    end = "Then the collision is a case of two keys, and the bucket is full. See the load factor, the collision, the keys, the bucket."
    visit = Visit(TimeRange(0, 600), (make_segment(filler * 10, 1), make_segment(filler * 70 + end, 100)))
    slide = make_slide(tmp_path, 1, "Bucket", ["Collision", "Keys", "Load factor"], [visit])
    for layout in ("page", "compact", "text"):
        render("pdf", make_notes([slide]), tmp_path, tmp_path / "out.pdf", RenderOptions(layout=layout))
        pages = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(tmp_path / "out.pdf").pages]
        index = next(page for page in pages if "Index" in page).rpartition("Index")[2]
        (page_with_word,) = [number for number, page in enumerate(pages, 1) if "Then the collision" in page]
        assert page_with_word > 1 and f"collision 1, {page_with_word} 0:00" in index, (layout, index)


def test_the_time_of_a_term_is_that_of_its_first_sentence() -> None:
    segment = make_segment("We begin. The load factor is a number. Look again. The load factor is small.", 10, per_word_s=1.0)
    (term,) = find_terms(make_notes(unplaced=[segment]), {})
    assert [mention.time_s for mention in term.mentions] == [12.0]
    assert [round(position, 1) for position in term.mentions[0].positions] == [0.2, 0.7]


@pytest.mark.parametrize(
    ("spoken", "entry"),
    [
        ("So, a stack is a list that grows at one end, right?", "A stack is a list that grows at one end."),
        ("And so a stack is a list that grows at one end.", "A stack is a list that grows at one end."),
        ("Soaps are mixtures of salts and acids.", "Soaps are mixtures of salts and acids."),
        ("Right triangles are triangles with a right angle.", "Right triangles are triangles with a right angle."),
        ("E is the energy of a photon.", "E is the energy of a photon."),
    ],
)
def test_an_entry_of_the_glossary_begins_with_its_term(spoken: str, entry: str) -> None:
    assert as_entry(spoken, "en") == entry
