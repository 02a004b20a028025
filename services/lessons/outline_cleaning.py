"""Removes tables of contents, running headers and licences from an outline, and finds its title and chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lib.text import ends_sentence
from services.lessons.boilerplate import is_boilerplate, title_of
from services.lessons.outline_types import Block, ItemList, Outline, Paragraph, Section, texts_of
from services.lessons.sentences import split_sentences

_MIN_TEXT_SENTENCES = 3
_MIN_CHAPTERS = 3
_MIN_REPEATS = 3
_MAX_REPEATED_CHARS = 80
_MIN_CONTENTS_SHARE = 0.6


def build_outline(sections: Sequence[Section]) -> Outline:
    """Take the only highest heading at the beginning as the title, and assign chapters."""
    used = [section for section in sections if section.heading or section.blocks]
    _remove_contents(used)
    _remove_repeated(used)
    levels = [section.level for section in used if section.heading]
    title = ""
    if used and used[0].heading and used[0].level == min(levels) and (levels.count(min(levels)) == 1 or not used[0].blocks):
        title, used[0].heading = used[0].heading, ""
    used = _without_boilerplate([section for section in used if section.heading or section.blocks])
    levels = sorted(section.level for section in used if section.heading)
    top = levels[min(_MIN_CHAPTERS, len(levels)) - 1] if levels else 0  # the highest level that divides the text
    chapter = ""
    for section in used:
        chapter = section.heading if section.heading and section.level <= top else chapter
        section.chapter = chapter
    return Outline(title, tuple(used))


def _without_boilerplate(sections: Sequence[Section]) -> list[Section]:
    """Leave out sections that teach nothing, with those below them; all stay if nothing else is there."""
    teaching: list[Section] = []
    level = 0
    for section in sections:
        if level and section.level > level:
            continue
        sentences = [each for block in section.blocks if isinstance(block, Paragraph) for each in split_sentences(block.text)]
        level = section.level if is_boilerplate(section.heading, has_text=len(sentences) >= _MIN_TEXT_SENTENCES) else 0
        if not level:
            teaching.append(section)
    return teaching if any(section.blocks for section in teaching) else list(sections)


def _remove_contents(sections: Sequence[Section]) -> None:
    """Remove a table of contents: lists whose items, and paragraphs which, are headings of the text."""
    headings = {section.heading.casefold() for section in sections if section.heading}

    def is_heading(text: str) -> bool:
        return title_of(text).casefold() in headings

    for section in sections:
        section.blocks = [
            block
            for block in section.blocks
            if not (isinstance(block, Paragraph) and (is_heading(block.text) or is_boilerplate(block.text, has_text=True)))
            and not (
                isinstance(block, ItemList)
                and sum(map(is_heading, block.items)) >= max(min(2, len(block.items)), _MIN_CONTENTS_SHARE * len(block.items))
            )
        ]


def _remove_repeated(sections: Sequence[Section]) -> None:
    """Remove lines that stand in several sections, such as the header of every page."""
    counts = Counter(text for section in sections for text in {text for block in section.blocks for text in _short_texts(block)})
    repeated_texts = {text for text, count in counts.items() if count >= _MIN_REPEATS and count >= len(sections) / 4}
    for section in sections if repeated_texts else ():
        blocks: list[Block] = []
        for block in section.blocks:
            if isinstance(block, ItemList):
                items = tuple(item for item in block.items if item not in repeated_texts)
                blocks += [ItemList(items)] if items else []
            elif not (isinstance(block, Paragraph) and block.text in repeated_texts):
                blocks.append(block)
        section.blocks = blocks


def _short_texts(block: Block) -> Iterator[str]:
    """Yield the items of a list and paragraphs that may be repeated on every page; sentences are not among them."""
    for text in texts_of(block) if isinstance(block, Paragraph | ItemList) else ():
        if len(text) <= _MAX_REPEATED_CHARS and not ends_sentence(text):
            yield text
