"""Subtitles that came with a recording, SRT or WebVTT in any encoding, as a transcript or as captions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import errors
from domain import Caption, SpeechSource, Transcript
from lib.process import CancellationCheck, Limits, Report, never_cancelled, run_task
from lib.serialization import build_adapters, from_plain, to_plain
from services.captions import min_duration_ms
from services.subtitles import subrip_file, webvtt_file
from services.subtitles.cue import Cue
from services.subtitles.encoding import decode
from services.subtitles.roll_up import without_repeats
from services.subtitles.segments import to_segments

__all__ = ["is_webvtt", "read_captions", "read_subtitles", "read_subtitles_sandboxed"]

_MAX_BYTES = 20 * 2**20
_MAX_CUES = 200_000
_MAX_LINE_CHARACTERS = 20_000
_LIMITS = Limits(timeout_s=120, memory_bytes=2**30, file_bytes=0, niceness=0)  # a request waits for it


def read_subtitles_sandboxed(
    path: Path, duration_s: float, language: str = "", *, check: CancellationCheck = never_cancelled
) -> Transcript:
    """Run `read_subtitles` in a child process with limits, for uploaded files. Raises BadSubtitles."""
    payload = {"path": str(path.absolute()), "duration_s": duration_s, "language": language}
    try:
        return from_plain(Transcript, run_task("services.subtitles:read_task", payload, check=check, limits=_LIMITS))
    except (errors.TimedOut, errors.OutOfMemory) as error:
        raise errors.BadSubtitles("Reading them takes more time or memory than subtitles should.") from error


def before_forks() -> None:
    """Prepare what every child of this module needs; see lib/child.py."""
    build_adapters(Transcript)


def read_task(payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """Run as a child task: return the Transcript as plain values. Payload: path, duration_s, language."""
    plain: dict[str, Any] = to_plain(read_subtitles(Path(payload["path"]), payload["duration_s"], payload["language"]))
    return plain


def read_subtitles(path: Path, duration_s: float, language: str = "") -> Transcript:
    """Read SRT or WebVTT; cues after `duration_s` are cut off. Raises BadSubtitles."""
    cues = without_repeats(sorted(_read_cues(path), key=lambda cue: (cue.start_s, cue.end_s)))
    segments = tuple(to_segments(cues, duration_s))
    if not segments:
        raise errors.BadSubtitles("No line has text inside the recording's duration.")
    captions = _with_durations(_to_captions(cues, duration_s))
    return Transcript(language, segments, SpeechSource.SUBTITLES, "subtitles", captions=captions)


def read_captions(path: Path) -> tuple[Caption, ...]:
    """Return the captions of an SRT or WebVTT file in the order of the file, without markup. Raises BadSubtitles."""
    return _to_captions(_read_cues(path))


def is_webvtt(path: Path) -> bool:
    """Return whether the file begins as WebVTT in UTF-8 does."""
    with path.open("rb") as file:
        return file.read(16).decode("utf-8-sig", "ignore").startswith(webvtt_file.SIGNATURE)


def _to_captions(cues: Sequence[Cue], duration_s: float = math.inf) -> tuple[Caption, ...]:
    """Return the cues that begin within the duration, with their own lines and times."""
    return tuple(
        Caption(round(cue.start_s * 1000), round(min(cue.end_s, duration_s) * 1000), tuple(line.text for line in cue.lines))
        for cue in cues
        if cue.start_s < duration_s
    )


def _with_durations(captions: Sequence[Caption]) -> tuple[Caption, ...]:
    """Give captions without duration the time to read them; the others stay as they are."""
    return tuple(
        caption if caption.end_ms > caption.start_ms else replace(caption, end_ms=caption.start_ms + min_duration_ms(caption.lines))
        for caption in captions
    )


def _read_cues(path: Path) -> list[Cue]:
    """Return the cues in the order of the file; at least one. Raises BadSubtitles."""
    size = path.stat().st_size
    if size == 0:
        raise errors.BadSubtitles("The file is empty.")
    if size > _MAX_BYTES:
        raise errors.BadSubtitles(f"The file has {size} bytes; subtitles have less than {_MAX_BYTES}.")
    cues = _parse(decode(path.read_bytes()))
    if not cues:
        raise errors.BadSubtitles("No timed line was found.")
    return cues


def _parse(text: str) -> list[Cue]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff\u200b\u2060")
    count = text.count("-->")
    if count > _MAX_CUES:
        raise errors.BadSubtitles(f"It has {count} lines.")
    longest = max(map(len, text.split("\n")), default=0)
    if longest > _MAX_LINE_CHARACTERS:
        raise errors.BadSubtitles(f"One of its lines has {longest} characters.")
    return webvtt_file.parse(text) if text.startswith(webvtt_file.SIGNATURE) else subrip_file.parse(text)
