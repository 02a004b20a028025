"""Transcriptions as Ezra's client reads them."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import format_datetime

from pydantic import BaseModel, Field

from domain import JobState
from models import Job
from pipelines.stages import proofread
from services.jobs.queue import shown_state
from services.library import rendering
from services.library.recordings import RecordingRow
from services.links import import_jobs
from services.storage import keys
from services.transcripts import proofreading_jobs

_STATUS_ORDER = ("submitted", "uploading", "trimming", "waiting", "transcribing", "waiting_for_proofreading", "proofreading", "converting")
STATUSES = (*_STATUS_ORDER, "completed", "error")
_FINAL_STATUSES = {
    JobState.SUCCEEDED: "completed",
    JobState.FAILED: "error",
    JobState.CANCELLED: "error",  # the documented client has no word for it
}
_CONVERSION_STAGES = ("document", "notes")
_TRANSCRIPTION_STAGES = ("speech", "subtitles")


def transcription_status(job: Job | None, source_url: str = "", past_stages: Sequence[str] = ()) -> str:
    """Return the documented status word of a recording's newest job.

    `past_stages`: the stages of its events. The words never go back, although a job whose worker was killed waits in the queue again.
    """
    if job is None:
        return "submitted"
    state = shown_state(job)
    if state in _FINAL_STATUSES:
        return _FINAL_STATUSES[state]
    words = [_before_stages(job, source_url)]
    current_stages = [job.stage] if job.stage and state is not JobState.QUEUED else []
    has_text = False
    for stages in (*past_stages, *current_stages):
        has_text = has_text or any(name in stages for name in _TRANSCRIPTION_STAGES)
        words.append(_word_of_stages(job, stages, has_text=has_text))
    return max(words, key=_STATUS_ORDER.index)


def _before_stages(job: Job, source_url: str) -> str:
    """Return the word for a job that is queued, or has just begun."""
    is_new = job.state == JobState.QUEUED and not job.attempt
    if job.pipeline == rendering.PIPELINE:
        return "converting"
    if job.pipeline == proofreading_jobs.PIPELINE:
        return "waiting_for_proofreading"
    if job.pipeline == import_jobs.PIPELINE:
        return "submitted" if is_new else "uploading"
    if is_new and not source_url:
        return "submitted"
    return "trimming" if _is_trimmed(job) else "waiting"


def _word_of_stages(job: Job, stages: str, *, has_text: bool) -> str:
    if any(name in stages for name in _CONVERSION_STAGES):
        return "converting"
    if proofread.WAITING_NAME in stages:
        return "waiting_for_proofreading"
    if "proofread" in stages:
        return "proofreading"
    if any(name in stages for name in _TRANSCRIPTION_STAGES):
        return "transcribing"
    if "download" in stages:
        return "uploading"
    if "remux" in stages and _is_trimmed(job):
        return "trimming"
    if has_text:  # only the slides are not finished
        return "waiting_for_proofreading" if (job.options or {}).get("proofread", "off") != "off" else "transcribing"
    return "waiting"


def _is_trimmed(job: Job) -> bool:
    return any((job.options or {}).get(name) for name in ("start_time", "end_time"))


class TranscriptionRow(BaseModel):
    id: str
    created_at: str = Field(description="RFC 1123.")
    updated_at: str = Field(description="RFC 1123.")
    status: str = Field(description=f"{', '.join(STATUSES[:-1])} or error.")
    word_document_path: str | None
    txt_document_path: str | None
    audio_file_name: str

    @classmethod
    def of(cls, row: RecordingRow, past_stages: Sequence[str]) -> TranscriptionRow:
        recording, job, artifacts = row
        paths = {artifact.format: artifact.storage_key for artifact in artifacts}
        return cls(
            id=recording.id,
            created_at=format_datetime(recording.created_at, usegmt=True),
            updated_at=format_datetime(max(recording.updated_at, job.updated_at) if job else recording.updated_at, usegmt=True),
            status=transcription_status(job, recording.source_url, past_stages),
            word_document_path=paths.get("docx"),
            txt_document_path=paths.get("txt"),
            audio_file_name=keys.without_extension(recording.sent_name or recording.filename),
        )


class ProcessOut(BaseModel):
    message: str = "Transcription request is submitted"
    transcription_id: str
