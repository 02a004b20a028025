"""The versions of a transcript: as it was recognised, with the corrections of proofreading, and with the edits of people."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import select

from database import end_read, session
from domain import Segment
from lib.paging import Page, Paging
from models import Artifact, Transcript, TranscriptCorrection
from services.accounts import Caller
from services.documents.paragraphs import group_into_paragraphs
from services.documents.runs import plain_text, runs_of
from services.library import hidden_formats
from services.storage import Store
from services.transcript_text import lines
from services.transcript_text.differences import Difference, differences
from services.transcript_text.markup import format_words
from services.transcript_text.raw_version import number_words
from services.transcript_text.words import EditableSegment, EditableWord, IdCounter, to_segment, words_from_plain
from services.transcripts import reading, segments
from services.transcripts.corrections import IN_TEXT
from services.transcripts.errors import NoTranscript
from services.transcripts.reading import TranscriptPage

Version = Literal["raw", "proofread", "current"]


@dataclass(frozen=True)
class PlacedDifference:
    """A difference, and the segment of the newer version that has the new words or follows the place of the old ones."""

    segment_id: int
    difference: Difference


def read_page(caller: Caller, recording_id: str, store: Store, version: Version, paging: Paging) -> TranscriptPage:
    """Return a page of a version. Words have the same ids in all versions, segments of `current` ids of their own. Raises NotFound."""
    if version == "current":
        return reading.read_page(caller, recording_id, paging)
    transcript = _get_detached(caller, recording_id)
    version_segments = read_version(transcript, store, version)
    return TranscriptPage(transcript, version_segments[paging.offset : paging.offset + paging.limit], len(version_segments), 0, 0)


def read_text(caller: Caller, recording_id: str, store: Store, version: Version, *, markup: bool) -> str:
    """Return a version as text in paragraphs; with styles as Markdown if wanted. Raises NotFound."""
    version_segments = read_version(_get_detached(caller, recording_id), store, version)
    paragraphs = group_into_paragraphs([to_segment(segment) for segment in version_segments])
    texts = (format_words(paragraph.words) if markup else _plain(paragraph) for paragraph in paragraphs)
    return "\n\n".join(texts) + "\n"


def changes(caller: Caller, recording_id: str, store: Store, older: Version, newer: Version, paging: Paging) -> Page[PlacedDifference]:
    """Return what differs between two versions, in the order of the text. Raises NotFound."""
    transcript = _get_detached(caller, recording_id)
    before, after = (read_version(transcript, store, version) for version in (older, newer))
    places = [segment.id for segment in after for _ in segment.words]
    all_differences = list(differences(_words(before), _words(after)))
    placed_differences = [PlacedDifference(places[min(each.index, len(places) - 1)] if places else 0, each) for each in all_differences]
    return Page(placed_differences[paging.offset : paging.offset + paging.limit], len(all_differences))


def read_version(transcript: Transcript, store: Store, version: Version) -> list[EditableSegment]:
    """Return all segments of a version. Raises NoTranscript.

    `transcript` is detached from the session, because the connection is returned before the store is read.
    """
    if version == "current":
        return list(segments.read(session(), transcript.recording_id))
    of_recording = select(Artifact.storage_key).where(Artifact.recording_id == transcript.recording_id)
    key = session().execute(of_recording.where(Artifact.format == hidden_formats.RAW_TRANSCRIPT)).scalar_one_or_none()
    rows = _corrections(transcript.recording_id) if version == "proofread" else []
    if key is None:
        raise NoTranscript
    end_read()
    segment_ids, word_ids = IdCounter(1), IdCounter(transcript.raw_first_word_id)
    file_lines = list(_lines(store.read(key)))
    raw = number_words(lines.read(file_lines)[1], lines.read_flagged(file_lines), segment_ids, word_ids).with_flagged_words()
    return list(_apply_corrections(raw, rows) if rows else raw)


@dataclass(frozen=True)
class _Correction:
    """A correction that the text contains. `number` orders them in time."""

    number: int
    before: tuple[EditableWord, ...]
    after: tuple[EditableWord, ...]


def _corrections(recording_id: str) -> list[_Correction]:
    columns = (TranscriptCorrection.id, TranscriptCorrection.before_words, TranscriptCorrection.after_words)
    query = select(*columns).where(TranscriptCorrection.recording_id == recording_id, TranscriptCorrection.state.in_(IN_TEXT))
    rows = session().execute(query.order_by(TranscriptCorrection.id))
    return [_Correction(row.id, words_from_plain(row.before_words), words_from_plain(row.after_words)) for row in rows]


def _apply_corrections(raw: Iterator[EditableSegment], rows: Sequence[_Correction]) -> Iterator[EditableSegment]:
    """Apply corrections to the words that they name; those of words that only edits have brought are left out."""
    by_word: dict[int, list[_Correction]] = defaultdict(list)
    for row in rows:
        if row.before:
            by_word[row.before[0].id].append(row)
    for segment in raw:
        words = list(segment.words)
        corrections_heap = [(row.number, row) for word in words for row in by_word.get(word.id, ())]
        heapq.heapify(corrections_heap)
        while corrections_heap:
            number, row = heapq.heappop(corrections_heap)
            ids = [word.id for word in row.before]
            index = next((at for at, word in enumerate(words) if word.id == ids[0]), None)
            if index is None or [word.id for word in words[index : index + len(ids)]] != ids:
                continue
            words[index : index + len(ids)] = row.after
            for word in row.after:
                for later_row in by_word.get(word.id, ()):
                    if later_row.number > number and word.id not in ids:
                        heapq.heappush(corrections_heap, (later_row.number, later_row))
        if words:
            yield replace(segment, words=tuple(words))


def _plain(paragraph: Segment) -> str:
    mark = paragraph.words[0].mark
    text = plain_text(runs_of(paragraph.words))
    return f"{mark.heading}\n\n{text}" if mark and mark.heading else text


def _get_detached(caller: Caller, recording_id: str) -> Transcript:
    transcript = reading.get(caller, recording_id)
    session().expunge(transcript)
    return transcript


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *complete, rest = (rest + block).split(b"\n")
        yield from complete
    if rest:
        yield rest


def _words(version_segments: Sequence[EditableSegment]) -> list[EditableWord]:
    return [word for segment in version_segments for word in segment.words]
