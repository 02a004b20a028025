"""Sources of scripts: a topic, a text, a document, the transcript of a recording, or a deck of slides."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.lessons.script import LanguageTag
from services.lessons.sentences import Ranking, detect_language, split_sentences

MAX_TOPIC_CHARS = 2000
MAX_TEXT_CHARS = 400_000
MAX_DECK_SLIDES = 200

SourceKind = Literal["topic", "text", "document", "recording", "deck"]
Cells = tuple[tuple[str, ...], ...]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class DeckChart(_Model):
    """The data of a chart on a slide; a value that is missing is 0."""

    form: Literal["bar", "line", "pie"] = "bar"
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]


class DeckColumn(_Model):
    """One of two columns of text."""

    heading: str = ""
    lines: tuple[str, ...] = ()


class DeckSlide(_Model):
    """One slide of a deck. `notes`: what its speaker says; each table begins with its header; `columns`: where the lines stand in two."""

    title: str = ""
    subtitle: str = ""
    lines: tuple[str, ...] = ()
    columns: tuple[DeckColumn, ...] = ()
    tables: tuple[Cells, ...] = ()
    charts: tuple[DeckChart, ...] = ()
    notes: str = ""


class Source(_Model):
    """`text` is Markdown; a deck has `slides` instead, a topic nothing but its `title`. `language`: "" if it has to be detected."""

    kind: SourceKind
    title: Annotated[str, Field(max_length=MAX_TOPIC_CHARS)] = ""
    language: LanguageTag | Literal[""] = ""
    text: Annotated[str, Field(max_length=MAX_TEXT_CHARS)] = ""
    slides: Annotated[tuple[DeckSlide, ...], Field(max_length=MAX_DECK_SLIDES)] = ()

    @property
    def has_notes(self) -> bool:
        """Whether there is more than a topic."""
        return bool(self.text.strip() or self.slides)

    @property
    def notes(self) -> str:
        """The text, or the slides as Markdown."""
        return self.text or "\n\n".join(map(_as_markdown, self.slides))

    def detected_language(self) -> str:
        return self.language or detect_language(self.notes or self.title)


def condense(text: str, limit: int, language: str) -> str:
    """Shorten a text to about `limit` characters: headings and the most important sentences stay, in their order."""
    if len(text) <= limit:
        return text
    lines = [line for line in text.split("\n") if line.strip()]
    sentences = [each for line in lines if not line.startswith("#") for each in split_sentences(line)]
    ranking = Ranking(sentences, language)
    scores = sorted((-ranking.score(each), number) for number, each in enumerate(sentences))
    free = limit - sum(len(line) + 2 for line in lines if line.startswith("#"))
    numbers: set[int] = set()
    for _, number in scores:
        if len(sentences[number]) + 2 <= free:
            numbers.add(number)
            free -= len(sentences[number]) + 2
    result: list[str] = []
    number = 0
    for line in lines:
        if line.startswith("#"):
            result.append(line)
            continue
        of_line = split_sentences(line)
        result += [" ".join(each for at, each in enumerate(of_line, number) if at in numbers)]
        number += len(of_line)
    return "\n\n".join(filter(None, result))[:limit]


def _as_markdown(slide: DeckSlide) -> str:
    parts = [f"## {slide.title}"] if slide.title else []
    parts += [slide.subtitle] if slide.subtitle else []
    parts += ["\n".join(f"- {line}" for line in slide.lines)] if slide.lines else []
    parts += [_table_as_markdown(table) for table in slide.tables if table]
    for chart in slide.charts:
        header = ("", *(name for name, _ in chart.series))
        rows = [(label, *(f"{values[at]:g}" for _, values in chart.series)) for at, label in enumerate(chart.labels)]
        parts.append(_table_as_markdown((header, *rows)))
    parts += [slide.notes] if slide.notes else []
    return "\n\n".join(parts)


def _table_as_markdown(table: Cells) -> str:
    rows = ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in table]
    return "\n".join([rows[0], "|" + "---|" * len(table[0]), *rows[1:]])
