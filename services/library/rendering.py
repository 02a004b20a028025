"""Render the documents of a recording again, from the archive of its notes: for another title, no stage reads the recording.

The archive is an artifact that users do not see: the notes and the images of the slides.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session

from database import session as current_session
from domain import ACTIVE_STATES
from models import Artifact, Job, Recording
from services.jobs import queue
from services.jobs.job_kind import JobDetails, JobInput
from services.storage import keys

PIPELINE = "document_rendering"
ARCHIVE_FORMAT = "notes"
ARCHIVE_FILE = "notes.tar"
_OPTIONS = ("revisits", "paper")


def request(session: Session, recording: Recording) -> Job | None:
    """Queue a job that renders all documents with the present title. Return None if there are none, or while a job is active.

    A queued job reads the title when it starts, and a running one requests the rendering when it ends.
    """
    of_recording = select(Artifact.format).where(Artifact.recording_id == recording.id)
    formats = set(session.execute(of_recording).scalars())
    active = select(Job.id).where(Job.recording_id == recording.id, Job.state.in_(ACTIVE_STATES))
    if ARCHIVE_FORMAT not in formats or len(formats) < 2 or session.execute(active).first() is not None:
        return None
    newest = select(Job.options).where(Job.recording_id == recording.id).order_by(Job.created_at.desc()).limit(1)
    before = session.execute(newest).scalar_one_or_none() or {}
    options = {name: before[name] for name in _OPTIONS if name in before}
    return queue.submit(
        user_id=recording.user_id,
        pipeline=PIPELINE,
        options={**options, "formats": sorted(formats - {ARCHIVE_FORMAT}), "silent": True},
        recording_id=recording.id,
        media_s=0.0,
    )


def rename_downloads(session: Session, recording: Recording) -> None:
    """Name all documents after the title."""
    for artifact in session.execute(select(Artifact).where(Artifact.recording_id == recording.id)).scalars():
        artifact.filename = download_name(recording, PurePosixPath(artifact.storage_key).name.partition(".")[2])


def download_name(recording: Recording, extension: str) -> str:
    """Return the file name of a download, after the title."""
    return f"{keys.title_as_filename(recording.title)}.{extension}"


def load(claim: queue.Claim) -> JobDetails:
    """Read the archive and the present title of a claimed job's recording."""
    recording = current_session().get_one(Recording, claim.recording_id)
    archive = select(Artifact).where(Artifact.recording_id == recording.id, Artifact.format == ARCHIVE_FORMAT)
    row = current_session().execute(archive).scalar_one()
    inputs = [JobInput(ARCHIVE_FILE, row.storage_key, ARCHIVE_FILE, row.content_type, row.size_bytes, row.sha256)]
    return JobDetails({**claim.options, "title": recording.title}, recording.id, inputs, recording.duration_s)
