"""POST /upload: store a recording and queue its conversion."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import request
from werkzeug.datastructures import FileStorage

import errors
from pipelines.lecture_notes import LECTURE_NOTES
from routes.body_limits import accepts_upload, text_as_file
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.forms import form_fields, validate
from routes.urls import base_url, endpoint_url
from routes.webhooks import job_webhook_out, webhook_target
from schemas.lectures import UploadOut
from schemas.options import LectureOptions
from schemas.webhooks import JobWebhookIn, JobWebhookOut
from services.library import uploads as use_case
from services.library.uploads import UploadedPart, UploadRequest
from services.storage import IncomingFile

if TYPE_CHECKING:
    from models import Job, Recording

uploads = Blueprint("uploads", __name__, scope="content", tag="Lectures")
UPLOAD_DOC: dict[str, Any] = {
    "responses": {
        400: "No file, or an empty one",
        401: "Authentication required",
        413: "Too large",
        415: "Not a recording",
        422: "Unusable recording",
    },
    "extensions": {"x-form": "UploadForm"},
}
_MAX_TITLE_LENGTH = 500


@uploads.post("/upload")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@uploads.output(UploadOut)
@uploads.doc(**UPLOAD_DOC)
def upload() -> Any:
    """Upload a recording (multipart field `file`); its documents are made in the background."""
    recording, job, webhook = save_upload()
    return UploadOut(
        video_id=recording.id,
        message="Uploaded; the documents are being made.",
        s3_key=recording.storage_key,
        job_id=job.id,
        links=upload_links(recording, job),
        webhook=webhook,
    )


def save_upload(field: str = "file", defaults: Mapping[str, str] = MappingProxyType({})) -> tuple[Recording, Job, JobWebhookOut | None]:
    """Read the form, store the recording of this field and queue its job. `defaults`: options for fields that are not sent."""
    recording_part = uploaded_part(field)
    if recording_part is None:
        raise errors.NoFile
    options = validate(LectureOptions, {**defaults, **form_fields(LectureOptions)}).model_dump(mode="json")
    target = webhook_target(validate(JobWebhookIn, form_fields(JobWebhookIn)))
    title = request.form.get("title", "")
    if len(title) > _MAX_TITLE_LENGTH:
        raise errors.ValidationFailed(f"title: at most {_MAX_TITLE_LENGTH} characters")
    components = container()
    recording, job = use_case.create_recording(
        caller(),
        UploadRequest(
            recording_part,
            LECTURE_NOTES.name,
            {**options, "base_url": base_url()},
            title=title,
            subtitles_part=uploaded_part("subtitles"),
            own_text_part=text_part("transcript"),
            webhook=target,
        ),
        components.settings,
        components.store,
    )
    return recording, job, job_webhook_out(job.id, target)


def upload_links(recording: Recording, job: Job) -> dict[str, str]:
    """Return the URLs of the recording's status, download and resources."""
    return {
        "status": endpoint_url("lectures.show_status", video_id=recording.id),
        "download": endpoint_url("downloads.download_link", name=recording.id),
        "recording": endpoint_url("recordings.show_recording", recording_id=recording.id),
        "job": endpoint_url("jobs.show_job", job_id=job.id),
        "transcript": endpoint_url("transcripts.show_transcript", recording_id=recording.id),
    }


def text_part(field: str) -> UploadedPart | None:
    """Return the file in a form field, or its text as a file; None if it is empty."""
    part = uploaded_part(field)
    text = request.form.get(field, "")
    if part is not None or not text.strip():
        return part
    return UploadedPart(text_as_file(text), "")


def uploaded_part(field: str) -> UploadedPart | None:
    """Return the file in a form field, or None."""
    file: FileStorage | None = request.files.get(field)
    if file is None or (not file.filename and not getattr(file.stream, "size_bytes", 0)):
        return None
    assert isinstance(file.stream, IncomingFile)
    return UploadedPart(file.stream, file.filename or "")
