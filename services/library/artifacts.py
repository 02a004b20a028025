"""Documents of recordings: name a job's outputs as the recording's documents and move them to their documented keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from database import changed_rows, end_read, session, transaction
from domain import JobState
from lib.clock import now
from models import Artifact, Job, Recording
from services.jobs import queue
from services.jobs.job_kind import StoredOutput
from services.library import hidden_formats, object_deletion, rendering
from services.library.recordings import MAX_TITLE_LENGTH, clean_title
from services.search import outdated
from services.storage import Store, keys
from services.storage.moves import current_key


def record(session: Session, claim: queue.Claim, outputs: Sequence[StoredOutput], metrics: Mapping[str, Any]) -> None:
    """Replace the recording's documents of the same formats by these outputs, and take over the title of the notes if none was given.

    A replaced document keeps its id, so that addresses of it stay valid.
    """
    recording = session.get_one(Recording, claim.recording_id)
    if not recording.has_given_title:
        recording.title = _title_of(metrics) or recording.title
    formats = [output.kind.name for output in outputs]
    of_formats = select(Artifact).where(Artifact.recording_id == recording.id, Artifact.format.in_(formats))
    rows = {row.format: row for row in session.execute(of_formats.execution_options(populate_existing=True)).scalars()}
    # New documents are moved over old ones that have their documented keys.
    object_deletion.schedule(session, [row.storage_key for row in rows.values() if row.storage_key.startswith(keys.JOBS)])
    object_deletion.cancel(session, [output.storage_key for output in outputs])
    for output in outputs:
        row = rows.get(output.kind.name) or Artifact(recording_id=recording.id, format=output.kind.name)
        _set(row, claim, output, recording)
        session.add(row)
    session.flush()
    rendering.rename_downloads(session, recording)
    if hidden_formats.NOTES_ARCHIVE in formats:
        hidden_formats.discard(session, recording.id, hidden_formats.EDITED_NOTES)  # `rerender_if_changed` requests it again
    if not {hidden_formats.NOTES_ARCHIVE, hidden_formats.EDITED_NOTES}.isdisjoint(formats):
        outdated.mark(session, recording.id)


def promote(claim: queue.Claim, store: Store) -> None:
    """Move a job's documents to their documented keys."""
    _promote(store, Artifact.job_id == claim.job_id)


def rerender_if_changed(session: Session, claim: queue.Claim, metrics: Mapping[str, Any]) -> None:
    """Queue a job that renders the documents again if a user has changed title, text, slides or deck while this job was running."""
    recording = session.get_one(Recording, claim.recording_id, populate_existing=True)
    text = metrics.get("transcript_sha256", "")
    is_unknown = claim.pipeline == rendering.PIPELINE and "transcript_sha256" not in metrics  # of a remote worker with an older version
    slides = str(metrics.get("slide_plan_sha256") or "")
    deck = str(metrics.get("deck_sha256") or "")
    if not is_unknown and not rendering.is_current(session, recording, _title_of(metrics), text, slides, deck):
        rendering.request(session, recording)


def _title_of(metrics: Mapping[str, Any]) -> str:
    """Return the title of the notes; a remote worker may report anything."""
    title = metrics.get("title")
    return clean_title(title)[:MAX_TITLE_LENGTH] if isinstance(title, str) else ""


def promote_left_over(store: Store) -> int:
    """Move the documents whose move a crash has interrupted. Return their number."""
    running = select(Job.id).where(Job.state == JobState.RUNNING)
    return _promote(store, Artifact.job_id.not_in(running))


def _promote(store: Store, condition: ColumnElement[bool]) -> int:
    """Every step is idempotent: the janitor may repeat it, also while another process does the same."""
    query = select(Artifact.id, Artifact.recording_id, Artifact.format, Artifact.storage_key)
    query = query.where(Artifact.format.not_in(hidden_formats.STREAMS))  # viewers may be reading those: they never move
    end_read()
    rows = session().execute(query.where(Artifact.storage_key.startswith(keys.JOBS), condition)).all()
    end_read()
    for row in rows:
        key = _documented_key(row.recording_id, row.format, row.storage_key)
        store.move(row.storage_key, key)
        with transaction() as write_session:
            change = update(Artifact).where(Artifact.id == row.id, Artifact.storage_key == row.storage_key).values(storage_key=key)
            row_count = changed_rows(write_session.execute(change))
            if not row_count and write_session.execute(select(Artifact.id).where(Artifact.storage_key == key)).first() is None:
                object_deletion.schedule(write_session, [key])  # the recording was deleted meanwhile
    return len(rows)


def locate(artifact: Artifact, store: Store) -> str:
    """Return the key of a document's file, also if it has moved since the row was read."""
    key = artifact.storage_key
    return current_key(store, key, _documented_key(artifact.recording_id, artifact.format, key))


def _documented_key(recording_id: str, format_name: str, storage_key: str) -> str:
    return keys.document(recording_id, format_name, PurePosixPath(storage_key).name.partition(".")[2])


def _set(row: Artifact, claim: queue.Claim, output: StoredOutput, recording: Recording) -> None:
    """Let a row name this output."""
    row.job_id = claim.job_id
    row.filename = rendering.download_name(recording, output.kind.extension)
    row.storage_key = output.storage_key
    row.content_type = output.kind.content_type
    row.size_bytes = output.size_bytes
    row.sha256 = output.sha256
    row.created_at = now()
