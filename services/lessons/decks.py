"""Scripts from decks of slides: a scene for each slide, with the speaker's notes as narration."""

from __future__ import annotations

from collections.abc import Iterator

import errors
from lib.text import clean_text
from services.lessons import blocks
from services.lessons.drafting import Variant, draft, draft_outline
from services.lessons.outline import outline_of
from services.lessons.outline_types import DataTable
from services.lessons.points import point_of
from services.lessons.script import (
    MAX_NARRATION_CHARS,
    MAX_SCENES,
    Bullets,
    Chart,
    Column,
    Content,
    LessonScript,
    Scene,
    Series,
    Title,
    TwoColumns,
)
from services.lessons.sentences import split_sentences
from services.lessons.source import DeckChart, DeckSlide, Source

_MAX_LABELS = 30
_MAX_SERIES = 6
_MAX_COLUMN_LINES = 8
_MAX_SENTENCES = 4


def draft_source(source: Source, variant: int) -> LessonScript:
    """Draft a script of notes or of a deck; the first variant of a deck follows its slides. Raises NothingToDraft."""
    if not source.slides:
        return draft(source.text, source.title, language=source.language, variant=variant)
    if variant != Variant.OVERVIEW:
        outline = outline_of(source.notes)
        for section in outline.sections:
            section.is_slide = True
        return draft_outline(outline, source.title, language=source.language, variant=variant)
    scenes = [scene for slide in source.slides for scene in _scenes(slide)][:MAX_SCENES]
    if not scenes:
        raise errors.NothingToDraft("No slide has any text.")
    title = source.title or next((slide.title for slide in source.slides if slide.title), "") or scenes[0].narration[:80]
    return LessonScript(
        title=title[:500],
        language=source.detected_language(),
        scenes=tuple(scene.model_copy(update={"id": f"s{number}"}) for number, scene in enumerate(scenes, 1)),
    )


def _scenes(slide: DeckSlide) -> Iterator[Scene]:
    """Yield the scenes of a slide; the notes are the narration of the first one; the others read aloud what they show."""
    notes = clean_text(slide.notes)[:MAX_NARRATION_CHARS]
    for content, draft_narration in _contents(slide, notes):
        yield Scene(id="s", narration=(notes or draft_narration)[:MAX_NARRATION_CHARS], content=content, chapter=slide.title[:500])
        notes = ""


def _contents(slide: DeckSlide, notes: str) -> Iterator[tuple[Content, str]]:
    heading = slide.title[:500]
    lines = [*([slide.subtitle] if slide.subtitle and slide.lines else []), *slide.lines]
    columns = _columns(slide)
    if columns is not None:
        yield columns, blocks.to_sentences(lines)
    elif lines:
        yield from blocks.bullets(heading, lines)
    for table in slide.tables:
        if len(table) > 1:
            yield from blocks.tables(heading, DataTable(tuple(table[0]), tuple(table[1:])))
    for chart in slide.charts:
        content = _chart(heading, chart)
        if content is not None:
            yield content, blocks.to_sentences(chart.labels)
    if not (lines or slide.tables or slide.charts):
        if heading:
            yield Title(heading=heading, subtitle=slide.subtitle[:500]), " ".join(filter(None, [heading, slide.subtitle]))
        elif sentences := split_sentences(notes):  # a picture without words
            yield Bullets(items=tuple(map(point_of, sentences[:_MAX_SENTENCES]))), notes


def _columns(slide: DeckSlide) -> TwoColumns | None:
    """Return the two columns of a slide, unless one of them is too long."""
    if len(slide.columns) != 2 or slide.subtitle or any(not 0 < len(each.lines) <= _MAX_COLUMN_LINES for each in slide.columns):
        return None
    left, right = (Column(heading=each.heading[:500], items=tuple(map(point_of, each.lines))) for each in slide.columns)
    return TwoColumns(heading=slide.title[:500], left=left, right=right)


def _chart(heading: str, chart: DeckChart) -> Chart | None:
    labels = chart.labels[:_MAX_LABELS]
    series = [Series(name=name[:500], values=values[: len(labels)]) for name, values in chart.series if len(values) >= len(labels)]
    if not labels or not series:
        return None
    is_pie = chart.form == "pie" and min(series[0].values) >= 0 and sum(series[0].values) > 0
    chart_series = series[:1] if chart.form == "pie" else series[:_MAX_SERIES]
    form = "pie" if is_pie else "bar" if chart.form == "pie" else chart.form
    return Chart(heading=heading, form=form, labels=labels, series=tuple(chart_series))
