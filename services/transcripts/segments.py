"""Reads and writes the segments of transcripts in the database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

import errors
from lib.paging import count_rows
from models import TranscriptSegment as Row
from services.search import outdated
from services.transcript_text.words import EditableSegment, text_of, word_to_plain, words_from_plain

_BATCH_ROWS = 500
_READ_ROWS = 32  # rows in memory at once: a segment may have 5,000 words
_INSERT = insert(Row.__table__).values(words=bindparam("words_json", type_=Text))
_COLUMNS = (Row.id, Row.position, Row.start_s, Row.end_s, Row.words)


def read(
    session: Session, recording_id: str, *conditions: ColumnElement[bool], offset: int = 0, limit: int | None = None
) -> Iterator[EditableSegment]:
    """Yield segments in order, a batch of rows at a time."""
    query = select(*_COLUMNS).where(Row.recording_id == recording_id, *conditions).order_by(Row.position, Row.id)
    rows = session.execute(query.offset(offset).limit(limit).execution_options(yield_per=_READ_ROWS))
    return (EditableSegment(row.id, row.position, row.start_s, row.end_s, words_from_plain(row.words)) for row in rows)


def read_by_ids(session: Session, recording_id: str, ids: Sequence[int]) -> Iterator[EditableSegment]:
    """Yield the segments with these ids, ordered by position within each batch of ids."""
    for start in range(0, len(ids), _BATCH_ROWS):
        yield from read(session, recording_id, Row.id.in_(ids[start : start + _BATCH_ROWS]))


def find(session: Session, recording_id: str, segment_id: int) -> EditableSegment:
    """Return a segment. Raises NotFound."""
    for segment in read(session, recording_id, Row.id == segment_id):
        return segment
    raise errors.NotFound("segment")


def find_next(session: Session, recording_id: str, segment: EditableSegment) -> EditableSegment | None:
    """Return the segment after this one, or None."""
    return next(read(session, recording_id, Row.position > segment.position, limit=1), None)


def count(recording_id: str) -> int:
    """Return the number of segments."""
    return count_rows(Row, Row.recording_id == recording_id)


def count_characters(session: Session, recording_id: str) -> int:
    """Return the number of characters of all segments."""
    query = select(func.coalesce(func.sum(func.length(Row.text)), 0)).where(Row.recording_id == recording_id)
    return int(session.execute(query).scalar_one())


def texts(session: Session, recording_id: str) -> Sequence[tuple[int, str]]:
    """Return the id and the text of each segment, in any order."""
    return [(row.id, row.text) for row in session.execute(select(Row.id, Row.text).where(Row.recording_id == recording_id))]


def delete_all(session: Session, recording_id: str) -> None:
    session.execute(delete(Row).where(Row.recording_id == recording_id))


def ids_written_since(session: Session, recording_id: str, revision: int, limit: int) -> Sequence[int]:
    """Return the ids of at most `limit` segments that were written after a revision, in order."""
    query = select(Row.id).where(Row.recording_id == recording_id, Row.revision > revision).order_by(Row.position, Row.id)
    return session.execute(query.limit(limit)).scalars().all()


def replace(session: Session, recording_id: str, old_ids: Sequence[int], new_segments: Iterable[EditableSegment], revision: int) -> None:
    """Delete the segments `old_ids` and insert `new_segments` with this revision, a batch of rows at a time."""
    replace_rows(session, recording_id, old_ids, to_rows(recording_id, new_segments, revision))


def replace_rows(session: Session, recording_id: str, old_ids: Sequence[int], rows: Iterable[dict[str, Any]]) -> None:
    """Delete the segments `old_ids` and insert rows that `to_rows` returned."""
    for start in range(0, len(old_ids), _BATCH_ROWS):
        session.execute(delete(Row).where(Row.recording_id == recording_id, Row.id.in_(old_ids[start : start + _BATCH_ROWS])))
    row_iterator = iter(rows)
    while batch := list(islice(row_iterator, _BATCH_ROWS)):
        session.execute(_INSERT, batch)
    outdated.mark(session, recording_id)


def position_of_second_part(segment: EditableSegment, next_segment: EditableSegment | None, share: float) -> float:
    """Return the position of the second part of a segment that is split. `share`: the first part's share of the words.

    The interval up to the next position is split in this proportion, so that the parts can be split again, down to single words.
    """
    end = next_segment.position if next_segment is not None else segment.position + 1
    position = segment.position + (end - segment.position) * share
    if not segment.position < position < end:
        raise errors.Conflict("This segment can't be split here.", hint="Send the whole transcript again.")
    return position


def to_rows(recording_id: str, segments: Iterable[EditableSegment], revision: int) -> Iterator[dict[str, Any]]:
    """Yield rows for `replace_rows`. Encoding words as JSON takes longer than the insert; it can precede the write transaction."""
    for segment in segments:
        yield {
            "recording_id": recording_id,
            "id": segment.id,
            "position": segment.position,
            "start_s": segment.start_s,
            "end_s": segment.end_s,
            "lowest_confidence": segment.lowest_confidence,
            "revision": revision,
            "text": text_of(segment.words),
            "words_json": json.dumps([word_to_plain(word) for word in segment.words]),
        }
