"""Subtitles that came with a recording, as a transcript: SRT and WebVTT in whatever encoding they have."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import charset_normalizer
import pysubs2

import errors
from domain import Segment, SpeechSource, Transcript, Word
from lib.process import Check, Limits, Report, never_cancelled, run_task
from lib.serialization import from_plain, to_plain

_MAX_BYTES = 20 * 2**20
_MAX_CUES = 200_000
_TICK_S = 0.001
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>|<\d[\d:.]*>|\{\\[^{}]{0,300}\}|</?>")
_INVISIBLE = {"\ufeff", "\u200b", "\u2060"}
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_TIME = r"((?:\d{1,4}:)?\d{1,2}:\d{2}[.,]\d{1,3})"
_GAP = r"[^\S\n]{0,40}"  # counted and within a line: looking for times takes as long as the text is, whatever stands there
_SHORT_TIMES = re.compile(rf"(?m)^({_GAP}){_TIME}{_GAP}-->{_GAP}{_TIME}")
_MAX_LINE = 20_000
_LIMITS = Limits(timeout_s=60, memory_bytes=2**30, file_bytes=0)


def read_subtitles_sandboxed(path: Path, duration_s: float, language: str = "", *, check: Check = never_cancelled) -> Transcript:
    """`read_subtitles` in a child with limits, for files that nobody has looked at yet. Raises BadSubtitles."""
    payload = {"path": str(path.absolute()), "duration_s": duration_s, "language": language}
    try:
        return from_plain(Transcript, run_task("services.subtitles:read_task", payload, check=check, limits=_LIMITS))
    except (errors.TimedOut, errors.OutOfMemory) as error:
        raise errors.BadSubtitles("Reading them takes more time or memory than subtitles should.") from error


def read_task(payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """payload: path, duration_s, language -> a Transcript as plain values."""
    plain: dict[str, Any] = to_plain(read_subtitles(Path(payload["path"]), payload["duration_s"], payload["language"]))
    return plain


def read_subtitles(path: Path, duration_s: float, language: str = "") -> Transcript:
    """Read SRT or WebVTT; cues past `duration_s` are cut off. Raises BadSubtitles."""
    size = path.stat().st_size
    if size == 0:
        raise errors.BadSubtitles("The file is empty.")
    if size > _MAX_BYTES:
        raise errors.BadSubtitles(f"The file has {size} bytes; subtitles have less than {_MAX_BYTES}.")
    cues = _cues(_decoded(path.read_bytes()))
    if not cues:
        raise errors.BadSubtitles("No timed line was found.")
    segments = tuple(_timed(cues, duration_s))
    if not segments:
        raise errors.BadSubtitles("No line has text inside the recording's duration.")
    return Transcript(language, segments, SpeechSource.SUBTITLES, "subtitles")


def _decoded(data: bytes) -> str:
    encoding = next((name for sign, name in _BOMS if data.startswith(sign)), "")
    if not encoding and b"\0" in data[:400]:
        encoding = "utf-16-be" if data[:400:2].count(0) > data[1:400:2].count(0) else "utf-16-le"
    for candidate in (encoding, "utf-8"):
        if candidate:
            try:
                return data.decode(candidate)
            except UnicodeDecodeError:
                continue
    return data.decode(_guessed(data), errors="replace")


def _guessed(data: bytes) -> str:
    """The encoding of bytes that are no Unicode. Between equals western Europe's goes first, or Turkish where its own letters are met."""
    spoken = b"\n".join(line for line in data[:400_000].splitlines() if b"-->" not in line and not line.strip().isdigit())
    matches = list(charset_normalizer.from_bytes(spoken))
    if not matches:
        raise errors.BadSubtitles("Its text encoding is unknown.", hint="Save the subtitles as UTF-8.")
    best = matches[0]
    equals = {match.encoding for match in matches if (match.chaos, match.coherence) == (best.chaos, best.coherence)}
    order = ("cp1254", "cp1252") if any(letter in spoken for letter in (b"\xfd", b"\xfe", b"\xf0")) else ("cp1252",)
    return next((name for name in order if name in equals), best.encoding)


def _cues(text: str) -> list[tuple[float, float, str]]:
    """(start, end, plain text) in time order."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("".join(_INVISIBLE))
    kind = "vtt" if text.startswith("WEBVTT") else "srt"
    text = _SHORT_TIMES.sub(lambda found: f"{found[1]}{_full(found[2])} --> {_full(found[3])}", text)
    try:
        parsed = pysubs2.SSAFile.from_string(text, format_=kind, keep_unknown_html_tags=True, keep_html_tags=True)
    except (pysubs2.exceptions.Pysubs2Error, ValueError, IndexError, OverflowError) as error:
        raise errors.BadSubtitles(str(error)) from error
    if len(parsed) > _MAX_CUES:
        raise errors.BadSubtitles(f"It has {len(parsed)} lines.")
    longest = max((len(event.text) for event in parsed), default=0)
    if longest > _MAX_LINE:
        raise errors.BadSubtitles(f"One of its lines has {longest} signs.")
    cues = [(event.start / 1000, event.end / 1000, plain) for event in parsed if not event.is_comment and (plain := _plain(event.text))]
    return sorted(cues, key=lambda cue: cue[:2])


def _full(time: str) -> str:
    """A time mark with hours and milliseconds, as the parsers want it."""
    clock, _, fraction = time.replace(",", ".").partition(".")
    parts = clock.split(":")
    hours = parts[0] if len(parts) == 3 else "0"
    return f"{int(hours):02d}:{int(parts[-2]):02d}:{parts[-1]}.{fraction:0<3}"


def _plain(text: str) -> str:
    """Text without markup: tags go before entities are read, so that `&lt;b&gt;` stays the text that it is."""
    text = html.unescape(_TAG.sub("", text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")))
    kept = (sign for sign in text if sign not in _INVISIBLE and (sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cs", "Co")))
    return " ".join("".join(kept).split())


def _timed(cues: Sequence[tuple[float, float, str]], duration_s: float) -> Iterator[Segment]:
    """Cues as segments that neither overlap nor pass the recording's end; a line repeated while the last one runs is dropped."""
    free_from, previous = 0.0, ""
    for index, (start, end, text) in enumerate(cues):
        following = next((cue[0] for cue in cues[index + 1 : index + 20] if cue[0] > start), duration_s)
        first = max(0.0, start, free_from)
        last = min(max(end, first), max(following, first + _TICK_S), duration_s)
        if first >= duration_s or (text == previous and start <= free_from + 0.1):
            continue
        if last - first < _TICK_S:
            last = min(first + max(0.5, 0.06 * len(text)), max(following, first + _TICK_S), duration_s)
        words = _words(text, first, last)
        yield Segment(words[0].start_s, words[-1].end_s, words)
        free_from, previous = words[-1].end_s, text


def _words(text: str, start_s: float, end_s: float) -> tuple[Word, ...]:
    """Words share the cue's time by their number of characters."""
    pieces = list(_pieces(text))
    total = sum(len(piece.strip()) for piece in pieces)
    words, done = [], 0
    for piece in pieces:
        first = start_s + (end_s - start_s) * done / total
        done += len(piece.strip())
        words.append(Word(piece, round(first, 3), round(start_s + (end_s - start_s) * done / total, 3)))
    return tuple(words)


def _pieces(text: str) -> Iterator[str]:
    """Words with the space before them; each sign its own where the language writes no spaces, marks with the sign before."""
    for token in text.split(" "):
        piece, lead = "", " "
        for sign in token:
            unspaced = bool(_UNSPACED.match(sign)) and unicodedata.category(sign)[0] != "M"
            if piece and (unspaced or _UNSPACED.match(piece[0])) and unicodedata.category(sign)[0] not in "MP":
                yield lead + piece
                piece, lead = "", ""
            piece += sign
        if piece:
            yield lead + piece
