"""A report on the accessibility of a recording and its documents: the results of checks, and what a person still has to do.

One HTML file without scripts. Its sentences are in English: it is for those who publish the recording.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from domain import LectureNotes, Segment, Slide, SpeechSource, Word
from lib.process import CancellationCheck
from services.captions import RULES, avoidable_problems
from services.documents.contrast import weak_lines
from services.documents.labels import language_name
from services.documents.outline import Outline, build_outline
from services.documents.port import DocumentFormat, RenderOptions
from services.documents.subtitles import captions_of
from services.documents.text import detect_language

_STYLE = (
    ":root{color-scheme:light dark}body{max-width:46rem;margin:0 auto;padding:2rem 1rem;font:1rem/1.6 system-ui,sans-serif}"
    "h1{line-height:1.2}li{margin-block:.4rem}.state{font-weight:600}small{opacity:.75}a{color:inherit}"
)
_MIN_ALT_WORDS = 3
_DOUBTFUL_BELOW = 0.5
_MAX_LISTED = 12
_CONTEXT_WORDS = 4


@dataclass(frozen=True)
class Detail:
    """A moment of the recording and its text, of which `highlight` is the part that matters. `url` is "" without a link."""

    moment: str
    url: str = ""
    before: str = ""
    highlight: str = ""
    after: str = ""


@dataclass(frozen=True)
class Check:
    """One check. `todo`: what a person has to do, "" if nothing is left; `details` are in the order of time."""

    title: str
    result: str
    todo: str = ""
    details: tuple[Detail, ...] = ()


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    outline = build_outline(notes, images, RenderOptions())
    checks = list(find_checks(notes, outline, images, check))
    target.write_text("".join(_page(outline, checks)), encoding="utf-8", newline="\n")
    return outline.warnings


def find_checks(notes: LectureNotes, outline: Outline, images: Path, check: CancellationCheck) -> Iterator[Check]:
    """Yield the checks of captions, transcript, slides and language."""
    yield _captions(notes, outline)
    yield _doubtful_words(notes, outline)
    if notes.slides:
        yield _alternatives(notes, outline)
        yield _contrast(notes, outline, images, check)
        count = sum(len(slide.visits) for slide in notes.slides)
        yield Check(
            "Description track",
            f"{_count(count, 'description')} for players that read aloud what a slide shows when it appears (descriptions.vtt).",
        )
    yield _languages(notes, outline)
    yield Check(
        "Documents",
        "Screen readers find the headings, alternative texts, languages, links and reading order of the PDF in every layout (PDF/UA-1), "
        "and the headings, alternative texts and languages of Word and HTML.",
    )


def _captions(notes: LectureNotes, outline: Outline) -> Check:
    captions = captions_of(notes)
    if not captions:
        todo = "Check that nothing is spoken; otherwise convert the recording again with its language, or add subtitles."
        return Check("Captions", "There are no captions.", todo)
    problems = avoidable_problems(captions)
    details = tuple(
        Detail(outline.clock(start_s), outline.link_to(start_s), before=RULES[each.rule])
        for each in problems
        for start_s in (captions[each.number - 1].start_ms / 1000,)
    )
    source = "from the uploaded subtitles" if notes.captions else "made from the transcript"
    readability = (
        f"{len(problems)} of them can be made easier to read."
        if problems
        else "All are short, and slow enough to read where the speech leaves the time."
    )
    return Check(
        "Captions", f"{_count(len(captions), 'caption')}, {source}. {readability}", "Correct these captions." if problems else "", details
    )


def _doubtful_words(notes: LectureNotes, outline: Outline) -> Check:
    words = [word for segment in _paragraphs(notes) for word in segment.words]
    if notes.speech_source != SpeechSource.RECOGNISED:
        return Check("Transcript", "The text was supplied, not recognised." if words else "There is no speech.")
    doubtful_count = sum(_is_doubtful(word) for word in words)
    details = tuple(detail for segment in _paragraphs(notes) for detail in _doubtful_moments(segment.words, outline))
    todo = (
        "Listen to these places and correct the transcript." if details else "Read the transcript once: names and numbers are not checked."
    )
    return Check(
        "Transcript", f"{_count(len(words), 'word')} recognised by the computer, which is unsure of {doubtful_count}.", todo, details
    )


def _is_doubtful(word: Word) -> bool:
    return word.probability < _DOUBTFUL_BELOW


def _doubtful_moments(words: Sequence[Word], outline: Outline) -> Iterator[Detail]:
    """Yield the doubtful words, neighbours together, with the words that are spoken before and after them."""
    end = 0
    for is_doubtful, group in itertools.groupby(words, key=_is_doubtful):
        start, end = end, end + len(list(group))
        if is_doubtful:
            before, doubtful, after = words[max(0, start - _CONTEXT_WORDS) : start], words[start:end], words[end : end + _CONTEXT_WORDS]
            start_s = words[start].start_s
            yield Detail(outline.clock(start_s), outline.link_to(start_s), *map(_text, (before, doubtful, after)))


def _text(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words)


def _alternatives(notes: LectureNotes, outline: Outline) -> Check:
    """Every picture has its recognised words as alternative text; a picture with few words has to be described."""
    poor = [slide for slide in notes.slides if sum(any(map(str.isalpha, word.text)) for word in slide.ocr) < _MIN_ALT_WORDS]
    result = f"{_count(len(notes.slides), 'picture')} with a title and words that screen readers say instead."
    if poor:
        result += f" {len(poor)} of them show hardly any words."
    todo = "Say in the transcript, or write in the title, what these slides show." if poor else ""
    return Check("Alternative texts", result, todo, tuple(_place(slide, outline) for slide in poor))


def _contrast(notes: LectureNotes, outline: Outline, images: Path, check: CancellationCheck) -> Check:
    details = []
    for slide in notes.slides:
        check()
        path = images / slide.image
        if slide.image and Path(slide.image).name == slide.image and path.is_file():
            details += [replace(_place(slide, outline), before=f"“{text}” ({ratio:g} : 1)") for text, ratio in weak_lines(slide, path)]
    todo = "Use darker or larger text in the deck; readers of the documents have the text of the slides." if details else ""
    standard = "as measured in the pictures; the standard WCAG 2.2 (level AA) asks for 4.5 : 1, and 3 : 1 for large letters."
    result = f"{_count(len(details), 'line')} of text with too little contrast to their background for readers with low vision, {standard}"
    if not details:
        result = f"All lines of text stand out from their background enough for readers with low vision, {standard}"
    return Check("Contrast of the slides", result, todo, tuple(details))


def _languages(notes: LectureNotes, outline: Outline) -> Check:
    languages = {
        detect_language(paragraph.text, notes.language)
        for page in outline.pages
        for passage in page.passages
        for paragraph in passage.paragraphs
    }
    languages -= {detect_language("", notes.language)}
    names = ", ".join(sorted(map(language_name, languages)))
    other_scripts = f" Paragraphs in other scripts are marked: {names}." if languages else ""
    if not notes.language:
        return Check("Language", "The language is not known.", "Convert the recording again with its language.")
    name = language_name(notes.language)
    return Check(
        "Language",
        f"Documents and captions are marked as {name}, so that screen readers pronounce them right.{other_scripts}",
    )


def _paragraphs(notes: LectureNotes) -> Iterator[Segment]:
    yield from notes.unplaced
    for slide in notes.slides:
        for visit in slide.visits:
            yield from visit.paragraphs


def _place(slide: Slide, outline: Outline) -> Detail:
    if not slide.visits:
        return Detail(f"slide {slide.number}")
    start_s = slide.visits[0].time.start_s
    return Detail(f"slide {slide.number} at {outline.clock(start_s)}", outline.link_to(start_s))


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _page(outline: Outline, checks: Sequence[Check]) -> Iterator[str]:
    open_checks = [each for each in checks if each.todo]
    title = f"Accessibility: {outline.title}"
    yield f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n"
    yield (
        f'<p class="state">{len(open_checks)} of {len(checks)} checks {"needs" if len(open_checks) == 1 else "need"} a person.</p>\n'
        if open_checks
        else '<p class="state">Nothing is left to do.</p>\n'
    )
    if open_checks:
        yield "<h2>To do</h2>\n<ol>\n"
        for each in open_checks:
            yield f"<li><strong>{escape(each.title)}.</strong> {escape(each.todo)}{_details(each)}</li>\n"
        yield "</ol>\n"
    yield "<h2>All checks</h2>\n<ul>\n"
    for each in checks:
        state = "To do" if each.todo else "Done"
        yield f"<li><strong>{escape(each.title)}</strong> <small>({state})</small><br>{escape(each.result)}</li>\n"
    yield "</ul>\n</main>\n</body>\n</html>\n"


def _details(check: Check) -> str:
    items = [f"<li>{_detail(each)}</li>" for each in check.details]
    if not items:
        return ""
    rest = items[_MAX_LISTED:]
    more = f"<details><summary>and {len(rest)} more</summary><ul>{''.join(rest)}</ul></details>" if rest else ""
    return f"<ul>{''.join(items[:_MAX_LISTED])}</ul>{more}"


def _detail(detail: Detail) -> str:
    moment = f'<a href="{escape(detail.url)}">{escape(detail.moment)}</a>' if detail.url else escape(detail.moment)
    highlight = detail.highlight.strip()
    text = escape(detail.before.lstrip()) + (f" <mark>{escape(highlight)}</mark>" if highlight else "") + escape(detail.after.rstrip())
    return f"{moment}: {text.strip()}" if text else moment


FORMAT = DocumentFormat(
    "accessibility",
    "accessibility.html",
    "text/html; charset=utf-8",
    render,
    "Accessibility report",
    "Captions, alternative texts, contrast and languages: what a person still has to do.",
)
