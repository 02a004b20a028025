"""Inputs of jobs of the pipeline `lecture_notes`: the recording, and the subtitles that were uploaded with it."""

from __future__ import annotations

from typing import Any

from database import session
from models import Recording
from services.jobs import queue
from services.jobs.job_kind import JobDetails, JobInput
from services.storage import keys


def load(claim: queue.Claim) -> JobDetails:
    """Read the recording of a claimed job."""
    recording = session().get_one(Recording, claim.recording_id)
    inputs = [JobInput("source", recording.storage_key, recording.filename, size_bytes=recording.size_bytes, sha256=recording.sha256)]
    if recording.subtitles_key:
        inputs.append(JobInput("subtitles", recording.subtitles_key, "subtitles", "text/plain"))
    return JobDetails(_options(claim, recording), recording.id, inputs, recording.duration_s)


def _options(claim: queue.Claim, recording: Recording) -> dict[str, Any]:
    """The job's options and the facts of the recording that the stages use."""
    base_url = str(claim.options.get("base_url") or "")
    return {
        **claim.options,
        "title": recording.title if recording.has_given_title else "",
        "fallback_title": keys.without_extension(recording.sent_name or recording.filename),
        "created_on": claim.created_at.date().isoformat(),
        "source_name": recording.sent_name or recording.filename,
        "source_url": recording.source_url or (f"{base_url}/watch/{recording.id}" if base_url else ""),
        "has_subtitles": recording.subtitles_key is not None,
    }
