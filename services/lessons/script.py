"""The script of a lesson: a title and scenes, each with its narration and the content of its slide.

Content is data and is never executed. Text that people or models write reaches the typesetter as JSON, not as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from lib.numbers import reject_bool
from lib.text import clean_text

MAX_SCENES = 200
MAX_NARRATION_CHARS = 10_000

MIN_CLIP_S = 0.5
MAX_NUMBER = 1e15
_MIN_NUMBER = 1e-12  # smaller ones are 0


def _one_line(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


def _without_traces(value: float) -> float:
    return value if abs(value) >= _MIN_NUMBER else 0.0


_OneLine = BeforeValidator(_one_line, json_schema_input_type=str)
Line = Annotated[str, StringConstraints(max_length=500), _OneLine]
RequiredLine = Annotated[str, StringConstraints(min_length=1, max_length=500), _OneLine]
_LongLine = Annotated[str, StringConstraints(min_length=1, max_length=1000), _OneLine]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]  # RFC 5646, section 4.4.1
Items = Annotated[tuple[RequiredLine, ...], Field(min_length=1, max_length=12)]
SceneId = Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{1,32}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{0,64}$")]
Number = Annotated[float, Field(ge=-MAX_NUMBER, le=MAX_NUMBER, allow_inf_nan=False), reject_bool, AfterValidator(_without_traces)]
Fraction = Annotated[float, Field(ge=0, le=1), reject_bool]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Title(_Model):
    kind: Literal["title"] = "title"
    heading: RequiredLine
    subtitle: Line = ""


class Bullets(_Model):
    kind: Literal["bullets"] = "bullets"
    heading: Line = ""
    items: Items


class Column(_Model):
    heading: Line = ""
    items: Items


class TwoColumns(_Model):
    kind: Literal["two_columns"] = "two_columns"
    heading: Line = ""
    left: Column
    right: Column


class Quote(_Model):
    kind: Literal["quote"] = "quote"
    text: _LongLine
    author: Line = ""


class Definition(_Model):
    kind: Literal["definition"] = "definition"
    term: RequiredLine
    definition: _LongLine
    example: Line = ""


class Formula(_Model):
    """`steps`: LaTeX of one display formula each, shown one below the other."""

    kind: Literal["formula"] = "formula"
    heading: Line = ""
    steps: Annotated[tuple[RequiredLine, ...], Field(min_length=1, max_length=8)]
    note: Line = ""


class Code(_Model):
    """`language`: a name that the typesetter's highlighter knows, or "". `highlighted_lines` count from 1."""

    kind: Literal["code"] = "code"
    heading: Line = ""
    code: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+#._-]{0,30}$")] = ""
    highlighted_lines: tuple[Annotated[int, Field(ge=1), reject_bool], ...] = ()


class Table(_Model):
    """Each row has as many cells as `columns`."""

    kind: Literal["table"] = "table"
    heading: Line = ""
    columns: Annotated[tuple[Line, ...], Field(min_length=1, max_length=8)]
    rows: Annotated[tuple[tuple[Line, ...], ...], Field(min_length=1, max_length=15)]

    @model_validator(mode="after")
    def _check_widths(self) -> Self:
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells, but there are {len(self.columns)} columns")
        return self


class Series(_Model):
    name: Line = ""
    values: Annotated[tuple[Number, ...], Field(min_length=1, max_length=30)]


class Chart(_Model):
    """Each series has as many values as `labels`; a pie has one series without negative values."""

    kind: Literal["chart"] = "chart"
    heading: Line = ""
    form: Literal["bar", "line", "pie"] = "bar"
    labels: Annotated[tuple[Line, ...], Field(min_length=1, max_length=30)]
    series: Annotated[tuple[Series, ...], Field(min_length=1, max_length=6)]
    unit: Line = ""

    @model_validator(mode="after")
    def _check_series(self) -> Self:
        for number, each in enumerate(self.series, 1):
            if len(each.values) != len(self.labels):
                raise ValueError(f"series {number} has {len(each.values)} values, but there are {len(self.labels)} labels")
        if self.form == "pie":
            self._check_pie()
        return self

    def _check_pie(self) -> None:
        if len(self.series) != 1:
            raise ValueError("a pie has one series")
        if min(self.series[0].values) < 0 or sum(self.series[0].values) <= 0:
            raise ValueError("the values of a pie must not be negative, and at least one must be positive")


class Node(_Model):
    id: SceneId
    label: RequiredLine


class Edge(_Model):
    """An arrow between two nodes, named by their ids."""

    source: SceneId
    target: SceneId
    label: Line = ""


class Diagram(_Model):
    kind: Literal["diagram"] = "diagram"
    heading: Line = ""
    nodes: Annotated[tuple[Node, ...], Field(min_length=1, max_length=12)]
    edges: Annotated[tuple[Edge, ...], Field(max_length=30)] = ()
    direction: Literal["right", "down"] = "right"

    @model_validator(mode="after")
    def _check_edges(self) -> Self:
        ids = [node.id for node in self.nodes]
        reject_duplicates(ids, "node")
        for edge in self.edges:
            for end in (edge.source, edge.target):
                if end not in ids:
                    raise ValueError(f"an edge names the node {end!r}, which does not exist")
        return self


class ImageSource(_Model):
    """One picture: an uploaded one by its id, or the picture of a recording's slide (`slide` counts from 1)."""

    image_id: Id = ""
    recording_id: Id = ""
    slide: Annotated[int, Field(ge=0), reject_bool] = 0

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if bool(self.image_id) == bool(self.recording_id):
            raise ValueError("set either image_id or recording_id")
        if bool(self.recording_id) != (self.slide > 0):
            raise ValueError("recording_id needs slide, which counts from 1; image_id has none")
        return self


class Image(_Model):
    kind: Literal["image"] = "image"
    heading: Line = ""
    source: ImageSource
    caption: Line = ""
    alt: Line = ""


class Callout(_Model):
    """A label at a point of the picture; `x` and `y` are shares of its width and height, origin at the top left."""

    x: Fraction
    y: Fraction
    text: RequiredLine


class Callouts(_Model):
    kind: Literal["callouts"] = "callouts"
    heading: Line = ""
    source: ImageSource
    callouts: Annotated[tuple[Callout, ...], Field(min_length=1, max_length=8)]
    alt: Line = ""


class Clip(_Model):
    """Part of a recording. With its own sound, the narration comes before it; else the narration replaces it. Times are seconds."""

    kind: Literal["clip"] = "clip"
    heading: Line = ""
    recording_id: Annotated[Id, Field(min_length=1)]
    start_s: Annotated[float, Field(ge=0, allow_inf_nan=False), reject_bool]
    end_s: Annotated[float, Field(gt=0, allow_inf_nan=False), reject_bool]
    sound: Literal["own", "narration"] = "own"

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        if self.end_s - self.start_s < MIN_CLIP_S:
            raise ValueError(f"end_s must be at least {MIN_CLIP_S} greater than start_s")
        return self


class Summary(_Model):
    kind: Literal["summary"] = "summary"
    heading: Line = ""
    items: Items


class Quiz(_Model):
    """`answer` is the index of the right option, from 0; it is shown with the last words of the narration."""

    kind: Literal["quiz"] = "quiz"
    question: RequiredLine
    options: Annotated[tuple[RequiredLine, ...], Field(min_length=2, max_length=6)]
    answer: Annotated[int, Field(ge=0), reject_bool]
    explanation: Line = ""

    @model_validator(mode="after")
    def _check_answer(self) -> Self:
        if self.answer >= len(self.options):
            raise ValueError(f"answer is the index of an option, 0 to {len(self.options) - 1}")
        return self


Content = Annotated[
    Title | Bullets | TwoColumns | Quote | Definition | Formula | Code | Table | Chart | Diagram | Image | Callouts | Clip | Summary | Quiz,
    Field(discriminator="kind"),
]


class Scene(_Model):
    """One slide and its narration. `id` stays the same through the versions of a script.

    `narration` may hold `[pause 2s]`; it is empty for a scene that is shown in silence. `motion` is the free description of an animation
    that some clients send (`anim`): scriptwriters use it, the renderer does not. `narration_id` names a recording of the narration that
    replaces the voice; the words of its transcript are the captions.
    """

    id: SceneId
    narration: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NARRATION_CHARS)] = ""
    content: Content
    chapter: Line = ""
    motion: Annotated[str, StringConstraints(max_length=2000)] = ""
    narration_id: Id = ""


class LessonScript(_Model):
    """`language`: a BCP 47 tag; it chooses the voice, the direction of the text and its hyphenation."""

    title: RequiredLine
    language: LanguageTag = "en"
    scenes: Annotated[tuple[Scene, ...], Field(min_length=1, max_length=MAX_SCENES)]

    @model_validator(mode="after")
    def _check_ids(self) -> Self:
        reject_duplicates([scene.id for scene in self.scenes], "scene")
        return self


def reject_duplicates(ids: Sequence[str], noun: str) -> None:
    """Raise ValueError if two ids are equal."""
    for number, each in enumerate(ids):
        if each in ids[:number]:
            raise ValueError(f"two {noun}s have the id {each!r}")
