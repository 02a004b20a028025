"""Subtitles in SubRip and WebVTT (https://www.w3.org/TR/webvtt1/). Without words the files are empty, and are not published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from domain import Caption, LectureNotes, Word
from lib.process import CancellationCheck
from services.captions import RULES, adjust_captions, avoidable_problems, build_captions
from services.documents.port import DocumentFormat, RenderOptions


def render_srt(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    captions = captions_of(notes)
    with target.open("w", encoding="utf-8", newline="\n") as file:
        for number, caption in enumerate(captions, 1):
            file.write(f"{number}\n{format_timing(caption.start_ms, caption.end_ms, ',')}\n" + "\n".join(caption.lines) + "\n\n")
    return _warnings(captions)


def render_vtt(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    captions = captions_of(notes)
    write_vtt(captions, target)
    return _warnings(captions)


def write_vtt(captions: Sequence[Caption], target: Path) -> None:
    """Write captions as WebVTT; an empty file if there are none."""
    with target.open("w", encoding="utf-8", newline="\n") as file:
        for number, caption in enumerate(captions, 1):
            file.write("WEBVTT\n\n" if number == 1 else "")
            file.write(
                f"{number}\n{format_timing(caption.start_ms, caption.end_ms, '.')}\n" + "\n".join(map(escape_cue, caption.lines)) + "\n\n"
            )


def captions_of(notes: LectureNotes) -> tuple[Caption, ...]:
    """Return the captions of the uploaded subtitles, adjusted to the rules, or captions built from all words of the notes."""
    if notes.captions:
        return adjust_captions(notes.captions, notes.language)
    return build_captions(_spoken_words(notes), notes.language)


def _spoken_words(notes: LectureNotes) -> list[Word]:
    segments = [*notes.unplaced, *(p for slide in notes.slides for visit in slide.visits for p in visit.paragraphs)]
    return [word for segment in sorted(segments, key=lambda segment: segment.start_s) for word in segment.words]


def _warnings(captions: Sequence[Caption]) -> tuple[str, ...]:
    """Return one sentence with counts if captions break rules that the speech would have allowed to keep."""
    problems = avoidable_problems(captions)
    if not problems:
        return ()
    counts = Counter(problem.rule for problem in problems)
    details = ", ".join(f"{RULES[rule]}: {counts[rule]}" for rule in RULES if counts[rule])
    problem_count = len({problem.number for problem in problems})
    return (f"{problem_count} of {len(captions)} captions break rules of readability ({details}).",)


def format_timing(start_ms: int, end_ms: int, point: str) -> str:
    """Return the line with the times of a cue; `point` stands before the milliseconds."""
    return f"{_format_timestamp(start_ms, point)} --> {_format_timestamp(end_ms, point)}"


def _format_timestamp(time_ms: int, point: str) -> str:
    seconds, milliseconds = divmod(time_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{milliseconds:03}"


def escape_cue(text: str) -> str:
    """Escape a line of WebVTT."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


SRT = DocumentFormat(
    "srt",
    "srt",
    "application/x-subrip; charset=utf-8",
    render_srt,
    "Subtitles (SubRip)",
    "Captions of at most two lines of 42 columns, 1 to 7 seconds long.",
    version=3,
    is_transcript=True,
    has_pictures=False,
)
VTT = DocumentFormat(
    "vtt",
    "vtt",
    "text/vtt; charset=utf-8",
    render_vtt,
    "Subtitles (WebVTT)",
    "The same captions for web players.",
    version=4,
    is_transcript=True,
    has_pictures=False,
)
