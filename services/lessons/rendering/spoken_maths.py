"""Read a formula as English words, for the voice and for captions without mathematics."""

from __future__ import annotations

from collections.abc import Iterator

from services.lessons.rendering.latex import Tree
from services.lessons.rendering.latex_symbols import SPOKEN, SPOKEN_FUNCTIONS

_ORDINALS = {"2": "square", "3": "cube", "4": "fourth", "n": "n-th"}
_BRACKETS = frozenset("()[]{}⟨⟩")


def speak(tree: Tree) -> str:
    """Return the words for a tree of `latex.parse`."""
    return " ".join(" ".join(_words(tree)).replace(" ,", ",").split())


def _words(tree: Tree) -> Iterator[str]:
    kind = tree["kind"]
    if kind == "row":
        for item in tree["items"]:
            yield from _words(item)
    elif kind in ("symbol", "number", "text", "operator"):
        yield from _leaf(kind, tree["text"])
    elif kind == "fraction":
        yield from _fraction(tree)
    elif kind == "binomial":
        yield from (*_words(tree["top"]), "choose", *_words(tree["bottom"]))
    elif kind == "root":
        index = "2" if tree["index"] is None else speak(tree["index"])
        yield from ("the", _ORDINALS.get(index, f"{index}-th"), "root of", *_words(tree["body"]))
    elif kind == "attach":
        yield from _attached(tree)
    elif kind == "arrow":
        yield from ("yields", "with", *_words(tree["top"]), ",")
    elif kind in ("matrix", "cases", "aligned"):
        yield from ("the matrix",) if kind == "matrix" else ()
        for row in tree["rows"]:
            yield from (", ".join(filter(None, (speak(cell) for cell in row))), ";" if kind == "matrix" else ",")
    elif kind != "space":
        yield from _words(tree["body"])
        yield from {"⃗": ("vector",), "̂": ("hat",), "̄": ("bar",), "̇": ("dot",), "̃": ("tilde",)}.get(tree.get("mark", ""), ())


def _leaf(kind: str, text: str) -> Iterator[str]:
    if kind == "operator":
        yield SPOKEN_FUNCTIONS.get(text, f"{text} of")
    elif kind == "symbol" and text in _BRACKETS:
        return
    else:
        yield SPOKEN.get(text, text)


def _fraction(tree: Tree) -> Iterator[str]:
    top, bottom = speak(tree["top"]), speak(tree["bottom"])
    if (top, bottom) == ("1", "2"):
        yield "one half"
    elif tree["top"]["kind"] == tree["bottom"]["kind"] == "row":
        yield f"the fraction {top}, over {bottom},"
    else:
        yield f"{top} over {bottom}"


def _attached(tree: Tree) -> Iterator[str]:
    base, top, bottom = tree["base"], tree["top"], tree["bottom"]
    name = base.get("text", "")
    yield from _words(base)
    if name in ("∑", "∏", "∫", "∮") or base["kind"] == "operator":
        if bottom is not None:
            yield from ("as" if name == "lim" else "from" if top is not None else "over", *_words(bottom))
        if top is not None:
            yield from ("to", *_words(top))
        yield "" if name == "lim" else "of"
        return
    if bottom is not None:
        yield from ("sub" if base["kind"] != "styled" else "", *_words(bottom))
    if top is not None:
        power = speak(top)
        yield {"2": "squared", "3": "cubed", "prime": "prime", "double prime": "double prime", "T": "transposed"}.get(
            power, f"to the power of {power}"
        )
