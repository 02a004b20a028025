"""POST /upload: a recording comes in, a job is queued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.datastructures import FileStorage

import errors
from pipelines.lecture_notes import LECTURE_NOTES
from routes.body_limits import takes_upload
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.links import base_url, link_to
from routes.webhooks import job_hook, made_for
from schemas.lectures import UploadOut
from schemas.options import LectureOptions
from schemas.spec_hints import dependent_fields
from schemas.webhooks import HOOK_KEY, HTTP_URL, JobWebhookIn, JobWebhookOut
from services.documents import FORMATS
from services.library import uploads as use_case
from services.library.chunked_uploads import MAX_CHUNKS
from services.library.uploads import UploadedPart
from services.storage import IncomingFile

if TYPE_CHECKING:
    from models import Job, Recording

uploads = Blueprint("uploads", __name__, scope="content", tag="Lectures")


_FORMAT = f"({'|'.join(FORMATS)})"


def _with_options(schema: dict[str, Any]) -> None:
    """The conversion's options stand beside the form's own fields."""
    dependent_fields("webhook_secret", "webhook_url")(schema)
    schema["properties"] = {**LectureOptions.model_json_schema()["properties"], **schema["properties"]}


class UploadForm(BaseModel):
    """multipart/form-data. What is empty counts as left out."""

    model_config = ConfigDict(json_schema_extra=_with_options)

    file: str = Field(description="The recording.", json_schema_extra={"format": "binary"})
    subtitles: str | None = Field(None, description="SRT or WebVTT, instead of recognition.", json_schema_extra={"format": "binary"})
    title: str = Field("", max_length=500)
    formats: str = Field("", pattern=f"^({_FORMAT}(,{_FORMAT})*)?$", description="Comma-separated; every format if left out.")
    webhook_url: str = Field("", max_length=2000, pattern=f"^({HTTP_URL})?$", description="Address that is told how the job ends.")
    webhook_secret: str = Field("", pattern=f"^({HOOK_KEY})?$", description="Key of its signatures; one is made if left out.")


class ChunkForm(BaseModel):
    """multipart/form-data"""

    chunk: str = Field(description="The chunk's bytes.", json_schema_extra={"format": "binary"})
    chunk_index: int = Field(ge=0, description="Counted from 0.")
    total_chunks: int = Field(ge=1, le=MAX_CHUNKS)
    file_id: str = Field(min_length=1, max_length=200, description="The same for all chunks of a file.")
    original_filename: str = Field(min_length=1)


FORMS: dict[str, type[BaseModel]] = {"UploadForm": UploadForm, "ChunkForm": ChunkForm}
UPLOAD_DOC: dict[str, Any] = {
    "responses": {400: "No file, or an empty one", 401: "Authentication required", 413: "Too large", 415: "No recording", 422: "Unusable"},
    "extensions": {"x-form": "UploadForm"},
}


def describe_forms(spec: dict[str, Any]) -> dict[str, Any]:
    """Write the forms that are read by hand into the OpenAPI description, where an operation names one by `x-form`."""
    for operations in spec["paths"].values():
        for operation in operations.values():
            form = FORMS.get(operation.pop("x-form", "")) if isinstance(operation, dict) else None
            if form is not None:
                operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form.model_json_schema()}}}
    return spec


def receive() -> tuple[Recording, Job, JobWebhookOut | None]:
    """Read the form, keep the recording, queue the job, wake the executor; -> also the job's own webhook, where one was asked for."""
    recording_part = part_of("file")
    if recording_part is None:
        raise errors.NoFile
    try:
        options = LectureOptions.model_validate(_given(LectureOptions)).model_dump(mode="json")
        hook = job_hook(JobWebhookIn.model_validate(_given(JobWebhookIn)))
    except ValidationError as error:
        wrong = [": ".join([*map(str, part["loc"][:1]), part["msg"]]) for part in error.errors()]
        raise errors.ValidationFailed("; ".join(wrong)) from None
    title = request.form.get("title", "")
    if len(title) > 500:
        raise errors.ValidationFailed("title: at most 500 characters")
    bundle = container()
    recording, job = use_case.accept(
        caller(),
        recording_part,
        bundle.settings,
        bundle.store,
        pipeline=LECTURE_NOTES.name,
        options={**options, "base_url": base_url()},
        title=title,
        subtitles_part=part_of("subtitles"),
        hook=hook,
    )
    return recording, job, made_for(job.id, hook)


def _given(kind: type[BaseModel]) -> dict[str, str]:
    return {key: value for key, value in request.form.items() if key in kind.model_fields and value}


@uploads.post("/upload")
@endpoint(rate_limits=("upload",))
@login_required
@takes_upload
@uploads.output(UploadOut)
@uploads.doc(**UPLOAD_DOC)
def upload() -> Any:
    """Upload a recording (multipart field `file`); its documents are made in the background."""
    recording, job, webhook = receive()
    return UploadOut(
        video_id=recording.id,
        message="Uploaded; the documents are being made.",
        s3_key=recording.storage_key,
        job_id=job.id,
        links=upload_links(recording, job),
        webhook=webhook,
    )


def upload_links(recording: Recording, job: Job) -> dict[str, str]:
    """Where to go from here."""
    return {
        "status": link_to("status.show_status", video_id=recording.id),
        "download": link_to("downloads.download_link", name=recording.id),
        "recording": link_to("recordings.show_recording", recording_id=recording.id),
        "job": link_to("jobs.show_job", job_id=job.id),
    }


def part_of(field: str) -> UploadedPart | None:
    """The file in a field of the form, or None."""
    sent: FileStorage | None = request.files.get(field)
    if sent is None or (not sent.filename and not getattr(sent.stream, "size_bytes", 0)):
        return None
    assert isinstance(sent.stream, IncomingFile)
    return UploadedPart(sent.stream, sent.filename or "")
