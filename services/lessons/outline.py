"""The outline of a text in Markdown: sections with paragraphs, lists, tables, code, formulas and quotes."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lib.text import clean_text
from services.lessons import plain_layout, restructured_text, timed_text
from services.lessons.boilerplate import is_address, is_legal_text, is_navigation, title_of
from services.lessons.outline_cleaning import build_outline
from services.lessons.outline_types import (
    Block,
    CodeBlock,
    DataTable,
    FormulaBlock,
    ItemList,
    Outline,
    Paragraph,
    QuoteBlock,
    Section,
    texts_of,
)
from services.lessons.sentences import is_prose, is_reference, shorten

# A formula never contains the start of another one; so each character is read once.
_DISPLAY_FORMULA = re.compile(r"\$\$((?:(?!\$\$).)+)\$\$|\\\[((?:(?!\\[\[\]]).)+)\\\]", re.DOTALL)
_INLINE_FORMULA = re.compile(r"(?<![\\$\w])\$(?![\s$])([^$\n]{1,300}?)(?<!\s)\$(?![\d$])")
_FENCE = re.compile(r"^[ \t>]*(?:(```)|~~~)[^\n]*$", re.MULTILINE)
_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")
_ROW_END = re.compile(r"\\\\(?:\[[^\]]{0,20}\])?")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:aligned|align\*?|gather\*?|gathered|equation\*?|split)\}")
_AUTHOR = re.compile(r"^\s*(?:—|–|--|-)\s*(.{2,120})$")
_UNRESOLVED_LINK = re.compile(r"\[([^\[\]]{1,200})\]\[[^\[\]]{0,100}\]")
_BULLET = re.compile(r"^([ \t]*)[•‣▪◦●○■]\s+", re.MULTILINE)
_ADMONITION = re.compile(r"^\[!\w+\]\s*")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n((?:(?:[\w-]+[ \t]*:|[ \t]+\S|-[ \t]|#)[^\n]*\n|[ \t]*\n)+?)(?:---|\.\.\.)[ \t]*\n")
_FRONT_MATTER_TITLE = re.compile(r"^title[ \t]*:[ \t]*[\"']?([^\n]+?)[\"']?[ \t]*$", re.MULTILINE)
_VOID_TAGS = ("br", "img", "hr", "wbr", "input", "source")
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)(\s|/?>)")
_LEAD_ENDS = (":", "：")
_MAX_STEPS = 8
_MAX_HEADING_CHARS = 300


def outline_of(text: str) -> Outline:
    """Parse Markdown or plain text."""
    reader = _Reader()
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ue000", "").replace("\ue001", "")
    reader.read(_protect_formulas(_as_markdown(plain), reader.formulas))
    return build_outline(reader.sections)


def _as_markdown(text: str) -> str:
    text = _BULLET.sub(r"\1- ", timed_text.without_times(_without_front_matter(text)))
    if restructured_text.is_restructured(text):
        return restructured_text.to_markdown(text)
    if plain_layout.is_laid_out(text):
        return plain_layout.to_markdown(text)
    return plain_layout.with_plain_headings(plain_layout.with_plain_tables(text))


def _without_front_matter(text: str) -> str:
    """Replace the fields above a document of a site generator by their title, if there is no title below them."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        return text
    title, body = _FRONT_MATTER_TITLE.search(match[1]), text[match.end() :].lstrip("\n")
    return body if title is None or body.startswith("# ") else f"# {title[1].strip()}\n\n{body}"


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
    for start, end in _find_code_blocks(text):
        result += protect(text[at:start]) + text[start:end]
        at = end
    return result + protect(text[at:])


def _find_code_blocks(text: str) -> Iterator[tuple[int, int]]:
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
            heading = title_of(shorten(self._text(inside), _MAX_HEADING_CHARS))
            if heading:
                self.sections.append(Section(heading, int(token.tag[1:])))
        elif token.type == "paragraph_open":
            text = _ADMONITION.sub("", self._text(inside))
            if not (self._is_link(inside) or is_address(text) or is_reference(text) or is_legal_text(text)):
                self._add(Paragraph(text))
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
        if any(texts_of(block)) or isinstance(block, CodeBlock | FormulaBlock):
            self.sections[-1].blocks.append(block)

    def _add_list(self, tokens: Sequence[Token]) -> None:
        """Add the items of a list; code and tables in them follow it, and the item before them introduces them."""
        items: list[str] = []
        links: list[bool] = []

        def add() -> None:
            lead = items.pop() if items and items[-1].endswith(_LEAD_ENDS) and at < len(tokens) else ""
            del links[len(items) :]
            if items and not is_navigation(items, links):
                self._add(ItemList(tuple(items)))
            if lead:
                self._add(Paragraph(lead))
            items.clear()
            links.clear()

        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "inline" and (text := _ADMONITION.sub("", self._text([token]))):
                items.append(text)
                links.append(self._is_link([token]))
            elif token.type in ("fence", "code_block", "table_open"):
                add()
                at = self._read_block(tokens, at)
                continue
            at += 1
        add()

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
        text = _ADMONITION.sub("", clean_text(" ".join(lines[:-1] if author else lines)))
        self._add(QuoteBlock(text, clean_text(author[1]) if author else ""))

    def _add_code(self, token: Token) -> None:
        code, info = self._with_formulas(token.content).strip("\n"), token.info.strip().partition(" ")[0]
        if token.type == "code_block" and is_prose(code):
            self.read(plain_layout.to_markdown(code))
            return
        if info == "math":
            parts = (clean_text(part) for part in _ROW_END.split(_ENVIRONMENT.sub("", code)))
            steps = [step.replace("&", "") for step in parts if step]
            for first in range(0, len(steps), _MAX_STEPS):
                self._add(FormulaBlock(tuple(steps[first : first + _MAX_STEPS])))
        elif code.strip():
            self._add(CodeBlock(info if re.fullmatch(r"[A-Za-z0-9+#._-]{1,30}", info) else "", code))

    def _text(self, tokens: Sequence[Token], *, keep_lines: bool = False) -> str:
        """Return the text of inline tokens without marks."""
        children = [child for token in tokens for child in token.children or ()]
        closed_tags = _closed_tags(children)
        text = "".join(_inline_text(child, keep_lines, closed_tags) for child in children)
        text = _UNRESOLVED_LINK.sub(r"\1", text)
        text = self._with_formulas(text)
        return "\n".join(map(clean_text, text.split("\n"))) if keep_lines else clean_text(text)

    def _with_formulas(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: self.formulas[int(match[1])], text)

    def _is_link(self, tokens: Sequence[Token]) -> bool:
        """Whether a text is a link, or several, and nothing else."""
        depth, count, outside = 0, 0, ""
        for child in (child for token in tokens for child in token.children or ()):
            depth += child.nesting if child.type in ("link_open", "link_close") else 0
            count += child.type == "link_open"
            outside += child.content if child.type == "text" and not depth else ""
        return count > 0 and not any(map(str.isalnum, outside))


def _inline_text(token: Token, keep_lines: bool, closed_tags: Container[str]) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n" if keep_lines else " "
    if token.type == "html_inline":
        tag = _TAG.match(token.content)
        if tag and not (tag[1] or tag[2].lower() in _VOID_TAGS or tag[2] in closed_tags or tag[3].isspace()):
            return token.content  # a placeholder such as <name>
        return " " if token.content.lower().startswith("<br") else ""
    return "" if token.type == "image" else token.content


def _closed_tags(tokens: Sequence[Token]) -> set[str]:
    tags = (_TAG.match(token.content) for token in tokens if token.type == "html_inline")
    return {tag[2] for tag in tags if tag and tag[1]}


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
