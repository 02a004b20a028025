"""A report on the accessibility of a recording and its documents: what is done, and what a person still has to do.

One HTML file without scripts. Its sentences are in English: it is for those who publish the recording.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from domain import LectureNotes, Segment, Slide, SpeechSource
from lib.media_time import format_clock
from lib.process import CancellationCheck
from services.captions import RULES, avoidable_problems
from services.documents.contrast import weak_lines
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


@dataclass(frozen=True)
class Check:
    """One check. `todo`: what a person has to do, "" if nothing is left; `details` are places, in order."""

    title: str
    result: str
    todo: str = ""
    details: tuple[str, ...] = ()


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    outline = build_outline(notes, images, RenderOptions())
    checks = list(find_checks(notes, outline, images, check))
    target.write_text("".join(_page(outline, checks)), encoding="utf-8", newline="\n")
    return outline.warnings


def find_checks(notes: LectureNotes, outline: Outline, images: Path, check: CancellationCheck) -> Iterator[Check]:
    """Yield the checks of captions, transcript, slides and language."""
    yield _captions(notes)
    yield _doubtful_words(notes, outline)
    if notes.slides:
        yield _alternatives(notes, outline)
        yield _contrast(notes, outline, images, check)
        yield Check("Description track", f"{sum(len(slide.visits) for slide in notes.slides)} descriptions of slides (descriptions.vtt).")
    yield _languages(notes, outline)
    yield Check(
        "Documents",
        "The PDF is tagged (PDF/UA-1) in every layout: headings, alternative texts, languages, links, reading order. "
        "Word and HTML have headings, alternative texts and languages.",
    )


def _captions(notes: LectureNotes) -> Check:
    captions = captions_of(notes)
    if not captions:
        todo = "Check that nothing is spoken; otherwise convert the recording again with its language, or add subtitles."
        return Check("Captions", "There are no captions.", todo)
    problems = avoidable_problems(captions)
    details = tuple(f"{format_clock(captions[each.number - 1].start_ms / 1000)}: {RULES[each.rule]}" for each in problems)
    source = "from the uploaded subtitles" if notes.captions else "made from the transcript"
    todo = "Correct these captions." if problems else ""
    return Check("Captions", f"{len(captions)} captions, {source}; {len(problems)} break rules of readability.", todo, details)


def _doubtful_words(notes: LectureNotes, outline: Outline) -> Check:
    words = [word for segment in _paragraphs(notes) for word in segment.words]
    if notes.speech_source != SpeechSource.RECOGNISED:
        return Check("Transcript", "The text was given, not recognised." if words else "There is no speech.")
    doubtful = [word for word in words if word.probability < _DOUBTFUL_BELOW]
    details = tuple(f"{outline.clock(word.start_s)}: {word.text.strip()}" for word in doubtful)
    todo = (
        "Listen to these places and correct the transcript." if doubtful else "Read the transcript once: names and numbers are not checked."
    )
    return Check("Transcript", f"{len(words)} recognised words, {len(doubtful)} of them doubtful.", todo, details)


def _alternatives(notes: LectureNotes, outline: Outline) -> Check:
    """Every picture has its recognised words as alternative text; a picture with few words has to be described."""
    poor = [slide for slide in notes.slides if sum(any(map(str.isalpha, word.text)) for word in slide.ocr) < _MIN_ALT_WORDS]
    result = f"{len(notes.slides)} pictures have their title and words as alternative text; {len(poor)} show hardly any words."
    todo = "Say in the transcript, or write in the title, what these slides show." if poor else ""
    return Check("Alternative texts", result, todo, tuple(_place(slide, outline) for slide in poor))


def _contrast(notes: LectureNotes, outline: Outline, images: Path, check: CancellationCheck) -> Check:
    details = []
    for slide in notes.slides:
        check()
        path = images / slide.image
        if slide.image and Path(slide.image).name == slide.image and path.is_file():
            details += [f"{_place(slide, outline)}: “{text}” ({ratio:g} : 1)" for text, ratio in weak_lines(slide, path)]
    todo = "Use darker or larger text in the deck; readers of the documents have the text of the slides." if details else ""
    return Check("Contrast of the slides", f"{len(details)} lines have less contrast than WCAG 2.2 AA asks for.", todo, tuple(details))


def _languages(notes: LectureNotes, outline: Outline) -> Check:
    languages = {
        detect_language(paragraph.text, notes.language)
        for page in outline.pages
        for passage in page.passages
        for paragraph in passage.paragraphs
    }
    languages -= {detect_language("", notes.language)}
    other_scripts = f" Paragraphs in other scripts are marked: {', '.join(sorted(languages))}." if languages else ""
    if not notes.language:
        return Check("Language", "The language is not known.", "Convert the recording again with its language.")
    return Check("Language", f"The language of all documents and captions is marked as {notes.language}.{other_scripts}")


def _paragraphs(notes: LectureNotes) -> Iterator[Segment]:
    yield from notes.unplaced
    for slide in notes.slides:
        for visit in slide.visits:
            yield from visit.paragraphs


def _place(slide: Slide, outline: Outline) -> str:
    start = f" at {outline.clock(slide.visits[0].time.start_s)}" if slide.visits else ""
    return f"slide {slide.number}{start}"


def _page(outline: Outline, checks: Sequence[Check]) -> Iterator[str]:
    left = [each for each in checks if each.todo]
    title = f"Accessibility: {outline.title}"
    yield f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n"
    yield (
        f'<p class="state">{len(left)} of {len(checks)} checks need a person.</p>\n'
        if left
        else '<p class="state">Nothing is left to do.</p>\n'
    )
    if left:
        yield "<h2>To do</h2>\n<ol>\n"
        for each in left:
            yield f"<li><strong>{escape(each.title)}.</strong> {escape(each.todo)}{_details(each)}</li>\n"
        yield "</ol>\n"
    yield "<h2>All checks</h2>\n<ul>\n"
    for each in checks:
        state = "To do" if each.todo else "Done"
        yield f"<li><strong>{escape(each.title)}</strong> <small>({state})</small><br>{escape(each.result)}</li>\n"
    yield "</ul>\n</main>\n</body>\n</html>\n"


def _details(check: Check) -> str:
    if not check.details:
        return ""
    items = "".join(f"<li>{escape(each)}</li>" for each in check.details[:_MAX_LISTED])
    hidden_count = len(check.details) - _MAX_LISTED
    return f"<ul>{items}{f'<li>and {hidden_count} more</li>' if hidden_count > 0 else ''}</ul>"


FORMAT = DocumentFormat(
    "accessibility",
    "accessibility.html",
    "text/html; charset=utf-8",
    render,
    "Accessibility report",
    "Captions, alternative texts, contrast and languages: what a person still has to do.",
)
