"""The blocks of a text and the sections that they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class ItemList:
    items: tuple[str, ...]


@dataclass(frozen=True)
class DataTable:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class CodeBlock:
    language: str
    code: str


@dataclass(frozen=True)
class FormulaBlock:
    """`steps`: LaTeX of one display formula each."""

    steps: tuple[str, ...]


@dataclass(frozen=True)
class QuoteBlock:
    text: str
    author: str


Block = Paragraph | ItemList | DataTable | CodeBlock | FormulaBlock | QuoteBlock


@dataclass
class Section:
    """A heading with the blocks below it. `level` is 0 for the text before the first heading; `chapter` is the heading that it is under.

    `is_slide`: it is a slide of a deck, whose paragraphs are the narration of its lists, tables and charts.
    """

    heading: str = ""
    level: int = 0
    chapter: str = ""
    blocks: list[Block] = field(default_factory=list)
    is_slide: bool = False


@dataclass(frozen=True)
class Outline:
    """`title`: the only heading of the highest level, if the text begins with it, else ""."""

    title: str
    sections: tuple[Section, ...]

    @property
    def plain_text(self) -> str:
        """All running text, for the detection of its language."""
        parts: list[str] = []
        for section in self.sections:
            parts += [section.heading, *(text for block in section.blocks for text in texts_of(block))]
        return "\n".join(filter(None, parts))


def texts_of(block: Block) -> Iterator[str]:
    """Yield the running text of a block."""
    if isinstance(block, Paragraph | QuoteBlock):
        yield block.text
    elif isinstance(block, ItemList):
        yield from block.items
    elif isinstance(block, DataTable):
        yield from (cell for row in (block.columns, *block.rows) for cell in row)
