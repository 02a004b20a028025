"""Turns plain text whose structure is its layout into Markdown: manual pages, RFCs, notes with indented paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.lessons.sentences import is_prose

_OVERSTRUCK = re.compile(".\b")
_MANUAL_HEADER = re.compile(r"^\s*(\S+\([0-9a-z]+\))\s.*\s\1\s*$", re.IGNORECASE)
_MANUAL_NAME = re.compile(r"^\s*+([\w.+,-][\w.+, -]{0,79}?)\s+[-–—−]++\s+(\S.*)$")
_MARKDOWN = re.compile(r"^(?:#{1,6} \S|```|~~~|\|.*\|\s*$|={4,}\s*$|-{4,}\s*$)|\]\(", re.MULTILINE)
_ITEM = re.compile(r"^(?:[•‣▪◦●*+·-]|o(?=\s{2})|\(?(?:\d{1,2}|[a-z])[.)])\s+(?=\S)")
_NUMBERED_HEADING = re.compile(r"^((?:\d{1,2}\.){1,4}\d{0,2}|[A-Z]\.)\s+(\S.*)$")
_UNDERLINED_HEADING = re.compile(r"(?:(?<=\n\n)|\A)(?![ \t>|`~-])([^\n]{1,120})\n(={4,}|-{4,})[ \t]*(?=\n|\Z)")
_TAG = re.compile(r"^(\S(?:.{0,22}?\S)?)\s{2,}(\S.*)$")
_HYPHEN = re.compile(r"(?<=\w)(?:\u2010|\u00ad)$")
_END = re.compile(r"[.!?:;,)\]]$")
_MANUAL_FOOTER = re.compile(r"^\S.{0,200}\s\d{4}-\d\d-\d\d\s.{0,200}\S\([0-9a-z]{1,9}\)\s*$")
_MAX_MANUAL_HEADING = 4  # the indentation of subheadings in a manual page is 3
_MIN_BODY_SHARE = 0.15
_BETWEEN_CODE = re.compile(r"\n```\n\n```\n")
_CODE_SIGN = re.compile(r"[\[\]{}=<>|$_\\]|(?:^|\s)--?\w|^\w+ \S*[/.]\S*$")
_PAGE_MARK = re.compile(r"^(?:\S.*\[Page \d+\]|RFC \d+\s.*\d{4})\s*$")
# The line below the header of a table in plain text: `-----+-----`, `+====+====+`.
_TABLE_RULE = re.compile(r"^[ \t]*\+?(?:-{3,}|={3,})(?:\+(?:-{3,}|={3,}))+\+?[ \t]*$", re.MULTILINE)
_FENCE = ("```", "~~~")
_BLOCK_SIGN = re.compile(r"^(\d{0,9})(#{1,6}(?=\s)|[>+*.)-](?=\s)|```|~~~|\|)")
_MIN_INDENTED_SHARE = 0.4
_MAX_HEADING_CHARS = 70
_MAX_TAG_CHARS = 60


@dataclass(frozen=True)
class _Line:
    indent: int
    text: str

    @property
    def is_item(self) -> bool:
        return _ITEM.match(self.text) is not None


def is_laid_out(text: str) -> bool:
    """Whether much of a text is indented and none of it is marked up."""
    if _MARKDOWN.search(text) and not _MANUAL_HEADER.match(text.lstrip("\n").partition("\n")[0]):
        return False
    lines = [line for line in text.split("\n") if line.strip()]
    indented_count = sum(line[:2].isspace() and not _ITEM.match(line.lstrip()) for line in lines)
    return len(lines) > 8 and indented_count >= _MIN_INDENTED_SHARE * len(lines)


def to_markdown(text: str) -> str:
    """Return headings, paragraphs, lists and code by their indentation; words that are divided at the end of a line are joined."""
    rows = [row.rstrip() for row in _OVERSTRUCK.sub("", text).expandtabs(8).split("\n")]
    is_manual = any(_MANUAL_HEADER.match(row) for row in rows[:5])
    rows = [row for row in rows if not (_MANUAL_HEADER.match(row) or _MANUAL_FOOTER.match(row) or _PAGE_MARK.match(row))]
    blocks = list(_blocks([_Line(len(row) - len(row.lstrip()), row.strip()) for row in rows]))
    indents = [line.indent for block in blocks for line in block if len(block) > 1 or len(line.text) > _MAX_HEADING_CHARS]
    deep = [each for each in indents if each > _MAX_MANUAL_HEADING] if is_manual else indents
    often = [each for each in set(deep) if deep.count(each) >= _MIN_BODY_SHARE * len(deep)]
    markdown = "\n\n".join(_Converter(min(often, default=0), is_manual=is_manual).convert(blocks))
    return _BETWEEN_CODE.sub("\n", markdown)


def with_plain_headings(text: str) -> str:
    """Mark up lines of a text without indentation that are underlined, or stand alone and are in capitals or numbered."""
    text = _UNDERLINED_HEADING.sub(lambda match: f"{'#' if match[2][0] == '=' else '##'} {match[1]}\n", text)
    rows = text.split("\n")
    result = list(rows)
    for number, row in enumerate(rows):
        before = rows[number - 1].strip() if number else ""
        after = rows[number + 1].strip() if number + 1 < len(rows) else ""
        if before or after or not row.strip() or row[:1].isspace() or row.startswith("#"):
            continue
        next_row = next((each.strip() for each in rows[number + 1 :] if each.strip()), "")
        number_match = _NUMBERED_HEADING.match(row)
        if number_match and _is_title(number_match[2]) and next_row and not _NUMBERED_HEADING.match(next_row):
            result[number] = f"{'#' * min(6, 1 + max(1, number_match[1].rstrip('.').count('.') + 1))} {number_match[2]}"
        elif _is_title(row) and row.isupper() and sum(map(str.isalpha, row)) > 3 and next_row:
            result[number] = f"## {row.strip()}"
    return "\n".join(result)


def with_plain_tables(text: str) -> str:
    """Put tables that are drawn with signs into fences, so that their lines are not joined as a paragraph."""
    if not _TABLE_RULE.search(text):
        return text
    result: list[str] = []
    is_fenced = False
    for part in text.expandtabs(8).split("\n\n"):
        is_table = not is_fenced and not any(mark in part for mark in _FENCE) and _TABLE_RULE.search(part)
        result.append(f"```\n{part.strip(chr(10))}\n```" if is_table else part)
        is_fenced ^= sum(line.lstrip().startswith(_FENCE) for line in part.split("\n")) % 2 == 1
    return "\n\n".join(result)


def _is_title(text: str) -> bool:
    return len(text) <= _MAX_HEADING_CHARS and len(text.split()) <= 9 and not _END.search(text)


def _blocks(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Yield runs of lines without an empty one."""
    block: list[_Line] = []
    for line in lines:
        if line.text:
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


class _Converter:
    """Converts blocks one after another. `body` is the indentation of most paragraphs.

    The first section of a manual page holds its name, whatever its heading is in the language of the page.
    """

    def __init__(self, body: int, *, is_manual: bool) -> None:
        self._body = body
        self._awaits_name, self._is_name = is_manual, False

    def convert(self, blocks: Sequence[list[_Line]]) -> list[str]:
        result: list[str] = []
        item_indent: int | None = None  # of the item that ends the result, which further paragraphs may belong to
        for number, block in enumerate(blocks):
            if item_indent is not None and block[0].indent > item_indent and is_prose(_join(block)) and not block[0].is_item:
                result[-1] += f" {_join(block)}"
                continue
            new_lines = list(self._convert(block, blocks[number + 1] if number + 1 < len(blocks) else []))
            item_indent = block[0].indent if new_lines and new_lines[-1].startswith("- ") else None
            result += new_lines
        return result

    def _convert(self, block: Sequence[_Line], next_block: Sequence[_Line]) -> Iterator[str]:
        while block and self._is_heading(block, next_block):
            yield from self._heading(block[0])
            block = block[1:]
        if self._is_name and block:
            self._is_name = False
            match = _MANUAL_NAME.match(_join(block))
            yield f"# {match[1].split(',')[0]} – {match[2]}" if match else _join(block)
        elif block:
            yield from self._block(block)

    def _is_heading(self, block: Sequence[_Line], next_block: Sequence[_Line]) -> bool:
        """Whether a short line stands left of the body, above something that is further to the right."""
        first, below = block[0], block[1] if len(block) > 1 else next_block[0] if next_block else None
        return first.indent < self._body and below is not None and below.indent > first.indent and _is_title(first.text)

    def _heading(self, line: _Line) -> Iterator[str]:
        if self._awaits_name:
            self._awaits_name, self._is_name = False, True
            return
        number_match = _NUMBERED_HEADING.match(line.text)
        text = number_match[2] if number_match else line.text
        mark = "##" if line.indent < max(1, self._body // 3) else "###"
        yield f"{mark} {text.capitalize() if text.isupper() and '_' not in text else text}"

    def _block(self, block: Sequence[_Line]) -> Iterator[str]:
        first = block[0]
        hanging = [line for line in block[1:] if line.indent > first.indent]
        if any(line.is_item for line in block) and first.is_item:
            yield "\n".join(f"- {item}" for item in _items(block))
        elif hanging and len(hanging) == len(block) - 1 and len(first.text) <= _MAX_TAG_CHARS and is_prose(_join(hanging)):
            yield f"- {first.text.rstrip(':')}: {_join(hanging)}"
        elif (tag_match := _TAG.match(first.text)) and len(hanging) == len(block) - 1 and is_prose(tag_match[2] + " " + _join(hanging)):
            tag = _ITEM.sub("", first.text) if first.is_item else f"{tag_match[1]}: {tag_match[2]}"
            yield f"- {_join([_Line(0, tag), *hanging])}"
        elif is_prose(_join(block)):
            yield escape_paragraph(_join(block))
        elif first.indent > self._body or len(block) > 1 or _CODE_SIGN.search(first.text):
            indent = min(line.indent for line in block)
            code = "\n".join(" " * (line.indent - indent) + line.text for line in block)
            yield f"```\n{code}\n```"
        else:
            yield escape_paragraph(_join(block))


def _items(block: Sequence[_Line]) -> Iterator[str]:
    item: list[_Line] = []
    for line in block:
        if line.is_item and item:
            yield _join(item)
            item = []
        item.append(_Line(line.indent, _ITEM.sub("", line.text)))
    yield _join(item)


def _join(lines: Sequence[_Line]) -> str:
    """Return lines as one; a word that was divided at the end of a line is one word again."""
    text = ""
    for line in lines:
        joint = "" if not text or _HYPHEN.search(text) or re.search(r"\w-$", text) else " "
        text = f"{_HYPHEN.sub('', text)}{joint}{line.text}"
    return re.sub(r"\s{2,}", " ", text)


def escape_paragraph(text: str) -> str:
    """Return a paragraph as Markdown that does not read it as a heading, a list, a table, code or a quotation."""
    return _BLOCK_SIGN.sub(r"\1\\\2", text).replace("<", "\\<")
