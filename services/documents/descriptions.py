"""The description track (WebVTT): what each slide shows, at the time at which it appears, for players and screen readers."""

from __future__ import annotations

from pathlib import Path

from domain import LectureNotes
from lib.process import CancellationCheck
from services.documents.outline import build_outline, page_heading
from services.documents.port import DocumentFormat, RenderOptions
from services.documents.subtitles import escape_cue, format_timing

_MIN_DURATION_S = 0.5


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    """Write a cue for each visit of a slide; without slides the file is empty, and is not published."""
    outline = build_outline(notes, images, RenderOptions(revisits="each"))
    texts = {page.slide.number: page.slide_text for page in outline.pages if page.slide and not page.is_revisit}
    pages = [page for page in outline.pages if page.slide and page.passages]
    with target.open("w", encoding="utf-8", newline="\n") as file:
        for number, page in enumerate(pages, 1):
            assert page.slide
            time = page.passages[0].time
            end_s = max(time.end_s, time.start_s + _MIN_DURATION_S)
            lines = [f"{outline.labels.slide} {page.slide.number}: {page_heading(page, outline.labels)}"]
            if not page.is_revisit:
                lines += [line.strip() for block in texts[page.slide.number] for line in block.lines]
            file.write("WEBVTT\n\n" if number == 1 else "")
            timing = format_timing(round(1000 * time.start_s), round(1000 * end_s), ".")
            file.write(f"{number}\n{timing}\n" + "\n".join(map(escape_cue, filter(None, lines))) + "\n\n")
    return ()


FORMAT = DocumentFormat(
    "descriptions",
    "descriptions.vtt",
    "text/vtt; charset=utf-8",
    render,
    "Descriptions (WebVTT)",
    "What the slides show, as a description track for players and screen readers.",
)
