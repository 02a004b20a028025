"""A title is the largest text near the top that is not on every slide."""

from __future__ import annotations

from domain import Box, OcrWord
from services.slides.titles import read_titles

SIZE = (1280, 720)


def make_page(*lines: tuple[str, int, int, int]) -> tuple[OcrWord, ...]:
    """Make the words of lines given as (text, left, top, letter height)."""
    words = []
    for number, (text, left, top, height) in enumerate(lines):
        x = left
        for word in text.split():
            width = round(len(word) * height * 0.6)
            words.append(OcrWord(word, Box(x, top, width, height), 0.9, number))
            x += width + height // 3
    return tuple(words)


def make_deck(*titles: str) -> list[tuple[OcrWord, ...]]:
    return [
        make_page(
            ("ACME University", 1000, 14, 34),
            (title, 60, 60, 42),
            ("Some explanation follows here", 60, 200, 26),
            ("and goes on for a while", 60, 250, 26),
            ("Lecture 7 - Prof. Example", 60, 690, 14),
            (f"{number} / 12", 1200, 690, 14),
        )
        for number, title in enumerate(titles, 1)
    ]


def titles_of(pages: list[tuple[OcrWord, ...]]) -> tuple[str, ...]:
    return read_titles(pages, [SIZE] * len(pages))


def test_the_largest_text_near_the_top_is_the_title() -> None:
    assert titles_of(make_deck("Entropy", "Mutual information", "Channel capacity", "Codes")) == (
        "Entropy",
        "Mutual information",
        "Channel capacity",
        "Codes",
    )


def test_what_stands_in_a_chat_at_the_height_of_the_heading_is_no_part_of_the_title() -> None:
    pages = []
    for title, name in (("Charts", "Rob"), ("Figures and tables", "Priya"), ("Summary", "Anna"), ("Layout", "Jonas")):
        read_as_one_line = (*make_page((title, 60, 60, 42)), *make_page((name, 1000, 66, 36)))
        pages.append((*read_as_one_line, *make_page(("", 0, 0, 1), ("Some text that explains it", 60, 200, 26))))
    assert titles_of(pages) == ("Charts", "Figures and tables", "Summary", "Layout")


def test_a_logo_larger_than_the_title_is_no_title() -> None:
    pages = [make_page(("ACME", 1000, 10, 60), (text, 60, 70, 40), ("body text", 60, 200, 24)) for text in ("One", "Two", "Three", "Four")]
    assert titles_of(pages) == ("One", "Two", "Three", "Four")


def test_a_first_item_of_a_list_is_no_part_of_the_title_though_it_is_as_large() -> None:
    items = [
        ("Code objects are used", 95, 112, 38),
        ("by the implementation", 95, 160, 38),
        ("of the program", 95, 208, 30),
        ("x", 95, 250, 30),
    ]
    assert titles_of([make_page(("Code objects", 66, 60, 42), *items)]) == ("Code objects",)
    marked = [("* Code objects are used", 60, 112, 38), ("by the implementation", 60, 160, 38), ("of the program", 60, 208, 30)]
    assert titles_of([make_page(("Code objects", 60, 60, 42), *marked)]) == ("Code objects",)


def test_a_centred_title_may_have_two_lines() -> None:
    slide = make_page(("A very long title that", 300, 40, 44), ("goes on", 505, 96, 44), ("body", 60, 260, 24), ("body again", 60, 300, 24))
    assert titles_of([slide]) == ("A very long title that goes on",)


def test_a_title_may_have_two_lines() -> None:
    slide = make_page(
        ("A very long title that", 60, 40, 44), ("goes on below", 60, 96, 44), ("body", 60, 260, 24), ("body again", 60, 300, 24)
    )
    assert titles_of([slide]) == ("A very long title that goes on below",)


def test_numbers_and_empty_slides_give_no_title() -> None:
    assert titles_of([make_page(("42", 600, 40, 80), ("17 / 30", 1200, 690, 14)), ()]) == ("", "")


def test_large_text_at_the_bottom_is_no_title() -> None:
    assert titles_of([make_page(("Summary", 60, 60, 30), ("THANK YOU ALL", 60, 600, 90))]) == ("Summary",)


def test_without_a_title_the_first_line_is_used() -> None:
    assert titles_of([make_page(("first line", 60, 60, 24), ("second line", 60, 90, 24), ("third line", 60, 120, 24))]) == ("first line",)


def test_a_slide_of_one_sentence_has_it_as_title_in_whatever_order_its_lines_were_read() -> None:
    sentence = make_page(("that scales slowly", 60, 200, 44), ("Is there a primitive", 60, 140, 44), ("to replace both?", 60, 260, 44))
    assert titles_of([sentence]) == ("Is there a primitive that scales slowly to replace both?",)
    points = make_page(("Apples are red", 60, 140, 44), ("Bananas are long", 60, 200, 44), ("Cherries are small", 60, 260, 44))
    assert titles_of([points]) == ("Apples are red",)


def test_the_sides_of_a_box_do_not_make_its_words_large() -> None:
    slide = make_page(("The idea: calculate the place", 86, 56, 39), ("| mango", 83, 312, 83), ("sum of letters", 388, 345, 24))
    words = tuple(OcrWord(word.text, word.box, word.confidence, 1) if word.line == 2 else word for word in slide)
    assert titles_of([words]) == ("The idea: calculate the place",)


def test_a_dash_in_a_title_is_kept() -> None:
    assert titles_of([make_page(("Trees — graphs & more", 60, 60, 42), ("Some words below it", 60, 200, 26))]) == ("Trees — graphs & more",)


def test_a_quantity_is_a_title_only_if_nothing_else_is_there() -> None:
    for quantity in ("85 °C", "1,200 km", "-3.5 mV"):
        slide = make_page(("On a high mountain", 60, 60, 36), (quantity, 60, 300, 52), ("boiling point", 60, 400, 20))
        assert titles_of([slide]) == ("On a high mountain",)
    assert titles_of([make_page(("85 °C", 60, 60, 52))]) == ("85 °C",)
    for heading in ("3 laws of motion", "2. Or", "3 定义"):
        assert titles_of([make_page((heading, 60, 60, 52), ("Newton", 60, 300, 24))]) == (heading,)


def test_a_paragraph_in_one_size_is_cut_at_a_word() -> None:
    text = " ".join(f"word{number:02d}" for number in range(40))
    (title,) = titles_of([make_page((text, 60, 60, 20))])
    assert title.endswith("…")
    assert text.startswith(title[:-1])
    assert 150 < len(title) < 170


def test_a_line_of_smaller_letters_is_no_part_of_the_title() -> None:
    slide = make_page(("Methods and", 60, 40, 44), ("measures", 60, 92, 36), ("of the year", 60, 134, 28), ("body", 60, 260, 24))
    assert titles_of([slide]) == ("Methods and measures",)


def test_a_heading_of_a_third_of_the_slides_is_their_title_and_a_line_of_most_is_a_footer() -> None:
    pages = [
        make_page(
            *([("Proof, continued", 60, 60, 40)] if number < 3 else [(f"{'ABCDEFGHI'[number]} theorem", 60, 60, 40)]),
            *([("Analysis II", 60, 20, 48)] if number % 3 else []),
            ("some text below", 60, 200, 24),
        )
        for number in range(9)
    ]
    assert titles_of(pages)[:3] == ("Proof, continued",) * 3


def test_words_that_were_hardly_recognised_are_no_title() -> None:
    scribble, title, mumbled = make_page(("sjkfh", 60, 20, 70), ("Entropy", 60, 110, 42), ("joint", 60, 158, 42))
    words = [OcrWord(word.text, word.box, confidence, word.line) for word, confidence in ((scribble, 0.2), (title, 0.9), (mumbled, 0.45))]
    assert titles_of([tuple(words)]) == ("Entropy joint",)
