"""Slides: every kind is set in every aspect, text that does not fit is refused, and formulas are data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydantic import TypeAdapter

from config import PROJECT
from services.lessons.errors import InvalidFormula, TextTooLong
from services.lessons.options import Aspect, LessonOptions, picture_size
from services.lessons.rendering import latex
from services.lessons.rendering.chart_axis import axis, number_text
from services.lessons.rendering.diagram_layout import layout
from services.lessons.rendering.maths_words import WORDS
from services.lessons.rendering.rich_text import inline_formulas, runs, speak_formulas, write_formulas
from services.lessons.rendering.slide_data import Picture, elements
from services.lessons.rendering.slides import SlideFiles, State, render_states, template_data
from services.lessons.rendering.spoken_maths import speak
from services.lessons.script import Content, LessonScript, Scene

_EXAMPLE = PROJECT / "examples" / "photosynthesis.json"
_CONTENT: TypeAdapter[Any] = TypeAdapter(Content)
_PICTURE_SCENES: list[dict[str, Any]] = [
    {"kind": "image", "heading": "A leaf", "source": {"image_id": "leaf"}, "caption": "A green leaf"},
    {"kind": "callouts", "source": {"image_id": "leaf"}, "callouts": [{"x": 0.5, "y": 0.5, "text": "The blade"}]},
    {"kind": "chart", "form": "pie", "labels": ["Heat", "Sugar"], "series": [{"values": [95, 5]}]},
]


@pytest.fixture(scope="module")
def leaf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "leaf.png"
    cv2.imwrite(str(path), np.full((60, 90, 3), (60, 140, 70), np.uint8))
    return path


def _render(scene: Scene, options: LessonOptions, folder: Path, leaf: Path, language: str = "en", states: int = 1) -> SlideFiles:
    folder.mkdir()
    picture = Picture("leaf.png", 90, 60) if hasattr(scene.content, "source") else None
    data = template_data(scene, language, options, picture)
    count = len(elements(scene.content, language))
    shown_states = [State(count)] if states == 1 else [State(visible) for visible in range(count + 1)]
    return render_states(scene, shown_states, data, options, folder, {"leaf.png": leaf} if picture else {})


@pytest.mark.parametrize("aspect", ["16:9", "9:16", "1:1"])
def test_every_kind_fits_in_every_aspect(aspect: Aspect, tmp_path: Path, leaf: Path) -> None:
    script = LessonScript.model_validate_json(_EXAMPLE.read_text())
    scenes = [*script.scenes, *(Scene(id=f"more{number}", content=content) for number, content in enumerate(_PICTURE_SCENES))]
    options = LessonOptions(height=720, aspect=aspect)
    kinds = set()
    if aspect != "16:9":  # the kinds that are laid out otherwise; the rest would only cost time
        scenes = [scene for scene in scenes if scene.content.kind in ("code", "table", "diagram", "callouts")]
    for scene in scenes:
        if (kind := (scene.content.kind, getattr(scene.content, "form", ""))) in kinds:
            continue
        kinds.add(kind)
        (picture,) = _render(scene, options, tmp_path / scene.id, leaf).pictures
        width, height = picture_size(aspect, 720)
        assert cv2.imread(str(picture)).shape[:2] == (height, width)
    assert len(kinds) == (16 if aspect == "16:9" else 4)  # all kinds except clips, with three forms of charts


def test_each_state_shows_one_element_more(tmp_path: Path, leaf: Path) -> None:
    scene = Scene(id="a", content=_CONTENT.validate_python({"kind": "bullets", "heading": "Leaves", "items": ["Light", "Water"]}))
    files = _render(scene, LessonOptions(height=720), tmp_path / "a", leaf, states=3)
    dark = [int((cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) < 100).sum()) for path in files.pictures]
    assert len(dark) == 3
    assert dark[0] < dark[1] < dark[2]


def test_right_to_left_text_starts_at_the_right(tmp_path: Path, leaf: Path) -> None:
    scene = Scene(id="a", content=_CONTENT.validate_python({"kind": "bullets", "items": ["אור", "מים"]}))
    (picture,) = _render(scene, LessonOptions(height=720), tmp_path / "a", leaf, language="he").pictures
    columns = np.flatnonzero((cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE) < 100).any(axis=0))
    assert columns.min() > 640


def test_markers_of_columns_keep_their_distance_in_right_to_left_text(tmp_path: Path, leaf: Path) -> None:
    column = {"items": ["אור ומים", "סוכר"]}
    scene = Scene(id="a", content=_CONTENT.validate_python({"kind": "two_columns", "left": column, "right": column}))
    (path,) = _render(scene, LessonOptions(height=720), tmp_path / "a", leaf, language="he").pictures
    picture = cv2.imread(str(path)).astype(int)[150:600, 640:]
    red = (picture[..., 2] - picture[..., 0] > 90).sum(axis=0) > 6  # the markers of the first column, not the line above it
    text = (picture.max(axis=2) < 90).any(axis=0)
    assert np.flatnonzero(red).min() - np.flatnonzero(text).max() > 10


def test_callouts_stand_beside_their_points(tmp_path: Path, leaf: Path) -> None:
    picture = np.full((60, 90, 3), (200, 200, 200), np.uint8)
    picture[28:33, 43:48] = (255, 0, 255)  # what the first callout points at
    path = tmp_path / "marked.png"
    cv2.imwrite(str(path), picture)
    callouts = [
        {"x": x, "y": y, "text": f"Part {at}"} for at, (x, y) in enumerate([(0.505, 0.505), (0.58, 0.5), (0.01, 0.02), (0.99, 0.98)])
    ]
    scene = Scene(id="a", content=_CONTENT.validate_python({"kind": "callouts", "source": {"image_id": "leaf"}, "callouts": callouts}))
    (drawing,) = _render(scene, LessonOptions(height=720), tmp_path / "a", path).pictures
    pixels = cv2.imread(str(drawing)).astype(int)
    magenta = (pixels[..., 0] > 200) & (pixels[..., 2] > 200) & (pixels[..., 1] < 120)
    rows, columns = np.nonzero(magenta)
    across, down = columns.max() - columns.min() + 1, rows.max() - rows.min() + 1
    middle_row, middle_column = rows.min() + down // 2, columns.min() + across // 2
    assert magenta[middle_row - 2 : middle_row + 3, middle_column - 2 : middle_column + 3].all()  # neither number nor line covers the point


@pytest.mark.parametrize("aspect", ["16:9", "9:16", "1:1"])
def test_a_ring_of_eight_parts_fits(aspect: Aspect, tmp_path: Path, leaf: Path) -> None:
    labels = ["Violet", "Blue", "Green", "Yellow", "Orange and red", "Infrared", "Ultraviolet", "Other"]
    content = {"kind": "chart", "form": "pie", "heading": "Shares of the light of the sun by its colour", "labels": labels}
    scene = Scene(id="a", content=_CONTENT.validate_python(content | {"series": [{"values": range(3, 11)}], "unit": "%"}))
    _render(scene, LessonOptions(height=720, aspect=aspect), tmp_path / "a", leaf)


def test_text_that_would_be_too_small_is_refused_with_its_scene(tmp_path: Path, leaf: Path) -> None:
    items = ["photosynthesis in chloroplasts " * 15] * 12
    scene = Scene(id="crowded", content=_CONTENT.validate_python({"kind": "bullets", "heading": "Leaves", "items": items}))
    with pytest.raises(TextTooLong, match="crowded"):
        _render(scene, LessonOptions(height=720), tmp_path / "a", leaf)


def test_markup_in_text_is_shown_as_it_is(tmp_path: Path, leaf: Path) -> None:
    text = '#panic("no") $#x$ \\ *b* _i_ @ref <label> `raw` #import "x"'
    scene = Scene(
        id="a", content=_CONTENT.validate_python({"kind": "bullets", "heading": text.replace("$", ""), "items": [text.replace("$", "")]})
    )
    assert _render(scene, LessonOptions(height=720), tmp_path / "a", leaf).pictures


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (r"E = mc^2", "E equals m c squared"),
        (
            r"x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}",
            "x equals the fraction minus b plus or minus the square root of b squared minus 4 a c, over 2 a,",
        ),
        (r"\sum_{k=1}^n k", "the sum from k equals 1 to n of k"),
        (r"\lim_{x \to 0} \frac{\sin x}{x} = 1", "the limit as x to 0 sine of x over x equals 1"),
        (r"\int_0^1 x\,dx = \frac12", "the integral from 0 to 1 of x d x equals one half"),
        (r"\mathrm{H_2O} \xrightarrow{\text{light}} \alpha", "H sub 2 O yields with light, alpha"),
        (r"\frac{a+b}{2}", "the fraction a plus b, over 2,"),
        (r"\left|x\right| \cdot \left[ y \right]", "the absolute value of x times y"),
        (r"\sin^2 x + \log_2 y", "sine squared of x plus log sub 2 of y"),
        ("x^2' + y'^2 + z_1''^{n}", "x prime squared plus y prime squared plus z sub 1 double prime to the power of n"),
        (r"\max_{x \in M} f''(x)", "the maximum over x in M of f double prime x"),
    ],
)
def test_formulas_are_read_as_words(formula: str, words: str) -> None:
    assert speak(latex.parse(formula), "en-GB") == words


_SOLUTION = r"x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}"


@pytest.mark.parametrize(
    ("language", "formula", "words"),
    [
        ("de", "E = mc^2", "E gleich m c Quadrat"),
        ("de-AT", _SOLUTION, "x gleich der Bruch minus b plus minus die Wurzel aus b Quadrat minus 4 a c, durch 2 a,"),
        ("de", r"\sum_{k=1}^n k^3", "die Summe von k gleich 1 bis n über k hoch 3"),
        ("de", r"\lim_{x \to 0} \frac{\sin x}{x} = 1", "der Grenzwert für x gegen 0 von Sinus von x durch x gleich 1"),
        ("de", r"\int_0^1 x\,dx = \frac12", "das Integral von 0 bis 1 über x d x gleich ein halb"),
        ("de", r"\mu \geq \sqrt[3]{8}", "mü ist mindestens die dritte Wurzel aus 8"),
        ("fr", _SOLUTION, "x égale la fraction moins b plus ou moins la racine carrée de b au carré moins 4 a c, sur 2 a,"),
        ("es", r"\lim_{n \to \infty} \frac1n = 0", "el límite cuando n tiende a infinito de 1 sobre n es igual a 0"),
        ("ru", r"x^2 \leq \frac{1}{2}", "x ² ≤ 1/2"),
    ],
)
def test_formulas_are_read_in_the_language_of_the_lesson(language: str, formula: str, words: str) -> None:
    assert speak(latex.parse(formula), language) == words


def test_every_language_has_words_for_the_same_signs() -> None:
    english = WORDS["en"]
    for words in WORDS.values():
        assert set(words.symbols) == set(english.symbols)
        assert set(words.functions) == set(english.functions)
        assert set(words.marks) == set(english.marks)


@pytest.mark.parametrize(
    "formula", [r"\frac{1}", r"{a", "a}", r"\unknown", r"\left( a", r"\begin{cases} a", "a & b_", "{" * 100, r"\input{x}"]
)
def test_unknown_mathematics_is_refused(formula: str) -> None:
    with pytest.raises(InvalidFormula):
        latex.parse(formula)


def test_dollars_around_prices_are_not_mathematics() -> None:
    assert runs("It costs $5 and $6.") == [{"text": "It costs $5 and $6."}]
    assert "math" in runs("The area $x^2$ grows.")[1]
    assert speak_formulas("The area $x^2$ grows.", "en") == "The area x squared grows."
    assert speak_formulas("Die Fläche $x^2$ kostet $5.", "de") == "Die Fläche x Quadrat kostet $5."


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Sei $D = b^2-4ac$.", "Sei D = b² − 4 a c."),
        (r"$e^{-x} = \frac{a+b}{2}\left(c\right)$", "e^(− x) = (a + b) / 2 (c)"),
        (r"$x_1 = \frac{-b + \sqrt{D}}{2a}$", "x₁ = (− b + √D) / (2 a)"),
        (r"$\sum_{k=1}^n a_k$ and $f'(x)=0$", "∑ k = 1 … n aₖ and f′ (x) = 0"),
        ("$5 and $6", "$5 and $6"),
    ],
)
def test_formulas_are_written_in_one_line(text: str, line: str) -> None:
    assert write_formulas(text) == line


def test_a_better_reading_of_a_formula_is_used() -> None:
    text = r"$x^2$, $\alpha$, $\unknown$ and $5"
    assert inline_formulas(text) == ["x^2", r"\alpha"]
    assert speak_formulas(text, "en", {"x^2": "the square of x"}) == r"the square of x, alpha, $\unknown$ and $5"


def test_axes_have_round_ticks() -> None:
    assert [tick["label"] for tick in axis([88, 54, 6], from_zero=True)["ticks"]] == ["0", "20", "40", "60", "80", "100"]
    assert axis([0.0, 0.0], from_zero=True)["high"] > 0
    assert axis([-3.0, -1.0], from_zero=True)["high"] == 0
    assert number_text(1234567.0) == "1\u202f234\u202f567"
    assert number_text(-0.125) == "\u22120.125"


def test_layers_of_a_diagram_follow_its_arrows() -> None:
    positions = layout(4, [(0, 1), (1, 2), (2, 3), (3, 0)], max_layers=5)
    assert [layer for layer, _ in positions.cells] == [0, 1, 2, 3]
    grid = layout(12, [], max_layers=5)
    assert len(set(grid.cells)) == 12


def test_the_example_is_a_script() -> None:
    assert len(json.loads(_EXAMPLE.read_text())["scenes"]) >= 8
