"""The notes as an outline that all formats share: a front page, then pages with a slide and its speech."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain import LectureNotes, Mark, Segment, Slide, SpeechSource, TimeRange
from lib.text import clean_text
from services.documents.labels import Labels, labels_for, language_name
from services.documents.port import RenderOptions
from services.documents.runs import TextRun, runs_of, text_of
from services.documents.text import is_right_to_left
from services.documents.times import format_clock, is_web_address, time_link

MIN_PAGES_FOR_CONTENTS = 6


@dataclass(frozen=True)
class Paragraph:
    """`runs` include what was deleted from the recognised text, if the notes show it; `text` does not.

    `heading` stands before the paragraph; `heading_level` counts from 1 below the heading of the page, without gaps.
    """

    start_s: float
    text: str
    runs: tuple[TextRun, ...]
    heading: str = ""
    heading_level: int = 1


@dataclass(frozen=True)
class Passage:
    """The paragraphs spoken during one visit of a slide, or without a slide."""

    time: TimeRange
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Page:
    """One slide with its speech. `slide` is None for speech without a slide; `is_revisit` if an earlier page shows the slide."""

    title: str
    slide: Slide | None
    image: Path | None
    passages: tuple[Passage, ...]
    is_revisit: bool = False

    @property
    def start_s(self) -> float:
        return self.passages[0].time.start_s if self.passages else 0.0


@dataclass(frozen=True)
class Fact:
    """A label and value on the front page; `url` is "" if the value is not a link."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True)
class Outline:
    title: str
    language: str
    source_url: str
    created_on: str
    labels: Labels
    facts: tuple[Fact, ...]
    pages: tuple[Page, ...]
    cover: Page | None
    warnings: tuple[str, ...]
    source_offset_s: float = 0.0

    def link_to(self, time_s: float) -> str:
        """Return a link to this time of the notes in the source, or "" if the source is not a web address."""
        return time_link(self.source_url, self.source_offset_s + time_s)

    @property
    def is_right_to_left(self) -> bool:
        """Whether the document's labels are written from right to left; titles and paragraphs may differ."""
        return is_right_to_left(self.labels.notes)

    @property
    def has_contents(self) -> bool:
        return len(self.pages) >= MIN_PAGES_FOR_CONTENTS


def build_outline(notes: LectureNotes, images: Path, options: RenderOptions) -> Outline:
    labels = labels_for(notes.language)
    pages = tuple(_pages(notes, images, options))
    shown = [page for page in pages if page.slide and not page.is_revisit]
    missing = [page.slide.image for page in shown if page.slide and page.slide.image and not page.image]
    return Outline(
        title=clean_text(notes.title) or clean_text(notes.source_name) or labels.notes,
        language=notes.language,
        source_url=notes.source_url if is_web_address(notes.source_url) else "",
        created_on=clean_text(notes.created_on),
        labels=labels,
        facts=tuple(_facts(notes, labels)),
        pages=pages,
        cover=_choose_cover(pages),
        warnings=(f"Pictures are missing: {', '.join(missing)}.",) if missing else (),
        source_offset_s=notes.source_offset_s,
    )


def page_heading(page: Page, labels: Labels) -> str:
    """Return the page's title in the table of contents and bookmarks."""
    if page.slide is None:
        return page.title or labels.transcript
    name = page.title or f"{labels.slide} {page.slide.number}"
    return f"{name} ({labels.shown_again.lower()})" if page.is_revisit else name


def _pages(notes: LectureNotes, images: Path, options: RenderOptions) -> Iterator[Page]:
    if notes.unplaced and not notes.slides:
        yield Page("", None, None, (_build_passage(TimeRange(0.0, notes.duration_s), notes.unplaced),))
        return
    if options.revisits == "each":
        visits = [(visit.time.start_s, slide.number, order, slide) for slide in notes.slides for order, visit in enumerate(slide.visits)]
        for _, _, order, slide in sorted(visits, key=lambda visit: visit[:3]):
            passage = _build_passage(slide.visits[order].time, slide.visits[order].paragraphs)
            yield Page(clean_text(slide.title), slide, _picture_path(slide, images), (passage,), is_revisit=order > 0)
    else:
        for slide in notes.slides:
            passages = tuple(_build_passage(visit.time, visit.paragraphs) for visit in slide.visits)
            yield Page(clean_text(slide.title), slide, _picture_path(slide, images), passages)
    if notes.unplaced:
        yield Page("", None, None, (_build_passage(TimeRange(notes.unplaced[0].start_s, notes.unplaced[-1].end_s), notes.unplaced),))


def _build_passage(time: TimeRange, paragraphs: Sequence[Segment]) -> Passage:
    built = []
    level = 0
    for paragraph in paragraphs:
        runs = runs_of(paragraph.words)
        mark = (paragraph.words[0].mark if paragraph.words else None) or Mark()
        heading = clean_text(mark.heading)
        level = min(mark.heading_level, level + 1) if heading else level
        if runs:
            built.append(Paragraph(paragraph.start_s, text_of(runs), runs, heading, max(level, 1)))
    return Passage(time, tuple(built))


def _picture_path(slide: Slide, images: Path) -> Path | None:
    """Return the slide's image, or None if it is missing or not a plain file name."""
    if not slide.image or Path(slide.image).name != slide.image:
        return None
    path = images / slide.image
    return path if path.is_file() else None


def _choose_cover(pages: Sequence[Page]) -> Page | None:
    """Return the first page whose picture has text, else the one with the largest file (not a blank slide)."""
    with_image = [page for page in pages if page.image]
    with_text = [page for page in with_image if page.slide and any(word.text.strip() for word in page.slide.ocr)]
    if with_text:
        return with_text[0]
    return max(with_image, key=lambda page: page.image.stat().st_size if page.image else 0) if with_image else None


def _facts(notes: LectureNotes, labels: Labels) -> Iterator[Fact]:
    yield Fact(labels.duration, format_clock(notes.duration_s))
    if notes.created_on:
        yield Fact(labels.date, clean_text(notes.created_on))
    if notes.language and notes.speech_source is not SpeechSource.NONE:
        yield Fact(labels.language, language_name(notes.language))
    if notes.slides:
        yield Fact(labels.slides, str(len(notes.slides)))
    if is_web_address(notes.source_url):
        yield Fact(labels.source, clean_text(notes.source_name) or notes.source_url, notes.source_url)
    elif notes.source_name:
        yield Fact(labels.source, clean_text(notes.source_name))
