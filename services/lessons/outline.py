"""The outline of a text in Markdown: sections with paragraphs, lists, tables, code, formulas and quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lib.text import clean_text
from services.lessons.sentences import shorten


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
    """A heading with the blocks below it. `level` is 0 for the text before the first heading; `chapter` is the heading that it is under."""

    heading: str = ""
    level: int = 0
    chapter: str = ""
    blocks: list[Block] = field(default_factory=list)


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
            parts += [section.heading, *(text for block in section.blocks for text in _texts(block))]
        return "\n".join(filter(None, parts))


# A formula never contains the start of another one; so each character is read once.
_DISPLAY_FORMULA = re.compile(r"\$\$((?:(?!\$\$).)+)\$\$|\\\[((?:(?!\\[\[\]]).)+)\\\]", re.DOTALL)
_INLINE_FORMULA = re.compile(r"(?<![\\$\w])\$(?![\s$])([^$\n]{1,300}?)(?<!\s)\$(?![\d$])")
_FENCE = re.compile(r"^(?:(```)|~~~)[^\n]*$", re.MULTILINE)
_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")
_ROW_END = re.compile(r"\\\\(?:\[[^\]]{0,20}\])?")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:aligned|align\*?|gather\*?|gathered|equation\*?|split)\}")
_AUTHOR = re.compile(r"^\s*(?:—|–|--|-)\s*(.{2,120})$")
_UNRESOLVED_LINK = re.compile(r"\[([^\[\]]{1,200})\]\[[^\[\]]{0,100}\]")
_MIN_CONTENTS_SHARE = 0.6
_MAX_STEPS = 8
_MAX_HEADING_CHARS = 300


def outline_of(text: str) -> Outline:
    """Parse Markdown or plain text."""
    reader = _Reader()
    reader.read(
        _protect_formulas(text.replace("\r\n", "\n").replace("\r", "\n").replace("\ue000", "").replace("\ue001", ""), reader.formulas)
    )
    return _titled(reader.sections)


def _protect_formulas(text: str, formulas: list[str]) -> str:
    """Turn display formulas into code blocks and inline ones into placeholders, outside code blocks: Markdown would change them."""

    def inline(match: re.Match[str]) -> str:
        formulas.append(match[0])
        return f"\ue000{len(formulas) - 1}\ue001"

    def protect(part: str) -> str:
        part = _DISPLAY_FORMULA.sub(lambda match: f"\n\n```math\n{(match[1] or match[2]).strip()}\n```\n\n", part)
        return "".join(
            piece if number % 2 else _INLINE_FORMULA.sub(inline, piece) for number, piece in enumerate(re.split(r"(`[^`\n]+`)", part))
        )

    result, at = "", 0
    for start, end in _fenced(text):
        result += protect(text[at:start]) + text[start:end]
        at = end
    return result + protect(text[at:])


def _fenced(text: str) -> Iterator[tuple[int, int]]:
    """Yield where code blocks between fences start and end; one that is never closed has no end and is left out."""
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif bool(fence[1]) == bool(opening[1]) and not fence[0].strip("`~ \t"):
            yield opening.start(), fence.end()
            opening = None


class _Reader:
    """Collects the blocks of a token stream."""

    def __init__(self) -> None:
        self.sections = [Section()]
        self.formulas: list[str] = []

    def read(self, text: str) -> None:
        tokens = MarkdownIt("commonmark").enable("table").parse(text)
        at = 0
        while at < len(tokens):
            at = self._read_block(tokens, at)

    def _read_block(self, tokens: Sequence[Token], at: int) -> int:
        """Read the block that begins at a token; return the index after it."""
        token = tokens[at]
        end = _end_of(tokens, at)
        inside = tokens[at + 1 : end]
        if token.type == "heading_open":
            heading = shorten(self._text(inside), _MAX_HEADING_CHARS)
            if heading:
                self.sections.append(Section(heading, int(token.tag[1:])))
        elif token.type == "paragraph_open":
            self._add(Paragraph(self._text(inside)))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            self._add_list(inside)
        elif token.type == "table_open":
            self._add_table(inside)
        elif token.type == "blockquote_open":
            self._add_quote(inside)
        elif token.type in ("fence", "code_block"):
            self._add_code(token)
        return end + 1

    def _add(self, block: Block) -> None:
        if any(_texts(block)) or isinstance(block, CodeBlock | FormulaBlock):
            self.sections[-1].blocks.append(block)

    def _add_list(self, tokens: Sequence[Token]) -> None:
        """Add the items of a list; code and tables in them follow it."""
        items: list[str] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "inline":
                items.append(self._text([token]))
            elif token.type in ("fence", "table_open"):
                if items:
                    self._add(ItemList(tuple(filter(None, items))))
                    items = []
                at = self._read_block(tokens, at)
                continue
            at += 1
        if items:
            self._add(ItemList(tuple(filter(None, items))))

    def _add_table(self, tokens: Sequence[Token]) -> None:
        rows: list[list[str]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self._text([token]))
        width = len(rows[0]) if rows else 0
        body = tuple((*row, *[""] * (width - len(row)))[:width] for row in rows[1:])
        if width and body:
            self._add(DataTable(tuple(rows[0]), body))

    def _add_quote(self, tokens: Sequence[Token]) -> None:
        lines = [self._text([token], keep_lines=True) for token in tokens if token.type == "inline"]
        lines = [line for text in lines for line in text.split("\n")]
        author = _AUTHOR.match(lines[-1]) if len(lines) > 1 else None
        text = clean_text(" ".join(lines[:-1] if author else lines))
        self._add(QuoteBlock(text, clean_text(author[1]) if author else ""))

    def _add_code(self, token: Token) -> None:
        code, info = token.content.strip("\n"), token.info.strip().partition(" ")[0]
        if info == "math":
            parts = (clean_text(part) for part in _ROW_END.split(_ENVIRONMENT.sub("", code)))
            steps = [step.replace("&", "") for step in parts if step]
            for first in range(0, len(steps), _MAX_STEPS):
                self._add(FormulaBlock(tuple(steps[first : first + _MAX_STEPS])))
        elif code.strip():
            self._add(CodeBlock(info if re.fullmatch(r"[A-Za-z0-9+#._-]{1,30}", info) else "", code))

    def _text(self, tokens: Sequence[Token], *, keep_lines: bool = False) -> str:
        """Return the text of inline tokens without marks."""
        text = "".join(_inline_text(child, keep_lines) for token in tokens for child in token.children or ())
        text = _UNRESOLVED_LINK.sub(r"\1", text)
        text = _PLACEHOLDER.sub(lambda match: self.formulas[int(match[1])], text)
        return "\n".join(map(clean_text, text.split("\n"))) if keep_lines else clean_text(text)


def _inline_text(token: Token, keep_lines: bool) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n" if keep_lines else " "
    return "" if token.type in ("image", "html_inline") else token.content


def _end_of(tokens: Sequence[Token], at: int) -> int:
    """Return the index of the token that closes a block."""
    if tokens[at].nesting != 1:
        return at
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return len(tokens) - 1


def _titled(sections: Sequence[Section]) -> Outline:
    """Take the only highest heading at the beginning as the title, and assign chapters."""
    used = [section for section in sections if section.heading or section.blocks]
    levels = [section.level for section in used if section.heading]
    title = ""
    if used and used[0].heading and levels.count(min(levels)) == 1 and used[0].level == min(levels):
        title, used[0].heading = used[0].heading, ""
    _remove_contents(used)
    used = [section for section in used if section.heading or section.blocks]
    top = min((section.level for section in used if section.heading), default=0)
    chapter = ""
    for section in used:
        chapter = section.heading if section.heading and section.level == top else chapter
        section.chapter = chapter
    return Outline(title, tuple(used))


def _remove_contents(sections: Sequence[Section]) -> None:
    """Remove the list of a table of contents: most of its items are headings of the text."""
    headings = {section.heading.casefold() for section in sections if section.heading}
    for section in sections:
        section.blocks = [
            block
            for block in section.blocks
            if not isinstance(block, ItemList)
            or sum(item.casefold() in headings for item in block.items) < max(2, _MIN_CONTENTS_SHARE * len(block.items))
        ]


def _texts(block: Block) -> Iterator[str]:
    """Yield the running text of a block."""
    if isinstance(block, Paragraph | QuoteBlock):
        yield block.text
    elif isinstance(block, ItemList):
        yield from block.items
    elif isinstance(block, DataTable):
        yield from (cell for row in (block.columns, *block.rows) for cell in row)
