"""Subtitles in SubRip and WebVTT (https://www.w3.org/TR/webvtt1/). Without words the files are empty, and are not published."""

from __future__ import annotations

from pathlib import Path

from domain import LectureNotes
from lib.process import CancellationCheck
from services.documents.cues import Cue, build_cues
from services.documents.port import DocumentFormat, RenderOptions


def render_srt(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    with target.open("w", encoding="utf-8", newline="\n") as file:
        for number, cue in enumerate(build_cues(notes), 1):
            file.write(f"{number}\n{_format_timing(cue, ',')}\n" + "\n".join(cue.lines) + "\n\n")
    return ()


def render_vtt(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    with target.open("w", encoding="utf-8", newline="\n") as file:
        for number, cue in enumerate(build_cues(notes), 1):
            file.write("WEBVTT\n\n" if number == 1 else "")
            file.write(f"{number}\n{_format_timing(cue, '.')}\n" + "\n".join(map(_escape, cue.lines)) + "\n\n")
    return ()


def _format_timing(cue: Cue, point: str) -> str:
    return f"{_format_timestamp(cue.start_ms, point)} --> {_format_timestamp(cue.end_ms, point)}"


def _format_timestamp(time_ms: int, point: str) -> str:
    seconds, milliseconds = divmod(time_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{milliseconds:03}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


SRT = DocumentFormat(
    "srt",
    "srt",
    "application/x-subrip; charset=utf-8",
    render_srt,
    "Subtitles (SubRip)",
    "Cues of at most two lines of 42 columns, 1 to 7 seconds long.",
)
VTT = DocumentFormat("vtt", "vtt", "text/vtt; charset=utf-8", render_vtt, "Subtitles (WebVTT)", "The same cues for web players.")
