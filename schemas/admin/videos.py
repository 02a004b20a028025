"""Recordings of all users in the admin API.

The documented client of Thakii fixes the names of `LectureRow`, that of the transcription service those of `TranscriptionOut`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from domain import JobState
from lib.clock import iso
from schemas.ezra import transcription_status
from schemas.lectures import LectureRow
from services.library.recordings import RecordingRow


class RequeueIn(BaseModel):
    job_ids: Annotated[list[Annotated[str, Field(max_length=36)]], Field(max_length=1000)] = []


class AdminVideoOut(LectureRow):
    user_id: str
    job_id: str | None
    stage: str
    error: str | None
    error_code: str | None
    storage_bytes: int = Field(description="Size of the recording and its documents.")

    @classmethod
    def of_row(cls, row: RecordingRow, email: str) -> AdminVideoOut:
        recording, job, artifacts = row
        has_failed = job is not None and job.state == JobState.FAILED
        return cls(
            **LectureRow.of(recording, job, email).model_dump(),
            user_id=recording.user_id,
            job_id=job.id if job else None,
            stage=job.stage or (job.error_stage or "") if job else "",
            error=job.error_message if job and has_failed else None,
            error_code=job.error_code if job and has_failed else None,
            storage_bytes=recording.size_bytes + sum(artifact.size_bytes for artifact in artifacts),
        )


class TranscriptionOut(BaseModel):
    id: str
    user_id: str
    username: str
    audio_file_path: str
    google_drive_url: str
    txt_document_path: str | None
    md_document_path: str | None
    word_document_path: str | None
    status: str
    transcribe_prompt: str | None = Field(description="The prompt that the conversion used; null if none.")
    proofread_prompt: str | None = Field(description="The prompt that the conversion used; null if none.")
    inference_duration: float | None = Field(description="Duration of the conversion in seconds.")
    created_at: str | None
    updated_at: str | None

    @classmethod
    def of(cls, row: RecordingRow, username: str, prompts: Mapping[str, str | None], past_stages: Sequence[str]) -> TranscriptionOut:
        """`prompts`: those of the finished transcript, by kind; while there is none, the options of the job count.

        `past_stages`: the stages that the job has gone through.
        """
        recording, job, artifacts = row
        paths = {artifact.format: artifact.storage_key for artifact in artifacts}
        seconds = ((job.metrics if job else None) or {}).get("seconds") or {}
        return cls(
            id=recording.id,
            user_id=recording.user_id,
            username=username,
            audio_file_path=recording.storage_key,
            google_drive_url=recording.source_url,
            txt_document_path=paths.get("txt"),
            md_document_path=paths.get("md"),
            word_document_path=paths.get("docx"),
            status=transcription_status(job, recording.source_url, past_stages),
            transcribe_prompt=prompts.get("transcribe") or (job.options if job else {}).get("transcribe_prompt"),
            proofread_prompt=prompts.get("proofread") or (job.options if job else {}).get("proofread_prompt"),
            inference_duration=seconds.get("conversion"),
            created_at=iso(recording.created_at),
            updated_at=iso(recording.updated_at),
        )
