"""Calls of Thakii's worker service that start a conversion. Unlike there, they need the credentials of the recording's owner."""

from __future__ import annotations

from typing import Any

import errors
from domain import ACTIVE_STATES
from lib.clock import iso
from pipelines.lecture_notes import LECTURE_NOTES
from routes.body_limits import accepts_upload
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.uploads import UPLOAD_DOC, save_upload
from routes.urls import base_url, endpoint_url
from schemas.options import LectureOptions
from schemas.thakii_processing import DirectUploadOut, ProcessFromStoreIn, ProcessingOut
from services.library import recordings, uploads

thakii_processing = Blueprint("thakii_processing", __name__, scope="content", tag="Lectures")


@thakii_processing.post("/process/<video_id>")
@login_required
@thakii_processing.output(ProcessingOut)
@thakii_processing.doc(responses={404: "Not found"})
def process(video_id: str) -> Any:
    """Convert a recording again with the same options; a conversion that is queued or running continues."""
    return _process(video_id)


@thakii_processing.post("/process-from-s3")
@login_required
@thakii_processing.input(ProcessFromStoreIn, arg_name="body")
@thakii_processing.output(ProcessingOut, status_code=201)
@thakii_processing.doc(responses={404: "No recording of this user has this key"})
def process_from_store(body: ProcessFromStoreIn) -> Any:
    """Convert a stored recording again, named by its id, its owner and its key in the store."""
    recording = recordings.get_owned(caller(), body.video_id)
    if (recording.user_id, recording.storage_key) != (body.user_id, body.s3_key):
        raise errors.NotFound("recording")
    return _process(body.video_id)


@thakii_processing.post("/generate-pdf")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@thakii_processing.output(DirectUploadOut, status_code=201)
@thakii_processing.doc(**UPLOAD_DOC | {"extensions": {"x-form": "DirectForm"}})
def generate_pdf() -> Any:
    """Upload a recording (multipart field `video`); its PDF is made in the background."""
    recording, _, _ = save_upload("video", {"formats": "pdf"})
    return DirectUploadOut(
        video_id=recording.id,
        filename=recording.filename,
        size=recording.size_bytes,
        created_at=iso(recording.created_at),
        check_status=endpoint_url("lectures.show_status", video_id=recording.id),
    )


def _process(video_id: str) -> ProcessingOut:
    _, newest, _ = recordings.get_row(caller(), video_id)
    if newest is None or newest.state not in ACTIVE_STATES:
        before = recordings.newest_conversion_options(video_id)
        options = LectureOptions.model_validate({name: before[name] for name in LectureOptions.model_fields if name in before})
        job_options = {**options.model_dump(mode="json"), "base_url": base_url()}
        uploads.convert_again(caller(), video_id, container().settings, pipeline=LECTURE_NOTES.name, options=job_options)
    return ProcessingOut(video_id=video_id)
