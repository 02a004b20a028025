"""The data of a slide for the template, and the elements that appear one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.lessons import script
from services.lessons.errors import InvalidFormula
from services.lessons.rendering import chart_axis, latex
from services.lessons.rendering.diagram_layout import layout
from services.lessons.rendering.rich_text import Runs, runs
from services.lessons.rendering.spoken_maths import speak

Data = dict[str, Any]

_MAX_LAYERS = {"right": 5, "down": 5}
_MAX_LAYERS_NARROW = {"right": 2, "down": 6}


@dataclass(frozen=True)
class Element:
    """A part of a slide that appears by itself. `text` is what the narration is searched for; `grows`: it is drawn in steps.

    `at_end`: it appears with the last words, whatever they are.
    """

    text: str
    grows: bool = False
    at_end: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture for a scene: a file name beside the template, and its size in pixels."""

    file: str
    width: int
    height: int


def elements(content: script.Content, language: str) -> tuple[Element, ...]:
    """Return the elements of a slide in the order in which they appear; all others are visible from the start.

    `language` is that of the narration, which reads the formulas.
    """
    match content:
        case script.Title(subtitle=subtitle):
            return _some(subtitle)
        case script.Bullets(items=items) | script.Summary(items=items):
            return tuple(Element(item) for item in items)
        case script.TwoColumns(left=left, right=right):
            return tuple(Element(item) for item in (*left.items, *right.items))
        case script.Quote(author=author):
            return _some(author)
        case script.Definition(definition=definition, example=example):
            return (Element(definition), *_some(example))
        case script.Formula(steps=steps, note=note):
            return (*(Element(_speak_formula(step, language)) for step in steps), *_some(note))
        case script.Code(highlighted_lines=lines):
            return (Element(""),) if lines else ()
        case script.Table(rows=rows):
            return tuple(Element(" ".join(row)) for row in rows)
        case script.Chart(form=form, series=series, labels=labels):
            if form == "pie":
                return (Element(" ".join(labels), grows=True),)
            return tuple(Element(each.name, grows=True) for each in series)
        case script.Diagram(nodes=nodes):
            return tuple(Element(node.label) for node in nodes)
        case script.Image(caption=caption):
            return _some(caption)
        case script.Callouts(callouts=callouts):
            return tuple(Element(callout.text) for callout in callouts)
        case script.Quiz(options=options):
            return (*(Element(option) for option in options), Element("", at_end=True))
        case _:
            return ()


def _speak_formula(step: str, language: str) -> str:
    """Return what a narrator says for a formula; "" if it is not understood, which another function reports."""
    try:
        return speak(latex.parse(step), language)
    except InvalidFormula:
        return ""


def _some(text: str) -> tuple[Element, ...]:
    return (Element(text),) if text else ()


def text_on_slide(content: script.Content) -> str:
    """Return all text of a slide, to find out which fonts it needs."""
    texts: list[str] = []

    def collect(value: Any) -> None:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, Mapping):
            for each in value.values():
                collect(each)
        elif isinstance(value, list | tuple):
            for each in value:
                collect(each)

    collect(content.model_dump(exclude={"kind", "source"}))
    return " ".join(texts)


def slide_data(content: script.Content, *, is_narrow: bool, picture: Picture | None = None) -> Data:
    """Return the scene as the template takes it: text as runs, formulas as trees. Raises InvalidFormula."""
    data: Data = _with_runs(content.model_dump())
    match content:
        case script.Formula(steps=steps):
            data["steps"] = [latex.parse(step) for step in steps]
        case script.Code(code=code, highlighted_lines=lines):
            data["code"] = code.replace("\r\n", "\n").replace("\t", "    ").rstrip("\n")
            data["language"] = content.language.lower()
            data["highlighted_lines"] = list(lines)
        case script.Chart():
            data |= _chart(content, data["series"])
        case script.Diagram():
            data |= _diagram(content, is_narrow=is_narrow)
    if picture is not None:
        alt = getattr(content, "alt", "")
        data["picture"] = {"file": picture.file, "width": picture.width, "height": picture.height, "alt": alt or data["kind"]}
    return data


_NO_RUNS = ("kind", "form", "code", "language", "direction", "source", "image_id", "recording_id", "id", "target", "alt")


def _with_runs(value: Any, name: str = "") -> Any:
    if isinstance(value, str):
        return value if name in _NO_RUNS else runs(value)
    if isinstance(value, Mapping):
        return {key: each if name == "edges" and key == "source" else _with_runs(each, key) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_runs(each, name) for each in value] if name != "steps" else list(value)
    return value


def _chart(content: script.Chart, series: Sequence[Data]) -> Data:
    values = [value for each in content.series for value in each.values]
    for number, each in enumerate(content.series):
        if content.form == "pie":
            total = sum(each.values)
            series[number]["texts"] = [f"{chart_axis.number_text(round(100 * value / total, 1))}\u202f%" for value in each.values]
        else:
            series[number]["texts"] = [chart_axis.number_text(value) for value in each.values]
    shows_values = chart_axis.shows_values(len(content.series), len(content.labels))
    return {"axis": chart_axis.axis(values, from_zero=content.form != "line"), "shows_values": shows_values}


def _diagram(content: script.Diagram, *, is_narrow: bool) -> Data:
    numbers = {node.id: number for number, node in enumerate(content.nodes)}
    pairs = [(numbers[edge.source], numbers[edge.target]) for edge in content.edges]
    direction = "down" if is_narrow else content.direction
    limits = _MAX_LAYERS_NARROW if is_narrow else _MAX_LAYERS
    diagram_layout = layout(len(content.nodes), pairs, max_layers=limits[direction])
    nodes = []
    for node, (layer, position) in zip(content.nodes, diagram_layout.cells, strict=True):
        column, row = (layer, position) if direction == "right" else (position, layer)
        nodes.append({"label": runs(node.label), "column": column, "row": row, "layer": layer})
    columns, rows = (
        (diagram_layout.layers, diagram_layout.breadth) if direction == "right" else (diagram_layout.breadth, diagram_layout.layers)
    )
    edges = [
        {"source": source, "target": target, "label": runs(edge.label), "bend": _bend(source, target, pairs, diagram_layout.cells)}
        for edge, (source, target) in zip(content.edges, pairs, strict=True)
    ]
    return {"nodes": nodes, "edges": edges, "columns": columns, "rows": rows}


def _bend(source: int, target: int, pairs: Sequence[tuple[int, int]], cells: Sequence[tuple[float, float]]) -> int:
    """Return how far an arrow bends aside: past nodes between its ends, and away from an arrow back."""
    (layer_a, at_a), (layer_b, at_b) = cells[source], cells[target]
    passes_node = any(
        node not in (source, target)
        and min(layer_a, layer_b) <= layer <= max(layer_a, layer_b)
        and abs(at - (at_a + at_b) / 2) < 0.5
        and (layer_a != layer_b or min(at_a, at_b) < at < max(at_a, at_b))
        and (layer not in (layer_a, layer_b) or layer_a == layer_b)
        for node, (layer, at) in enumerate(cells)
    )
    if passes_node:
        return 420  # the template starts such an arrow at the side of its box
    return 110 if (target, source) in pairs else 0


def all_runs(data: Data) -> Runs:
    """Return the runs of text in the data of a slide, for tests and checks."""
    result: Runs = []
    stack: list[Any] = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, Mapping):
            if "text" in value and len(value) == 1:
                result.append(dict(value))
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return result
