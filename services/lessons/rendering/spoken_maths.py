"""Read a formula as words, for the voice and for captions, or write it in one line for text without mathematics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from services.lessons.rendering.latex import Tree, row
from services.lessons.rendering.maths_words import SIGNS, MathsWords, words_of

_BRACKETS = frozenset("()[]{}⟨⟩")
_NO_SPACE = re.compile(r" (?=[⁰¹²³⁴-⁹ⁿ₀-₉ᵢⱼₖₙ′″‴!)^,])|(?<=[(√^]) ")
_SUM_SIGNS = ("+", "−", "±", "∓", "=")
_PRIMES = ("′", "″", "‴")
_RANGE_OPERATORS = ("∑", "∏", "∫", "∮")


def speak(tree: Tree, language: str) -> str:
    """Return the words for a tree of `latex.parse` in a BCP 47 language."""
    return _Reader(words_of(language)).text(tree)


def write(tree: Tree) -> str:
    """Return a tree of `latex.parse` as signs in one line: `D = b² − 4 a c`."""
    return _NO_SPACE.sub("", _Reader(SIGNS).text(tree))


class _Reader:
    def __init__(self, words: MathsWords) -> None:
        self._words = words

    def text(self, tree: Tree) -> str:
        return " ".join(" ".join(self._parts(tree)).replace(" ,", ",").split())

    def _parts(self, tree: Tree) -> Iterator[str]:
        kind = tree["kind"]
        if kind == "row":
            for item in tree["items"]:
                yield from self._parts(item)
        elif kind in ("symbol", "number", "text", "operator"):
            yield from self._leaf(kind, tree["text"])
        elif kind == "fraction":
            yield self._fraction(tree)
        elif kind == "binomial":
            yield self._words.binomial.format(top=self.text(tree["top"]), bottom=self.text(tree["bottom"]))
        elif kind == "root":
            index = "2" if tree["index"] is None else self.text(tree["index"])
            yield self._words.roots.get(index) or self._words.root.format(index)
            yield self._with_brackets(tree["body"])
        elif kind == "delimited":
            yield from self._speak_delimited(tree)
        elif kind == "attach":
            yield from self._speak_attached(tree)
        elif kind == "arrow":
            yield from (self._words.arrow, *self._parts(tree["top"]), ",")
        elif kind in ("matrix", "cases", "aligned"):
            yield self._words.matrix if kind == "matrix" else ""
            for cells in tree["rows"]:
                yield ", ".join(filter(None, map(self.text, cells)))
                yield ";" if kind == "matrix" else ","
        elif kind != "space":
            yield from self._parts(tree["body"])
            yield self._words.marks.get(tree.get("mark", ""), "")

    def _leaf(self, kind: str, text: str) -> Iterator[str]:
        if kind == "operator":
            yield self._words.functions.get(text) or self._words.function.format(text)
        elif kind != "symbol" or self._words.has_brackets or text not in _BRACKETS:
            yield self._words.symbols.get(text, text)

    def _speak_delimited(self, tree: Tree) -> Iterator[str]:
        left, right = tree["left"], tree["right"]
        if self._words.has_brackets:
            yield from (left, *self._parts(tree["body"]), right)
        else:
            yield self._words.fences.get(left, "") if left == right else ""
            yield from self._parts(tree["body"])

    def _fraction(self, tree: Tree) -> str:
        top, bottom = self._with_brackets(tree["top"]), self._with_brackets(tree["bottom"])
        if (top, bottom) == ("1", "2"):
            return self._words.half
        is_long = tree["top"]["kind"] == tree["bottom"]["kind"] == "row" or _is_sum(tree["top"]) or _is_sum(tree["bottom"])
        return (self._words.long_fraction if is_long else self._words.fraction).format(top=top, bottom=bottom)

    def _with_brackets(self, tree: Tree) -> str:
        return f"({self.text(tree)})" if self._words.has_brackets and tree["kind"] == "row" else self.text(tree)

    def _speak_attached(self, tree: Tree) -> Iterator[str]:
        base, top, bottom = tree["base"], tree["top"], tree["bottom"]
        if base["kind"] == "operator" and not base["limits"]:
            name, space, preposition = self.text(base).rpartition(" ")
            yield from (name or preposition, *self._scripts(tree), preposition if space else "")
            return
        yield from self._parts(base)
        if base.get("text") == "lim":
            yield from self._limit(bottom)
        elif base.get("text") in _RANGE_OPERATORS or base["kind"] == "operator":
            yield from self._range(top, bottom)
        else:
            yield from self._scripts(tree)

    def _scripts(self, tree: Tree) -> Iterator[str]:
        if tree["bottom"] is not None:
            yield self._index(tree["bottom"], is_styled=tree["base"]["kind"] == "styled")
        if tree["top"] is not None:
            yield self._power(tree["top"])

    def _limit(self, bottom: Tree | None) -> Iterator[str]:
        if bottom is not None:
            symbols = {**self._words.symbols, "→": self._words.limit_arrow}
            yield from (self._words.limit, _Reader(replace(self._words, symbols=symbols)).text(bottom))
        yield self._words.after_limit

    def _range(self, top: Tree | None, bottom: Tree | None) -> Iterator[str]:
        if bottom is not None:
            yield from (self._words.over if top is None else self._words.start, *self._parts(bottom))
        if top is not None:
            yield from (self._words.end, *self._parts(top))
        yield self._words.of if top is None else self._words.of_range

    def _index(self, bottom: Tree, *, is_styled: bool) -> str:
        index = self.text(bottom)
        return self._words.indices.get(index) or f"{'' if is_styled else self._words.index} {index}"

    def _power(self, top: Tree) -> str:
        if top.get("text") in _PRIMES:
            return self.text(top)
        if top["kind"] == "row" and top["items"] and top["items"][0].get("text") in _PRIMES:
            prime, *exponents = top["items"]
            return f"{self.text(prime)} {self._power(row(exponents))}"
        power = self._with_brackets(top)
        return self._words.powers.get(power) or self._words.power.format(power)


def _is_sum(tree: Tree) -> bool:
    return tree["kind"] == "row" and any(each.get("text") in _SUM_SIGNS for each in tree["items"])
