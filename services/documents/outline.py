"""The notes as an outline that all formats share: a front page, then pages with a slide and its speech."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from domain import LectureNotes, Mark, Segment, Slide, SpeechSource, TimeRange, Visit
from lib.media_time import format_clock
from lib.text import clean_text
from services.citations import Citation, moment_code
from services.documents.labels import Labels, labels_for, language_name
from services.documents.port import RenderOptions
from services.documents.runs import TextRun, runs_of, text_of
from services.documents.slide_text import TextBlock, slide_texts
from services.documents.text import is_right_to_left, language_code
from services.documents.times import is_web_address, time_link
from services.terms import find_sections

MIN_PAGES_FOR_CONTENTS = 6
_MIN_TOPICS_FOR_CONTENTS = 4
_MIN_PICTURES_FOR_COVER = 3


@dataclass(frozen=True)
class Paragraph:
    """`runs` include what was deleted from the recognised text, if the notes show it; `text` does not.

    `heading` stands before the paragraph; `heading_level` counts from 1 below the heading of the page, without gaps. `moment` is the code
    of its beginning; see services/citations.
    """

    start_s: float
    text: str
    runs: tuple[TextRun, ...]
    heading: str = ""
    heading_level: int = 1
    moment: str = ""


@dataclass(frozen=True)
class Passage:
    """The paragraphs spoken during one visit of a slide, or without a slide."""

    time: TimeRange
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Page:
    """One slide with its speech. `slide` is None for speech without a slide; `is_revisit` if an earlier page shows the slide.

    `slide_text` is the recognised text of the slide without its title; a page of a revisit has none.
    """

    title: str
    slide: Slide | None
    image: Path | None
    passages: tuple[Passage, ...]
    is_revisit: bool = False
    slide_text: tuple[TextBlock, ...] = ()

    @property
    def speaker_notes(self) -> tuple[str, ...]:
        """The lines of the notes for the speaker, from the deck of the lecture."""
        text = self.slide.speaker_notes if self.slide and not self.is_revisit else ""
        return tuple(filter(None, map(clean_text, text.splitlines())))

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
    author: str = ""
    course: str = ""
    lecture_number: int = 0
    moment_url: str = ""

    def clock(self, time_s: float) -> str:
        """Return a time of the notes as readers see it: that of the whole recording, to which its link leads."""
        return format_clock(self.source_offset_s + time_s)

    def clock_range(self, time: TimeRange) -> str:
        return f"{self.clock(time.start_s)}\u2013{self.clock(time.end_s)}"

    def link_to(self, time_s: float, moment: str = "") -> str:
        """Return a link to this time of the notes in the source, or "" if the source is not a web address.

        For a recording on this server it is the permanent one; `moment` is the code of the time, if it is known.
        """
        server = self.moment_url.rpartition("/m/")[0]
        if server and self.source_url.startswith(f"{server}/watch/"):
            return self.moment_link(time_s, moment)
        return time_link(self.source_url, self.source_offset_s + time_s)

    def moment_link(self, time_s: float, moment: str = "") -> str:
        """Return the permanent link to this time of the notes, or "" if the recording has none."""
        return f"{self.moment_url}/{moment or moment_code(self.source_offset_s + time_s)}" if self.moment_url else ""

    def citation(self, page: Page, time_s: float, *, moment: str = "", quote: str = "") -> Citation:
        """Return the citation of a time on a page; without a permanent link it has that into the source."""
        return Citation(
            title=self.title,
            clock=self.clock(time_s),
            url=self.moment_link(time_s, moment) or self.link_to(time_s),
            author=self.author,
            course=self.course,
            lecture_number=self.lecture_number,
            date=self.created_on,
            slide=page.slide.number if page.slide else 0,
            quote=quote,
            language=language_code(self.language),
        )

    @property
    def is_right_to_left(self) -> bool:
        """Whether the document's labels are written from right to left; titles and paragraphs may differ."""
        return is_right_to_left(self.labels.notes)

    def needs_cover(self, options: RenderOptions) -> bool:
        """Whether a cover page precedes the slides: only in the layout with a slide on each page, and not for a few slides."""
        return options.layout == "page" and sum(page.image is not None for page in self.pages) >= _MIN_PICTURES_FOR_COVER

    @property
    def topics(self) -> tuple[tuple[int, Paragraph], ...]:
        """The paragraphs that begin a topic of audio without pictures, with their indices; none if too few for a list of contents."""
        if len(self.pages) != 1 or self.pages[0].slide:
            return ()
        paragraphs = itertools.chain.from_iterable(passage.paragraphs for passage in self.pages[0].passages)
        topics = tuple((index, each) for index, each in enumerate(paragraphs) if each.heading and each.heading_level == 1)
        return topics if len(topics) >= _MIN_TOPICS_FOR_CONTENTS else ()

    @property
    def has_contents(self) -> bool:
        """Whether the pages are listed before them."""
        return len(self.pages) >= MIN_PAGES_FOR_CONTENTS


def build_outline(notes: LectureNotes, images: Path, options: RenderOptions) -> Outline:
    labels = labels_for(notes.language)
    pages = tuple(_pages(notes, images, options))
    first_visits = [page for page in pages if page.slide and not page.is_revisit]
    missing = [page.slide.image for page in first_visits if page.slide and page.slide.image and not page.image]
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
        author=clean_text(notes.author),
        course=clean_text(notes.course),
        lecture_number=notes.lecture_number,
        moment_url=notes.moment_url if is_web_address(notes.moment_url) else "",
    )


def page_heading(page: Page, labels: Labels) -> str:
    """Return the page's title in the table of contents and bookmarks."""
    if page.slide is None:
        return page.title or labels.transcript
    name = page.title or f"{labels.slide} {page.slide.number}"
    return f"{name} ({labels.shown_again.lower()})" if page.is_revisit else name


def _pages(notes: LectureNotes, images: Path, options: RenderOptions) -> Iterator[Page]:
    if notes.unplaced and not notes.slides:
        passage = _build_passage(notes, TimeRange(0.0, notes.duration_s), notes.unplaced, _topics(notes))
        yield Page("", None, None, (passage,))
        return
    texts = {slide.number: text for slide, text in zip(notes.slides, slide_texts(notes.slides), strict=True)}
    for slide, visits in _slides_in_order(notes, options):
        passages = tuple(_build_passage(notes, visit.time, visit.paragraphs) for visit in visits)
        text = texts.pop(slide.number, None)
        yield Page(clean_text(slide.title), slide, _picture_path(slide, images), passages, is_revisit=text is None, slide_text=text or ())
    if notes.unplaced:
        time = TimeRange(notes.unplaced[0].start_s, notes.unplaced[-1].end_s)
        yield Page("", None, None, (_build_passage(notes, time, notes.unplaced),))


def _slides_in_order(notes: LectureNotes, options: RenderOptions) -> Iterator[tuple[Slide, Sequence[Visit]]]:
    """Yield each slide with all of its visits, or a slide for each visit in time order."""
    if options.revisits == "once":
        yield from ((slide, slide.visits) for slide in notes.slides)
        return
    visits = [(visit.time.start_s, slide.number, order, slide) for slide in notes.slides for order, visit in enumerate(slide.visits)]
    for _, _, order, slide in sorted(visits, key=lambda visit: visit[:3]):
        yield slide, slide.visits[order : order + 1]


def _topics(notes: LectureNotes) -> dict[int, str]:
    """Return headings for a recording without pictures, unless it has some already, such as chapters."""
    has_headings = any(word.mark and word.mark.heading for paragraph in notes.unplaced for word in paragraph.words)
    return {} if has_headings else find_sections(notes.unplaced, notes.language)


def _build_passage(
    notes: LectureNotes, time: TimeRange, paragraphs: Sequence[Segment], topics: Mapping[int, str] = MappingProxyType({})
) -> Passage:
    """Build a passage. `topics`: headings by the index of their paragraph, for paragraphs without a heading."""
    new_paragraphs = []
    level = 0
    for index, paragraph in enumerate(paragraphs):
        runs = runs_of(paragraph.words)
        mark = (paragraph.words[0].mark if paragraph.words else None) or Mark()
        heading = clean_text(mark.heading) or topics.get(index, "")
        level = min(mark.heading_level, level + 1) if heading else level
        if runs:
            moment = moment_code(notes.source_offset_s + paragraph.start_s, [word.text for word in paragraph.words[:12]])
            new_paragraphs.append(Paragraph(paragraph.start_s, text_of(runs), runs, heading, max(level, 1), moment))
    return Passage(time, tuple(new_paragraphs))


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
    if author := clean_text(notes.author):
        yield Fact(labels.author, author)
    if course := clean_text(notes.course):
        yield Fact(labels.course, f"{course} ({notes.lecture_number})" if notes.lecture_number else course)
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
