"""Parse LaTeX mathematics into a tree of plain values, from which slides are typeset and speech text is made.

A tree is data: the template builds the formula from it, and no text of a user is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.lessons.errors import InvalidFormula
from services.lessons.rendering.latex_symbols import ACCENTS, DELIMITERS, GREEK, NAMED_OPERATORS, SPACES, STYLES, SYMBOLS

Tree = dict[str, Any]

MAX_DEPTH = 40
_MAX_TREE_DEPTH = 90  # of values inside values; the typesetter reads at most 128
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_&~]|\s+|[0-9]+(?:[.,][0-9]+)*|.", re.DOTALL)
_IGNORED_COMMANDS = {"\\displaystyle", "\\textstyle", "\\limits", "\\nolimits", "\\nonumber", "\\scriptstyle", "\\mathstrut"}
_SIZES = {f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")}
_TEXT = re.compile(r"\\(?:text(?:rm|bf|it)?|mbox)\s*\{([^{}]*)\}")
_TEXT_MARK = "\0"  # the first character of a token that is the content of a \text{...}
_MATRICES = {"matrix": "", "pmatrix": "(", "bmatrix": "[", "vmatrix": "|", "Vmatrix": "‖", "Bmatrix": "{"}  # to the left delimiter
_ALIGNED_ENVIRONMENTS = ("aligned", "align", "align*", "split", "gathered", "gather", "gather*", "equation", "equation*", "array")
_LIMIT_OPERATORS = {"lim", "max", "min", "sup", "inf", "det", "gcd", "argmax", "argmin", "limsup", "liminf", "Pr"}
_PRIMES = {1: "′", 2: "″", 3: "‴"}
_EMPTY: Tree = {"kind": "row", "items": []}


def parse(latex: str) -> Tree:
    """Return the tree of a formula. Raises InvalidFormula."""
    text = re.sub(r"^(\$\$?|\\\[|\\\()|(\$\$?|\\\]|\\\))$", "", latex.strip()).strip()
    parser = _Parser(_tokenize(text))
    tree = _rows_to_tree(parser.rows(end=None), {"kind": "aligned"})
    if _tree_depth(tree) > _MAX_TREE_DEPTH:
        raise InvalidFormula("A formula is nested too deeply.")
    return tree


def _tree_depth(tree: Tree) -> int:
    """Return the nesting depth of a tree."""
    depth = 0
    level: list[Any] = [tree]
    while level and depth <= _MAX_TREE_DEPTH:
        depth += 1
        inner = [value for each in level for value in (each.values() if isinstance(each, Mapping) else each)]
        level = [value for value in inner if isinstance(value, Mapping | list)]
    return depth


def _rows_to_tree(rows: list[list[Tree]], structure: Tree) -> Tree:
    """Return the only cell, or else the structure with all rows."""
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else {**structure, "rows": rows}


def _tokenize(text: str) -> list[str]:
    """Return the tokens without spaces; the content of a \\text{...} is one token, which begins with _TEXT_MARK."""
    tokens: list[str] = []
    position = 0
    for match in _TEXT.finditer(text):
        tokens += _without_spaces(_TOKEN.findall(text[position : match.start()]))
        tokens.append(_TEXT_MARK + match[1])
        position = match.end()
    return tokens + _without_spaces(_TOKEN.findall(text[position:]))


def _without_spaces(tokens: Sequence[str]) -> list[str]:
    return [part for part in tokens if not part.isspace()]


def row(items: Sequence[Tree]) -> Tree:
    """Return the items as one tree."""
    return items[0] if len(items) == 1 else {"kind": "row", "items": list(items)}


def symbol(text: str) -> Tree:
    return {"kind": "symbol", "text": text}


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    def _peek(self) -> str | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _next(self) -> str:
        if self._position >= len(self._tokens):
            raise InvalidFormula("A formula ends too early.")
        self._position += 1
        return self._tokens[self._position - 1]

    def rows(self, end: str | None) -> list[list[Tree]]:
        """Parse cells divided by `&` and `\\\\`, up to `\\end{...}` (or to the end of the formula)."""
        rows: list[list[Tree]] = [[]]
        while True:
            rows[-1].append(self._sequence({"&", "\\\\", "\\end"}))
            part = self._peek()
            if part == "&":
                self._position += 1
            elif part == "\\\\":
                self._position += 1
                rows.append([])
            elif part is None and end is None:
                break
            elif part is None:
                raise InvalidFormula("A formula ends too early.")
            elif part == "\\end" and end is not None:
                self._position += 1
                if self._name() != end:
                    raise InvalidFormula(f"\\end does not match \\begin{{{end}}}.")
                break
            else:
                raise InvalidFormula(f"Unexpected {part}.")
        if len(rows) > 1 and len(rows[-1]) == 1 and rows[-1][0] == _EMPTY:
            rows.pop()
        width = max(len(each) for each in rows)
        return [each + [_EMPTY] * (width - len(each)) for each in rows]

    def _sequence(self, stops: set[str]) -> Tree:
        items: list[Tree] = []
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidFormula("A formula is nested too deeply.")
        while (part := self._peek()) is not None and part not in stops:
            if part == "}":
                raise InvalidFormula("A formula has a } without {.")
            items.append(self._read_scripts())
        self._depth -= 1
        return row([each for each in items if each != _EMPTY])

    def _read_scripts(self) -> Tree:
        """Parse one atom with its superscript, subscript and primes."""
        base = _EMPTY if self._peek() in ("^", "_") else self._atom()
        exponents: list[Tree] = []
        indices: list[Tree] = []
        primes = 0
        while (part := self._peek()) in ("^", "_", "'", "\\limits", "\\nolimits"):
            self._position += 1
            if part == "^":
                exponents.append(self._argument())
            elif part == "_":
                indices.append(self._argument())
            elif part == "'":
                primes += 1
        if max(len(exponents), len(indices)) > MAX_DEPTH:
            raise InvalidFormula("A formula is nested too deeply.")
        if primes:
            exponents = [*([symbol(_PRIMES[primes])] if primes in _PRIMES else [symbol("′")] * primes), *exponents]
        top = row(exponents) if exponents else None
        bottom = row(indices) if indices else None
        if top is None and bottom is None:
            return base
        if base["kind"] == "brace" and base["note"] is None:
            return {**base, "note": bottom if base["under"] else top}
        return {"kind": "attach", "base": base, "top": top, "bottom": bottom}

    def _argument(self) -> Tree:
        """Parse `{...}` or a single atom; of a number only its first digit, as TeX does."""
        part = self._peek()
        if part is not None and len(part) > 1 and part[0].isdigit():
            self._tokens[self._position] = part[1:]
            return {"kind": "number", "text": part[0]}
        return self._atom()

    def _group(self) -> Tree:
        inner = self._sequence({"}"})
        if self._peek() != "}":
            raise InvalidFormula("A formula has a { without }.")
        self._position += 1
        return inner

    def _name(self) -> str:
        """Return the text of `{name}`."""
        if self._next() != "{":
            raise InvalidFormula("A name in braces is missing.")
        name = ""
        while (part := self._next()) != "}":
            name += part
        return name

    def _atom(self) -> Tree:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidFormula("A formula is nested too deeply.")
        try:
            part = self._next()
            if part == "{":
                return self._group()
            if part.startswith(_TEXT_MARK):
                return {"kind": "text", "text": part[1:]}
            if part.startswith("\\"):
                return self._command(part)
            if part == "~":
                return {"kind": "space", "em": 0.33}
            if part[0].isdigit():
                return {"kind": "number", "text": part}
            if part in "}^_&":
                raise InvalidFormula(f"Unexpected {part}.")
            if part in "#%$":
                raise InvalidFormula(f"{part} must be written as \\{part}.")
            return symbol({"-": "−", "*": "∗", "'": "′"}.get(part, part))
        finally:
            self._depth -= 1

    def _command(self, part: str) -> Tree:
        name = part[1:]
        if part in _IGNORED_COMMANDS:
            return _EMPTY
        if part in _SIZES:
            return self._atom()
        if name in SPACES:
            return {"kind": "space", "em": SPACES[name]}
        if name in GREEK:
            return symbol(GREEK[name])
        if name in SYMBOLS:
            return symbol(SYMBOLS[name])
        if name in NAMED_OPERATORS:
            return {"kind": "operator", "text": NAMED_OPERATORS[name], "limits": name in _LIMIT_OPERATORS}
        if name in ACCENTS:
            return {"kind": "accent", "body": self._argument(), "mark": ACCENTS[name]}
        if name in STYLES:
            return {"kind": "styled", "style": STYLES[name], "body": self._argument()}
        return self._command_with_arguments(part, name)

    def _command_with_arguments(self, part: str, name: str) -> Tree:
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            return {"kind": "fraction", "top": self._argument(), "bottom": self._argument()}
        if name in ("binom", "dbinom"):
            return {"kind": "binomial", "top": self._argument(), "bottom": self._argument()}
        if name == "sqrt":
            return self._root()
        if name in ("overline", "underline"):
            return {"kind": "line", "under": name == "underline", "body": self._argument()}
        if name in ("overbrace", "underbrace"):
            return {"kind": "brace", "under": name == "underbrace", "body": self._argument(), "note": None}
        if name in ("overset", "stackrel", "underset"):
            note, base = self._argument(), self._argument()
            above = name != "underset"
            return {"kind": "attach", "base": base, "top": note if above else None, "bottom": None if above else note}
        if name in ("xrightarrow", "xleftarrow"):
            return self._long_arrow("⟶" if name == "xrightarrow" else "⟵")
        if name in ("cancel", "bcancel"):
            return {"kind": "cancelled", "body": self._argument()}
        if name in ("operatorname", "operatorname*"):
            return {"kind": "operator", "text": self._name(), "limits": name.endswith("*")}
        if name == "boxed":
            return self._argument()  # without its box
        if name == "pmod":
            return {
                "kind": "row",
                "items": [
                    {"kind": "space", "em": 1},
                    symbol("("),
                    {"kind": "operator", "text": "mod", "limits": False},
                    {"kind": "space", "em": 0.2},
                    self._argument(),
                    symbol(")"),
                ],
            }
        if name == "left":
            return self._read_delimited()
        if name == "middle":
            return symbol(self._delimiter() or "|")
        if name == "begin":
            return self._environment()
        raise InvalidFormula(f"{part} is not supported.")

    def _long_arrow(self, arrow: str) -> Tree:
        """Parse the text above an arrow, and in brackets that below it."""
        below = self._optional_argument()
        return {"kind": "arrow", "arrow": arrow, "top": self._argument(), "bottom": below}

    def _root(self) -> Tree:
        index = self._optional_argument()
        return {"kind": "root", "index": index, "body": self._argument()}

    def _optional_argument(self) -> Tree | None:
        """Parse `[...]`, if it comes next."""
        if self._peek() != "[":
            return None
        self._position += 1
        argument = self._sequence({"]"})
        self._next()
        return argument

    def _delimiter(self) -> str:
        part = self._next()
        if part not in DELIMITERS:
            raise InvalidFormula(f"{part} is not a delimiter.")
        return DELIMITERS[part]

    def _read_delimited(self) -> Tree:
        left = self._delimiter()
        body = self._sequence({"\\right"})
        if self._peek() != "\\right":
            raise InvalidFormula("\\left has no \\right.")
        self._position += 1
        return {"kind": "delimited", "left": left, "right": self._delimiter(), "body": body}

    def _environment(self) -> Tree:
        name = self._name()
        if name == "array" and self._peek() == "{":
            self._position += 1
            self._group()
        if name in _MATRICES:
            return {"kind": "matrix", "left": _MATRICES[name], "rows": self.rows(name)}
        if name == "cases":
            return {"kind": "cases", "rows": self.rows(name)}
        if name in _ALIGNED_ENVIRONMENTS:
            return _rows_to_tree(self.rows(name), {"kind": "matrix" if name == "array" else "aligned", "left": ""})
        raise InvalidFormula(f"The environment {name} is not supported.")
