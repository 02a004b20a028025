"""Jobs of the pipeline `transcript_proofreading`: they proofread the current text of a transcript."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from database import session as current_session
from database import transaction
from domain import ACTIVE_STATES
from lib.hashing import sha256_of
from models import Artifact, Job, Recording
from services import proofreading
from services.accounts import Caller
from services.jobs import queue, side_jobs
from services.jobs.job_kind import JobDetails, JobInput, StoredOutput
from services.library import hidden_formats, lecture_jobs, limits, object_deletion, recordings, stored_inputs
from services.library.course_terms import course_terms
from services.library.rendering import ARCHIVE_FILE
from services.prompts import active_text
from services.proofreading import ProofreadingOptions
from services.storage import Store, keys
from services.transcript_text import lines
from services.transcripts import corrections, publishing, reading

PIPELINE = "transcript_proofreading"
INPUT_FILE = "proofread_input.jsonl"


def submit(
    caller: Caller,
    recording_id: str,
    engine: str,
    store: Store,
    options: ProofreadingOptions,
    *,
    review_first: bool,
    folder: Path,
    max_active_jobs: int,
) -> Job:
    """Queue a job that proofreads the current text. `folder`: where temporary files are created.

    Raises NotFound, LanguageModelMissing, TooManyJobs, and Conflict while another job of the recording is active.
    """
    reading.get(caller, recording_id)
    proofreading.check_engine(engine, options)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        file = Path(temporary) / INPUT_FILE
        publishing.write_current_text(recording_id, file, with_ids=True)
        size_bytes, sha256 = file.stat().st_size, sha256_of(file)
        stored_file = stored_inputs.store_file(recording_id, file, store, key_of=keys.proofread_input, content_type=lines.CONTENT_TYPE)
        with stored_file as key, transaction() as write_session:
            recording = recordings.get_locked(write_session, caller, recording_id)
            limits.check_jobs(write_session, recording.user_id, max_active_jobs)
            query = select(Job.id).where(Job.recording_id == recording_id, Job.state.in_(ACTIVE_STATES), ~side_jobs.in_side_pipeline())
            if write_session.execute(query).first() is not None:
                raise errors.Conflict("A job of this recording is queued or running.", hint="Wait until it has ended, or cancel it.")
            hidden_formats.put(write_session, recording_id, hidden_formats.PROOFREAD_INPUT, key, size_bytes, sha256)
            job_options = {"proofread": engine, "proofread_prompt": active_text("proofread"), "review_first": review_first, "silent": True}
            return queue.submit(user_id=recording.user_id, pipeline=PIPELINE, options=job_options, recording_id=recording_id, media_s=0.0)


def load(claim: queue.Claim) -> JobDetails:
    """Read the text, the archive with the words on the slides, and the glossary of a claimed job."""
    recording = current_session().get_one(Recording, claim.recording_id)
    files = {hidden_formats.PROOFREAD_INPUT: INPUT_FILE, hidden_formats.NOTES_ARCHIVE: ARCHIVE_FILE}
    query = select(Artifact).where(Artifact.recording_id == recording.id, Artifact.format.in_(files))
    rows = current_session().execute(query).scalars().all()
    inputs = [JobInput(files[row.format], row.storage_key, files[row.format], row.content_type, row.size_bytes, row.sha256) for row in rows]
    has_slides = any(row.format == hidden_formats.NOTES_ARCHIVE for row in rows)
    words = {"glossary": lecture_jobs.glossary_of(recording), "course_words": course_terms(current_session(), recording).words}
    options = {**claim.options, **words, "has_slides": has_slides}
    return JobDetails(options, recording.id, inputs, recording.duration_s)


def record(session: Session, claim: queue.Claim, outputs: Sequence[StoredOutput], metrics: Mapping[str, Any]) -> None:
    """Store the rows of the corrections in place of earlier ones."""
    for output in outputs:
        object_deletion.cancel(session, [output.storage_key])
        hidden_formats.put(
            session, claim.recording_id or "", output.kind.name, output.storage_key, output.size_bytes, output.sha256, claim.job_id
        )


def after_record(claim: queue.Claim, store: Store) -> None:
    """Apply the corrections to the text."""
    corrections.import_new(claim, store)
