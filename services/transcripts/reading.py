"""Reads transcripts: the current text by page, its journal, and words that may be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from database import session
from lib.paging import Paging
from models import Transcript, TranscriptEdit, TranscriptSegment
from services.accounts import Caller
from services.library import recordings
from services.transcript_text.words import EditableSegment, EditableWord
from services.transcripts import journal, segments
from services.transcripts.errors import NoTranscript


@dataclass(frozen=True)
class TranscriptPage:
    """A transcript and one page of its segments, which are read as they are used. `undo_steps`, `redo_steps`: steps of its journal."""

    transcript: Transcript
    segments: Iterable[EditableSegment]
    total: int
    undo_steps: int
    redo_steps: int


@dataclass(frozen=True)
class DoubtfulWord:
    """A word that may be wrong, and the text of its segment before and after it."""

    segment_id: int
    word: EditableWord
    before: str
    after: str


def read_page(caller: Caller, recording_id: str, paging: Paging) -> TranscriptPage:
    """Return a page of the current text. Raises NotFound."""
    transcript = get(caller, recording_id)
    total, steps = segments.count(recording_id), journal.counts(session(), recording_id)
    rows = segments.read(session(), recording_id, offset=paging.offset, limit=paging.limit)
    return TranscriptPage(transcript, rows, total, *steps)


def get(caller: Caller, recording_id: str) -> Transcript:
    """Return the transcript of a recording of the caller; admins may read any. Raises NotFound."""
    recordings.get_owned(caller, recording_id)
    transcript = session().get(Transcript, recording_id)
    if transcript is None:
        raise NoTranscript
    return transcript


def prompts_of(recording_ids: Sequence[str]) -> dict[str, dict[str, str | None]]:
    """Return the prompts that the transcripts of these recordings were made with, by recording and kind. The caller checks permissions."""
    columns = (Transcript.recording_id, Transcript.transcribe_prompt, Transcript.proofread_prompt)
    rows = session().execute(select(*columns).where(Transcript.recording_id.in_(recording_ids)))
    return {row.recording_id: {"transcribe": row.transcribe_prompt, "proofread": row.proofread_prompt} for row in rows}


def doubtful_words(caller: Caller, recording_id: str, below: float, limit: int) -> list[DoubtfulWord]:
    """Return at most `limit` words with a confidence under `below`, in order. Raises NotFound."""
    get(caller, recording_id)
    doubtful: list[DoubtfulWord] = []
    for segment in segments.read(session(), recording_id, TranscriptSegment.lowest_confidence < below):
        doubtful += [_in_context(segment, index) for index, word in enumerate(segment.words) if word.probability < below]
        if len(doubtful) >= limit:
            break
    return doubtful[:limit]


def list_edits(caller: Caller, recording_id: str, limit: int) -> Sequence[TranscriptEdit]:
    """Return the newest steps of the journal, newest first. Raises NotFound."""
    get(caller, recording_id)
    query = select(TranscriptEdit).where(TranscriptEdit.recording_id == recording_id).order_by(TranscriptEdit.id.desc())
    return session().execute(query.limit(limit)).scalars().all()


def _in_context(segment: EditableSegment, index: int) -> DoubtfulWord:
    before = "".join(word.text for word in segment.words[:index]).strip()
    after = "".join(word.text for word in segment.words[index + 1 :]).strip()
    return DoubtfulWord(segment.id, segment.words[index], before, after)
