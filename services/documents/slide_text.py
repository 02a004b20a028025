"""The recognised text of slides as lines and listings, without their titles and what every slide repeats."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from statistics import median

from domain import OcrWord, Slide
from lib.text import clean_text, ends_sentence
from services.documents.ocr_lines import ocr_lines

_MIN_REPEATS, _REPEATED_SHARE, _POSITIONS = 3, 0.5, 40
_PAGE_NUMBER = re.compile(r"^\W*\d{1,4}(\s*(/|of|von|de)\s*\d{1,4})?\W*$", re.IGNORECASE)
_FOOTER_TOP = 0.88
_MIN_PART_CHARACTERS = 5
_MAX_LABEL_CHARACTERS = 3  # of numbers at the axes of charts
_BRACKETS = re.compile(r"^[][(){}]+[;,]?$")  # end the blocks of listings; elsewhere they are parts of drawings
_BULLET = re.compile(r"^[•‣▪◦●○■▶►·*–—-]\s+")
_STATEMENT = re.compile(
    r"""^(>>>|\$\s|\#include\b|//|/\*|@\w+|<\/?[a-z][\w-]*[\s>/]|
    (def|class|return|import|from|elif|else:|if|for|while|try:|except|finally:|raise|with|yield|lambda|assert|pass\b|break\b|continue\b|
    fn|func|function|let|const|var|int|float|double|char|void|bool|string|auto|struct|enum|public|private|protected|static|new|package|
    SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|WHERE|JOIN|GROUP\ BY|ORDER\ BY|end\b|do\b|then\b|switch|case|print)\b)""",
    re.VERBOSE,
)
_SIGNS = re.compile(
    r"""[;{}]\s*$|\)\s*:\s*$|[=!<>]=|[-=]>|::|[+*/-]=|\w\(\)|\w\([\w.,\s'"*&\[\]-]*\)\s*[;:{.%]?|\w\[[\w+:-]+\]|
    ^[a-z_][\w.]*(\[\w+\])?(,\s*[a-z_][\w.]*)*\s=\s\S|^[})\]]+;?$|
    ^(if|elif|while)\b.*:$|^for\b.*\bin\b.*:$""",
    re.VERBOSE,
)
_PLAIN_WORD = re.compile(r"[A-Za-z]{2,}[,;:.]?$")
_STRING = re.compile(r"""(["'])(?:(?!\1).)*\1""")
_COMMENT = re.compile(r"(^|\s)(#|//|--|/\*).*")
_KEYWORDS_TEXT = """
    and as async await bool case char class const def delete double else elif except extends final float for from func if implements
    import in int is lambda let long new not null or print private protected public raise return short signed static string struct
    throws unsigned var void where while with yield
"""
_KEYWORDS = frozenset(_KEYWORDS_TEXT.split())
_PROSE_WORDS = 4
_MIN_CONFIDENCE = 0.65  # of a line on average: below that it is handwriting or a formula, of which recognition makes nonsense
_MIN_SIGN_CONFIDENCE, _BADGE_HEIGHT = 0.85, 1.4
_MAX_LINE_GAP = 3.0  # of letter heights, between the lines of a listing
_MAX_UNEVENNESS = 1.7
_MIN_CODE_LINES = 2
_MIN_LABELS, _LABEL_WORDS, _MIN_LABEL_SHARE = 6, 3, 0.6
_COLUMN_TOLERANCE, _MAX_COLUMN_SHARE = 0.02, 0.5
_BETWEEN_LABELS = " · "
_WIDE_INDENT_CHARACTERS = 3.0


@dataclass(frozen=True)
class TextBlock:
    """Lines of a slide. A listing (`is_code`) keeps its indentation; otherwise each line is an item or a paragraph."""

    lines: tuple[str, ...]
    is_code: bool = False


@dataclass(frozen=True)
class _Line:
    text: str
    left: int
    top: int
    right: int
    bottom: int
    confidence: float

    @property
    def height(self) -> int:
        return self.bottom - self.top


def slide_texts(slides: Sequence[Slide]) -> tuple[tuple[TextBlock, ...], ...]:
    """Return the text of each slide. Lines at the same place on most slides (footers, logos) and page numbers are left out."""
    pages = [[_line(words) for words in ocr_lines(slide.ocr)] for slide in slides]
    counts = Counter(key for slide, lines in zip(slides, pages, strict=True) for key in {_key(line, slide) for line in lines})
    min_count = max(_MIN_REPEATS, _REPEATED_SHARE * len(slides))
    repeated_keys = {key for key, count in counts.items() if count >= min_count}
    return tuple(
        _blocks(slide, [line for line in lines if not _is_repeated(_key(line, slide), repeated_keys)])
        for slide, lines in zip(slides, pages, strict=True)
    )


def _line(words: Sequence[OcrWord]) -> _Line:
    words = words[1:] if _begins_with_badge(words) else words
    boxes = [word.box for word in words]
    return _Line(
        clean_text(" ".join(word.text for word in words)).strip("| "),
        min(box.x for box in boxes),
        min(box.y for box in boxes),
        max(box.x + box.width for box in boxes),
        max(box.y + box.height for box in boxes),
        sum(word.confidence for word in words) / len(words),
    )


def _begins_with_badge(words: Sequence[OcrWord]) -> bool:
    """Whether the first word is a bullet with a number or a picture in it: one uncertain sign that is much taller than the words."""
    first, *other_words = words
    if not other_words or len(first.text) > 1 or first.confidence >= _MIN_SIGN_CONFIDENCE:
        return False
    return first.box.height > _BADGE_HEIGHT * max(word.box.height for word in other_words)


def _key(line: _Line, slide: Slide) -> tuple[str, int]:
    letters = re.sub(r"[\W\d_]+", "", line.text).casefold()
    return letters or line.text, round(_POSITIONS * (line.top + line.bottom) / 2 / max(1, slide.height))


def _is_repeated(key: tuple[str, int], repeated_keys: Set[tuple[str, int]]) -> bool:
    """Whether a line, or the line that it is a part of, is on most slides."""
    letters, position = key
    return key in repeated_keys or any(
        position == other and letters in text for text, other in repeated_keys if len(letters) >= _MIN_PART_CHARACTERS
    )


def _blocks(slide: Slide, lines: Sequence[_Line]) -> tuple[TextBlock, ...]:
    content_lines = [line for line in lines if line.text and not _is_furniture(line, slide)]
    blocks: list[TextBlock] = []
    for is_code, group in _groups(_without_title(content_lines, slide)):
        legible = group if is_code else [line for line in group if line.confidence >= _MIN_CONFIDENCE and not _BRACKETS.match(line.text)]
        if legible:
            blocks.append(TextBlock(tuple(_indent_lines(legible) if is_code else _items_or_labels(legible, slide)), is_code))
    return tuple(blocks)


def _items_or_labels(lines: Sequence[_Line], slide: Slide) -> Iterator[str]:
    """Yield the items of a list; the labels of a drawing, which are not sentences and have no order, in one line."""
    if _is_drawing(lines, slide):
        yield _BETWEEN_LABELS.join(line.text for line in lines)
    else:
        yield from _items(lines)


def _is_drawing(lines: Sequence[_Line], slide: Slide) -> bool:
    """Whether most lines are a few words long and begin at different places."""
    if len(lines) < _MIN_LABELS or sum(len(line.text.split()) <= _LABEL_WORDS for line in lines) < _MIN_LABEL_SHARE * len(lines):
        return False
    lefts = [line.left for line in lines]
    tolerance = _COLUMN_TOLERANCE * max(1, slide.width)
    largest = max(sum(abs(left - other) <= tolerance for other in lefts) for left in lefts)
    return largest <= _MAX_COLUMN_SHARE * len(lines)


def _is_furniture(line: _Line, slide: Slide) -> bool:
    is_label = len(line.text) <= _MAX_LABEL_CHARACTERS and not any(map(str.isalpha, line.text)) and not _BRACKETS.match(line.text)
    return is_label or (bool(_PAGE_NUMBER.match(line.text)) and line.top > _FOOTER_TOP * max(1, slide.height))


def _without_title(lines: Sequence[_Line], slide: Slide) -> list[_Line]:
    """Leave out the lines that the title was made of: each is the next part of it."""
    title_letters = _letters(slide.title)
    result = []
    for line in lines:
        letters = _letters(line.text)
        if letters and title_letters.startswith(letters):
            title_letters = title_letters[len(letters) :]
        else:
            result.append(line)
    return result


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _groups(lines: Sequence[_Line]) -> Iterator[tuple[bool, list[_Line]]]:
    """Yield runs of lines of listings and of other lines."""
    at = 0
    for start, end in _listings(lines):
        if start > at:
            yield False, list(lines[at:start])
        yield True, list(lines[start:end])
        at = end
    if at < len(lines):
        yield False, list(lines[at:])


def _listings(lines: Sequence[_Line]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of runs of lines of code below each other, of which most look like code."""
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and _looks_like_code(lines[end].text) and _follows(lines[start:end], lines[end]):
            end += 1
        if end - start >= _MIN_CODE_LINES:
            yield start, end
        start = max(end, start + 1)


def _looks_like_code(text: str) -> bool:
    if _SIGNS.search(_COMMENT.sub("", text)):
        return not _has_prose(text)
    return bool(_STATEMENT.match(text)) and not ends_sentence(text) and len(text.split()) <= 5


def _has_prose(text: str) -> bool:
    """Whether several words follow one another without a sign between them, outside of strings and comments."""
    statement = _STRING.sub('""', _COMMENT.sub("", text))
    runs = itertools.groupby(statement.split(), key=lambda word: bool(_PLAIN_WORD.match(word)) and word.lower() not in _KEYWORDS)
    return any(is_plain and len(list(words)) >= _PROSE_WORDS for is_plain, words in runs)


def _follows(listing: Sequence[_Line], line: _Line) -> bool:
    """Whether a line is below a listing, at the distance of its lines."""
    if not listing:
        return True
    distance = line.top - listing[-1].top
    usual = min((lower.top - upper.top for upper, lower in itertools.pairwise(listing)), default=_MAX_LINE_GAP * listing[-1].height)
    return 0 < distance <= max(_MAX_UNEVENNESS * usual, _MAX_UNEVENNESS * line.height)


def _indent_lines(lines: Sequence[_Line]) -> Iterator[str]:
    """Yield the lines with the indentation that their left edges show."""
    width = median((line.right - line.left) / max(1, len(line.text)) for line in lines)
    levels = [min(line.left for line in lines)]
    for left in sorted(line.left for line in lines):
        if left - levels[-1] > 1.2 * width:
            levels.append(left)
    first = (levels[1] - levels[0]) / max(1.0, width) if len(levels) > 1 else 0.0
    unit = 4 if first >= _WIDE_INDENT_CHARACTERS else 2
    for line in lines:
        depth = max(index for index, level in enumerate(levels) if line.left >= level - 1)
        yield " " * (unit * depth) + line.text


def _items(lines: Sequence[_Line]) -> Iterator[str]:
    """Yield items and paragraphs: a line that continues in the next one is joined with it."""
    edge = max(line.right for line in lines)
    paragraph = ""
    previous: _Line | None = None
    for line in lines:
        if previous is not None and _continues(previous, line, edge):
            paragraph = f"{paragraph} {line.text}"
        else:
            if paragraph:
                yield paragraph
            paragraph = _BULLET.sub("", line.text)
        previous = line
    if paragraph:
        yield paragraph


def _continues(upper: _Line, lower: _Line, edge: int) -> bool:
    is_full = upper.right >= 0.75 * edge
    is_near = 0 < lower.top - upper.bottom <= 0.9 * max(upper.height, lower.height)
    return is_full and is_near and lower.text[:1].islower() and not ends_sentence(upper.text) and not upper.text.endswith(":")
