"""Transcriptions as Ezra's client reads them."""

from __future__ import annotations

from email.utils import format_datetime

from pydantic import BaseModel, Field

from domain import JobState
from models import Job
from services.jobs.queue import shown_state
from services.library import lecture_jobs
from services.library.recordings import RecordingRow
from services.storage import keys

_ENDED = {
    JobState.QUEUED: "submitted",
    JobState.SUCCEEDED: "completed",
    JobState.FAILED: "error",
    JobState.CANCELLED: "error",  # the documented client has no word for it
}
_RUNNING = (  # the stage of a running job, the last one that runs decides; any other one is part of transcribing
    ("document", "converting"),
    ("notes", "converting"),
    ("proofread", "proofreading"),
    ("trim", "trimming"),
    ("download", "uploading"),
    ("fetch", "uploading"),
)


def transcription_status(job: Job | None, source_url: str = "") -> str:
    """Return the documented status word: submitted, uploading, trimming, waiting, transcribing, proofreading, converting and so on."""
    if job is None:
        return "submitted"
    state = shown_state(job)
    if state is JobState.QUEUED and source_url and job.pipeline == lecture_jobs.PIPELINE:
        return "waiting"  # the recording of the link is here
    if state in _ENDED:
        return _ENDED[state]
    if not job.stage:
        return "waiting"
    return next((status for stage, status in _RUNNING if stage in job.stage), "transcribing")


class TranscriptionRow(BaseModel):
    id: str
    created_at: str = Field(description="RFC 1123.")
    updated_at: str = Field(description="RFC 1123.")
    status: str = Field(description="submitted, uploading, trimming, waiting, transcribing, proofreading, converting, completed or error.")
    word_document_path: str | None
    txt_document_path: str | None
    audio_file_name: str

    @classmethod
    def of(cls, row: RecordingRow) -> TranscriptionRow:
        recording, job, artifacts = row
        paths = {artifact.format: artifact.storage_key for artifact in artifacts}
        return cls(
            id=recording.id,
            created_at=format_datetime(recording.created_at, usegmt=True),
            updated_at=format_datetime(max(recording.updated_at, job.updated_at) if job else recording.updated_at, usegmt=True),
            status=transcription_status(job, recording.source_url),
            word_document_path=paths.get("docx"),
            txt_document_path=paths.get("txt"),
            audio_file_name=keys.without_extension(recording.sent_name or recording.filename),
        )


class ProcessOut(BaseModel):
    message: str = "Transcription request is submitted"
    transcription_id: str
