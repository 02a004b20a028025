"""Scenes' contents from the blocks of a text: lists, tables, charts, code, formulas, quotes and chains of arrows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Literal, TypeVar

from pydantic import ValidationError

from lib.text import ends_sentence
from services.lessons.errors import InvalidFormula
from services.lessons.outline_types import Block, CodeBlock, DataTable, FormulaBlock, ItemList, QuoteBlock
from services.lessons.points import point_of
from services.lessons.rendering import latex
from services.lessons.script import MAX_NUMBER, Bullets, Chart, Code, Column, Content, Diagram, Edge, Formula, Node, Quote, Series, Table
from services.lessons.sentences import split_long, split_sentences

_Value = TypeVar("_Value")
_MAX_BULLETS = 6
_MAX_SLIDE_CHARS = 620
_SPOKEN_PER_SHOWN = 2
_MAX_CELL_CHARS = 120
_MAX_COLUMNS = 8
_MAX_ROWS = 8
_MIN_DESCRIPTION_WORDS = 5
_MAX_CODE_CHARS = 4000
_MAX_QUOTE_CHARS = 600
_MIN_BARS = 3
_MAX_BARS = 12
_MAX_NODES = 8
_NUMBER = r"[-+−]?\d{1,3}(?:[,.  ’]\d{3})*(?:[.,]\d+)?|[-+−]?\d+(?:[.,]\d+)?"
_LABELLED_NUMBER = re.compile(rf"^(?P<label>.{{1,60}}?)\s*[:–—=]\s*(?P<number>{_NUMBER})\s*(?P<unit>[^\d\s,.;:()]{{0,10}})\.?$")
_CELL = re.compile(rf"^(?P<number>{_NUMBER})\s*(?P<unit>[^\d\s,.;:()]{{0,10}})$")
_ARROW = re.compile(r"(?:(?<!\s)\s++)?(?:→|⟶|⇒|-->|->|=>)\s*")


def bullets(heading: str, items: Sequence[str]) -> Iterator[tuple[Bullets, str]]:
    """Yield slides with at most six items each, and their narration."""
    for group in _groups_of_items(items):
        yield Bullets(heading=heading, items=tuple(map(point_of, group))), to_sentences(group)


def column(heading: str, block: Block) -> Column:
    """Return a list as one of two columns."""
    items = block.items if isinstance(block, ItemList) else ()
    return Column(heading=heading, items=tuple(map(point_of, items[:_MAX_BULLETS])))


def spoken_list(block: Block) -> str:
    """Return the narration of a list."""
    return to_sentences(block.items) if isinstance(block, ItemList) else ""


def to_sentences(items: Sequence[str]) -> str:
    """Return items as sentences."""
    return " ".join(item if ends_sentence(item) else f"{item}." for item in items)


def tables(heading: str, block: DataTable) -> Iterator[tuple[Table, str]]:
    """Yield slides with at most eight rows each, and their cells as sentences."""
    columns = tuple(cell[:_MAX_CELL_CHARS] for cell in block.columns[:_MAX_COLUMNS])
    for rows in _batches(block.rows, _MAX_ROWS):
        cells = tuple(tuple(cell[:_MAX_CELL_CHARS] for cell in row[:_MAX_COLUMNS]) for row in rows)
        yield Table(heading=heading, columns=columns, rows=cells), _spoken_rows(columns, cells)


def chart(heading: str, block: Block) -> tuple[Chart, str] | None:
    """Return a chart of a list of numbers with labels, or of a table with columns of numbers; None for others."""
    if isinstance(block, ItemList):
        return _chart_of_list(heading, block)
    return _chart_of_table(heading, block) if isinstance(block, DataTable) else None


def spoken_maximum(block: DataTable) -> str:
    """Return the narration of the chart of a table: the row with the highest number."""
    row = max(block.rows, key=lambda row: _number(match["number"]) if (match := _CELL.match(row[1])) else 0.0)
    return _spoken_rows(block.columns, [row])


def special(heading: str, block: Block) -> Iterator[tuple[Content, str]]:
    """Yield the contents of code, a formula or a quote, and their narration; "" where only the context gives one.

    A long quote has several scenes. A formula that can't be set is shown as its source.
    """
    if isinstance(block, CodeBlock):
        yield Code(heading=heading, code=block.code[:_MAX_CODE_CHARS], language=block.language), ""
    elif isinstance(block, FormulaBlock):
        yield _formula(heading, block.steps)
    elif isinstance(block, QuoteBlock):
        for part in split_long(block.text, _MAX_QUOTE_CHARS):
            yield Quote(text=part, author=block.author), " ".join(filter(None, [part, block.author]))


def _formula(heading: str, steps: Sequence[str]) -> tuple[Content, str]:
    try:
        for step in steps:
            latex.parse(step)
        return Formula(heading=heading, steps=tuple(steps)), " ".join(f"${step}$." for step in steps)
    except (InvalidFormula, ValidationError):
        return Code(heading=heading, code="\n".join(steps)[:_MAX_CODE_CHARS], language="latex"), ""


def is_chain(text: str) -> bool:
    """Whether a paragraph is a chain of arrows, such as "seed -> sprout -> plant"."""
    parts = _ARROW.split(text.strip().rstrip("."))
    return 3 <= len(parts) <= _MAX_NODES and all(0 < len(part) <= 60 for part in parts)


def diagram(heading: str, text: str) -> Diagram | None:
    """Return boxes with arrows for such a paragraph; a label that occurs twice is one box."""
    if not is_chain(text):
        return None
    labels = _ARROW.split(text.strip().rstrip("."))
    ids = {label: f"n{number}" for number, label in enumerate(dict.fromkeys(labels), 1)}
    edges = tuple(Edge(source=ids[one], target=ids[other]) for one, other in itertools.pairwise(labels) if one != other)
    return Diagram(heading=heading, nodes=tuple(Node(id=each, label=label) for label, each in ids.items()), edges=edges)


def _chart_of_list(heading: str, block: ItemList) -> tuple[Chart, str] | None:
    matches = [_LABELLED_NUMBER.match(item) for item in block.items]
    labelled_numbers = [match for match in matches if match is not None]
    units = {match["unit"] for match in labelled_numbers}
    if len(labelled_numbers) < len(matches) or not _MIN_BARS <= len(labelled_numbers) <= _MAX_BARS or len(units) != 1:
        return None
    values = [_number(match["number"]) for match in labelled_numbers]
    if not all(abs(value) <= MAX_NUMBER for value in values):
        return None
    labels = tuple(match["label"].strip() for match in labelled_numbers)
    return _chart(heading, labels, (Series(values=tuple(values)),), units.pop()), to_sentences(block.items)


def _chart_of_table(heading: str, block: DataTable) -> tuple[Chart, str] | None:
    if not _MIN_BARS <= len(block.rows) <= _MAX_BARS or not 2 <= len(block.columns) <= 5:
        return None
    cells = [[_CELL.match(cell) for cell in row[1:]] for row in block.rows]
    numbers = [[_number(match["number"]) for match in row if match] for row in cells]
    units = {match["unit"] for row in cells for match in row if match}
    if any(len(row) < len(block.columns) - 1 for row in numbers) or len(units) != 1:
        return None
    if not all(abs(value) <= MAX_NUMBER for row in numbers for value in row):
        return None
    names = block.columns[1:] if len(block.columns) > 2 else ("",)
    series = tuple(Series(name=name[:500], values=tuple(row[at] for row in numbers)) for at, name in enumerate(names))
    labels = tuple(row[0] for row in block.rows)
    title = block.columns[1] if len(block.columns) == 2 and block.columns[1] else heading
    return _chart(title, labels, series, units.pop()), _spoken_rows(block.columns, block.rows)


def _chart(heading: str, labels: tuple[str, ...], series: tuple[Series, ...], unit: str) -> Chart:
    """Choose the form: years are a line, shares of a hundred a pie, all others bars."""
    values = series[0].values
    is_whole = len(series) == 1 and unit == "%" and abs(sum(values) - 100) <= 1.5 and min(values) >= 0
    is_time = all(re.fullmatch(r"(1[5-9]|20)\d\d", label) for label in labels)
    form: Literal["bar", "line", "pie"] = "pie" if is_whole else "line" if is_time else "bar"
    return Chart(heading=heading[:500], form=form, labels=tuple(label[:120] for label in labels), series=series, unit=unit)


def _number(text: str) -> float:
    """Return a number with separators of thousands or a decimal comma."""
    text = text.replace("−", "-").replace(" ", "").replace(" ", "").replace("’", "")
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        text = re.sub("[.,]", "", text[:decimal]) + "." + text[decimal + 1 :]
    elif re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", text):
        text = text.replace(",", "")
    return float(text.replace(",", "."))


def _spoken_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as short sentences, which voices read with pauses.

    Of a reference table, which has a column of descriptions, only this column is read aloud; the slide shows the others.
    """
    column = _column_of_descriptions(columns, rows)
    if column:
        return to_sentences([": ".join(filter(None, [row[0], split_sentences(row[column])[0]])) for row in rows if row[column]])
    if len(columns) == 2:
        facts = [": ".join(filter(None, row)) for row in rows]
        return to_sentences(list(filter(None, [columns[1], *facts])))
    return " ".join(_spoken_row(columns, row) for row in rows)


def _spoken_row(columns: Sequence[str], row: Sequence[str]) -> str:
    facts = [f"{name}: {cell}" if name else cell for name, cell in zip(columns[1:], row[1:], strict=False) if cell]
    return to_sentences([row[0], *facts] if row[0] else facts)


def _column_of_descriptions(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return the column with the longest texts if they are descriptions, else 0."""
    lengths = [sum(len(row[at].split()) for row in rows) / len(rows) for at in range(len(columns))]
    longest = max(range(len(columns)), key=lambda at: lengths[at])
    return longest if longest and lengths[longest] >= _MIN_DESCRIPTION_WORDS and lengths[0] < lengths[longest] / 2 else 0


def _batches(values: Sequence[_Value], size: int) -> Iterator[tuple[_Value, ...]]:
    return (tuple(values[first : first + size]) for first in range(0, len(values), size))


def _slide_chars(item: str) -> int:
    """Return how many characters of a slide an item takes; text that is only in the narration counts less."""
    return max(len(point_of(item)), len(item) // _SPOKEN_PER_SHOWN)


def _groups_of_items(items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Divide items among slides: as many on each as fit in a readable size, and about the same number."""
    groups: list[list[str]] = []
    chars = 0
    for item in items:
        length = _slide_chars(item)
        if not groups or len(groups[-1]) == _MAX_BULLETS or chars + length > _MAX_SLIDE_CHARS:
            groups.append([])
            chars = 0
        groups[-1].append(item)
        chars += length
    size = -(-len(items) // max(1, len(groups)))
    equal_batches = list(_batches(items, size))
    fits = len(equal_batches) == len(groups) and all(sum(map(_slide_chars, group)) <= _MAX_SLIDE_CHARS for group in equal_batches)
    return iter(equal_batches if fits else [tuple(group) for group in groups])
