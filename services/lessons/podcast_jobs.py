"""Jobs of the pipeline `podcast_video`: the recording whose sound they show as a video."""

from __future__ import annotations

from sqlalchemy import select

import errors
from database import session
from models import Artifact, Recording
from services.jobs import queue
from services.jobs.job_kind import JobDetails, JobInput
from services.library import lecture_jobs
from services.projects import access

PIPELINE = "podcast_video"
CAPTIONS_INPUT = "captions.vtt"


def load(claim: queue.Claim) -> JobDetails:
    """Read the recording of a claimed job, and its captions if there are any. Raises NotFound."""
    recording = session().get(Recording, str(claim.options["source_id"]))
    if recording is None or recording.deleted_at is not None:
        raise errors.NotFound("recording")
    if recording.user_id != claim.user_id and not access.may_watch(claim.user_id, recording):
        raise errors.NotFound("recording")
    if not recording.storage_key:
        raise errors.NotReady("The recording is being downloaded.")
    inputs = [lecture_jobs.source_of(recording)]
    query = select(Artifact).where(Artifact.recording_id == recording.id, Artifact.format == "vtt")
    captions = session().execute(query).scalar_one_or_none()
    if captions is not None:
        facts = captions.content_type, captions.size_bytes, captions.sha256
        inputs.append(JobInput(CAPTIONS_INPUT, captions.storage_key, CAPTIONS_INPUT, *facts))
    options = {
        **claim.options,
        "title": str(claim.options.get("title") or recording.title),
        "language": recording.language or "en",
        "chapters": recording.chapters,
        "has_captions": captions is not None,
    }
    return JobDetails(options, claim.job_id, inputs, recording.duration_s)
