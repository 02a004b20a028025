"""Turns reStructuredText into Markdown: headings, roles, directives and literal blocks (https://docutils.sourceforge.io/docs/ref/rst/)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_ADORNMENT = re.compile(r"^([!-/:-@\[-`{-~])\1{2,}\s*$")
_ROLE = re.compile(r":([\w.+:-]{1,60}):`([^`\n]+)`")
_LINK = re.compile(r"`([^`<\n]*[^`<\s])\s*<[^>\n]*>`__?")
_REFERENCE = re.compile(r"`([^`\n]+)`__?(?!\w)|(?<![\w`])(\w[\w.-]{0,80}\w)_(?![\w`])")
_SUBSTITUTION = re.compile(r"\|([^|\n]{1,60})\|_{0,2}")
_DIRECTIVE = re.compile(r"^(\s*)\.\.\s+([\w-]+)::\s*(.*)$")
_COMMENT = re.compile(r"^(\s*)\.\.(?:\s|$)")
_FIELD = re.compile(r"^\s*:[\w ()-]+:(?:\s|$)")
_CODE_DIRECTIVES = ("code", "code-block", "sourcecode", "highlight", "parsed-literal", "productionlist", "doctest", "ipython", "prompt")
_NAMES_LANGUAGE, _PYTHON = ("code", "code-block", "sourcecode", "highlight"), ("doctest", "ipython")
_PROSE_DIRECTIVES = (
    "note",
    "tip",
    "hint",
    "important",
    "warning",
    "attention",
    "caution",
    "danger",
    "seealso",
    "admonition",
    "topic",
    "epigraph",
)
_SIGNS = re.compile(r"^\.\. [\w-]+::|^\.\. _[^:\n]{1,200}:|:[a-z]+:`[^`\n]+`|`[^`<\n]+<[^>\n]+>`_|(?<=[^:\s]):: *$", re.MULTILINE)
_MIN_SIGNS = 2


def is_restructured(text: str) -> bool:
    """Whether a text has at least two constructs that only reStructuredText has."""
    return sum(1 for _ in _SIGNS.finditer(text[:40_000])) >= _MIN_SIGNS


def to_markdown(text: str) -> str:
    """Return the text as Markdown. Directives that show no text, comments, targets and lists of fields are left out."""
    lines = _with_headings(text.expandtabs(8).split("\n"))
    return "\n".join(_convert(lines))


def _with_headings(lines: Sequence[str]) -> list[str]:
    """Replace titles with lines of punctuation below (and above) them; the first kind of line has the highest level."""
    kinds: list[str] = []
    result: list[str] = []
    at = 0
    while at < len(lines):
        above = at + 2 < len(lines) and _ADORNMENT.match(lines[at]) and lines[at][:3] == lines[at + 2][:3] and lines[at + 1].strip()
        title, below = (lines[at + 1], lines[at + 2]) if above else (lines[at], lines[at + 1] if at + 1 < len(lines) else "")
        match = _ADORNMENT.match(below)
        is_title = bool(title.strip()) and match is not None and (above or not title[0].isspace()) and not _ADORNMENT.match(title)
        if match and is_title and len(below.rstrip()) >= len(title.strip()):
            kind = ("above " if above else "") + match[1]
            if kind not in kinds:
                kinds.append(kind)
            result += ["", f"{'#' * min(6, kinds.index(kind) + 1)} {title.strip()}", ""]
            at += 3 if above else 2
        else:
            result.append("" if _ADORNMENT.match(lines[at]) and not lines[at].startswith(("```", "~~~")) else lines[at])
            at += 1
    return result


def _convert(lines: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        directive = _DIRECTIVE.match(line)
        if directive is not None:
            end = _end_of_block(lines, at + 1, len(directive[1]))
            yield from _directive(directive[2], directive[3], lines[at + 1 : end])
            at = end
        elif _COMMENT.match(line):
            at = _end_of_block(lines, at + 1, len(line) - len(line.lstrip()))
        elif line.rstrip().endswith("::"):
            text = line.rstrip()[:-2].rstrip()
            yield _inline(f"{text}:") if text else ""
            end = _end_of_block(lines, at + 1, len(line) - len(line.lstrip()))
            yield from _fence("", lines[at + 1 : end])
            at = end
        elif _FIELD.match(line):
            at = _end_of_block(lines, at + 1, len(line) - len(line.lstrip()))
        elif (at == 0 or not lines[at - 1].strip()) and line.strip() and _indent(lines, at + 1) > _indent(lines, at) and _is_term(line):
            end = _end_of_block(lines, at + 1, _indent(lines, at))
            text = " ".join(_inline(each.strip()) for each in lines[at + 1 : end] if each.strip())
            yield f"- {_inline(line.strip())}: {text}"
            at = end
        else:
            yield _inline(line)
            at += 1


def _directive(name: str, argument: str, block: Sequence[str]) -> Iterator[str]:
    name = name.lower()
    content = [line for number, line in enumerate(block) if not (_FIELD.match(line) and not any(block[:number]))]
    if name in _CODE_DIRECTIVES:
        yield from _fence(argument if name in _NAMES_LANGUAGE else "python" if name in _PYTHON else "", content)
    elif name in _PROSE_DIRECTIVES:
        yield ""
        yield from _convert([argument, *_dedent(content)])
        yield ""


def _fence(language: str, block: Sequence[str]) -> Iterator[str]:
    code = "\n".join(_dedent(block)).strip("\n")
    if code:
        yield from ("", f"```{language.split(' ')[0]}", code.replace("```", "'''"), "```", "")


def _end_of_block(lines: Sequence[str], start: int, indent: int) -> int:
    """Return the index after the lines that are empty or further to the right than `indent`."""
    at = end = start
    while at < len(lines) and (not lines[at].strip() or len(lines[at]) - len(lines[at].lstrip()) > indent):
        at += 1
        if lines[at - 1].strip():
            end = at
    return end


def _indent(lines: Sequence[str], at: int) -> int:
    """Return the indentation of a line; -1 for an empty one."""
    return len(lines[at]) - len(lines[at].lstrip()) if at < len(lines) and lines[at].strip() else -1


def _is_term(line: str) -> bool:
    """Whether a line may be the term of a list of definitions, no item of a list and no sentence."""
    return len(line.strip()) <= 80 and not re.match(r"\s*(?:[*+#-]|\d+[.)])\s", line) and not line.rstrip().endswith((".", ",", ":"))


def _dedent(lines: Sequence[str]) -> list[str]:
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[indent:] for line in lines]


def _inline(line: str) -> str:
    line = _ROLE.sub(lambda match: _to_shown_text(match[1], match[2]), line)
    line = _LINK.sub(r"\1", line)
    if "``" not in line:
        line = _REFERENCE.sub(lambda match: match[1] or match[2], line)
    return _SUBSTITUTION.sub(r"\1", line) if "|" in line and not line.lstrip().startswith("|") else line


def _to_shown_text(role: str, target: str) -> str:
    """Return what a role shows: its title, the number of a standard, or the last part of a name that begins with a tilde."""
    if role in ("rfc", "pep", "bpo"):
        return f"{role.upper()} {target}"
    title = target.partition("<")[0].strip() if "<" in target else target
    return title.rpartition(".")[2] if title.startswith("~") else title
