"""Text fields that are cleaned: what their schemas allow is accepted, and what they forbid is refused."""

from __future__ import annotations

import re
from typing import Annotated

import pytest
from pydantic import BaseModel, Field, ValidationError

from lib.text import NOT_BLANK, VISIBLE, clean_text
from lib.text_fields import required_line
from services.library.recordings import clean_title


class Label(BaseModel):
    text: Annotated[str, Field(min_length=1, max_length=5), required_line]


@pytest.mark.parametrize("text", ["\x94\x8a", "\t", "\u202a", "\ufdd0"])
def test_a_text_without_a_visible_character_is_refused_and_its_schema_says_so(text: str) -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        Label(text=text)
    assert not re.search(Label.model_json_schema()["properties"]["text"]["pattern"], text)


def test_the_maximum_length_is_that_of_the_text_as_it_was_sent() -> None:
    with pytest.raises(ValidationError, match="at most 5 characters"):
        Label(text="ab\x03cde")
    assert Label(text=" ab\x03 ").text == "ab"


def test_the_patterns_find_what_cleaning_leaves() -> None:
    visible, not_blank = re.compile(VISIBLE), re.compile(NOT_BLANK)
    for character in map(chr, (*range(0xD800), *range(0xE000, 0x11000), 0x1FFFE, 0x8F11B, 0x10FFFF)):
        assert bool(visible.search(character)) == bool(clean_text(character)) == bool(clean_title(character)), ascii(character)
        assert bool(not_blank.search(character)) == bool(character.strip()), ascii(character)
