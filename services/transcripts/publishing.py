"""Documents from the current text of a transcript: it is stored as a file, and a job renders them again without reading media."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

import errors
from database import end_read, session, transaction
from domain import ACTIVE_STATES, Segment, SpeechSource
from lib.hashing import sha256_of
from models import Job, Transcript
from services.accounts import Caller
from services.jobs import side_jobs
from services.library import hidden_formats, lecture_jobs, recordings, rendering, stored_inputs
from services.storage import Store, keys
from services.transcript_text import lines
from services.transcript_text.differences import with_tracked_changes
from services.transcript_text.words import to_segment
from services.transcripts import reading, segments, versions
from services.transcripts.errors import NoTranscript


def render_documents(caller: Caller, recording_id: str, store: Store, folder: Path, *, tracked_changes: bool | None = None) -> Job:
    """Queue a job that renders the documents from the current text, and return it; while another job is active, that one.

    `folder` is on the disk that receives uploads. `tracked_changes`: whether Word documents show what differs from the recognised text;
    None: as the newest conversion did. Raises NotFound, and NotReady for a recording without documents.
    """
    reading.get(caller, recording_id)
    if not rendering.has_documents(session(), recording_id):
        raise errors.NotReady("This recording has no documents that could be rendered again.")
    if tracked_changes is None:
        tracked_changes = bool(lecture_jobs.newest_options(session(), recording_id).get("tracked_changes"))
    end_read()
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        file = Path(temporary) / "transcript.jsonl"
        revision = write_current_text(recording_id, file, changes_since_raw=store if tracked_changes else None)
        size_bytes, sha256 = file.stat().st_size, sha256_of(file)
        storing = stored_inputs.store_file(recording_id, file, store, key_of=keys.edited_transcript, content_type=lines.CONTENT_TYPE)
        with storing as key, transaction() as write_session:
            recording = recordings.get_locked(write_session, caller, recording_id)
            transcript = write_session.get(Transcript, recording_id, populate_existing=True, with_for_update=True)
            if transcript is None:
                raise NoTranscript
            hidden_formats.put(write_session, recording_id, hidden_formats.EDITED_TRANSCRIPT, key, size_bytes, sha256)
            transcript.documents_revision = revision
            job = rendering.request(write_session, recording)
            if job is None:
                query = select(Job).where(Job.recording_id == recording_id, Job.state.in_(ACTIVE_STATES))
                query = query.where(~side_jobs.in_side_pipeline()).order_by(Job.created_at.desc())
                job = write_session.execute(query.limit(1)).scalar_one_or_none()
    if job is None:
        raise errors.NotReady("This recording has no documents that could be rendered again.")
    return job


def write_current_text(recording_id: str, file: Path, *, with_ids: bool = False, changes_since_raw: Store | None = None) -> int:
    """Write the current text as JSON lines, with the ids of the words if wanted; return its revision. Raises NoTranscript.

    `changes_since_raw`: the store with the recognised text; words are then marked with what was inserted and deleted since.
    """
    transcript = session().get(Transcript, recording_id, populate_existing=True)
    if transcript is None:
        raise NoTranscript
    revision = transcript.revision
    header = lines.Header(transcript.language, SpeechSource(transcript.source), transcript.engine)
    current = [segment for segment in segments.read(session(), recording_id) if segment.words]
    session().expunge(transcript)
    end_read()
    ids = ([word.id for word in segment.words] for segment in current) if with_ids else ()
    if changes_since_raw is not None:
        content: Iterable[Segment] = with_tracked_changes(versions.read_version(transcript, changes_since_raw, "raw"), current)
    else:
        content = map(to_segment, current)
    lines.write(file, header, content, ids)
    return revision
