"""POST /upload-chunk and /assemble-file: upload a large recording in chunks."""

from __future__ import annotations

from typing import Annotated, Any

from flask import request
from pydantic import BaseModel, Field

import errors
from lib.numbers import reject_bool
from pipelines.lecture_notes import LECTURE_NOTES
from routes.body_limits import accepts_chunk
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.uploads import UPLOAD_DOC, upload_links, uploaded_part
from routes.urls import base_url
from routes.webhooks import job_webhook_out, webhook_target
from schemas.options import LectureOptions
from schemas.webhooks import JobWebhookIn, JobWebhookOut
from services.library import uploads as use_case
from services.library.chunked_uploads import MAX_CHUNKS, ChunkedUpload
from services.library.uploads import UploadedPart, UploadRequest
from services.library.uploads_in_progress import begin_upload
from services.storage import IncomingFile

chunks = Blueprint("chunks", __name__, scope="content", tag="Lectures")


class ChunkOut(BaseModel):
    success: bool = True
    message: str
    chunk_index: int
    total_chunks: int
    file_id: str
    chunk_size: int


class AssembleIn(JobWebhookIn):
    file_id: str = Field(min_length=1, max_length=200)
    total_chunks: Annotated[int, Field(ge=1, le=MAX_CHUNKS), reject_bool]
    original_filename: str = Field(max_length=1000)
    title: str = Field("", max_length=500)
    options: LectureOptions = LectureOptions()


class AssembleOut(BaseModel):
    success: bool = True
    message: str
    video_id: str
    s3_key: str
    total_size: int
    job_id: str
    links: dict[str, str]
    webhook: JobWebhookOut | None


@chunks.post("/upload-chunk")
@login_required
@accepts_chunk
@chunks.output(ChunkOut)
@chunks.doc(**UPLOAD_DOC | {"extensions": {"x-form": "ChunkForm"}})
def upload_chunk() -> Any:
    """Upload a chunk (form: `chunk`, `chunk_index`, `total_chunks`, `file_id`, `original_filename`); in any order, also repeatedly."""
    part = uploaded_part("chunk")
    if part is None:
        raise errors.NoFile(hint="Send the chunk as multipart/form-data, in a field named `chunk`.")
    index, total = _integer_field("chunk_index"), _integer_field("total_chunks")
    file_id = request.form.get("file_id", "")
    if not request.form.get("original_filename"):
        raise errors.BadRequest("original_filename is missing.")
    assert isinstance(part.file, IncomingFile)
    settings = container().settings
    ChunkedUpload.of(settings, caller(), file_id).save_chunk(index, total, part.file, settings, caller(), container().store)
    return ChunkOut(
        message=f"Chunk {index + 1} of {total} received.",
        chunk_index=index,
        total_chunks=total,
        file_id=file_id,
        chunk_size=part.file.size_bytes,
    )


@chunks.post("/assemble-file")
@endpoint(rate_limits=("upload",), invalid_status=400)
@login_required
@chunks.input(AssembleIn)
@chunks.output(AssembleOut)
@chunks.doc(
    responses={
        400: "Chunks or fields are missing",
        404: "No such upload",
        413: "Too large",
        415: "Not a recording",
        422: "Unusable recording",
    }
)
def assemble_file(json_data: AssembleIn) -> Any:
    """Join the chunks and convert the recording. A repeated request gets the same response."""
    components, target = container(), webhook_target(json_data)
    upload = ChunkedUpload.of(components.settings, caller(), json_data.file_id)
    upload_slot = begin_upload(caller().user_id, components.settings.user_concurrent_uploads)
    with upload_slot, upload.assemble(json_data.total_chunks, components.settings) as file:
        previous = upload.saved_response()
        if previous is not None:
            return previous
        recording, job = use_case.find_created(caller(), upload.recording_id()) or use_case.create_recording(
            caller(),
            UploadRequest(
                UploadedPart(file, json_data.original_filename),
                LECTURE_NOTES.name,
                {**json_data.options.model_dump(mode="json"), "base_url": base_url()},
                title=json_data.title,
                recording_id=upload.recording_id(),
                webhook=target,
            ),
            components.settings,
            components.store,
        )
        response = AssembleOut(
            message="Uploaded; the documents are being made.",
            video_id=recording.id,
            s3_key=recording.storage_key,
            total_size=recording.size_bytes,
            job_id=job.id,
            links=upload_links(recording, job),
            webhook=job_webhook_out(job.id, target),
        )
        upload.finish(response.model_dump())
    return response


def _integer_field(name: str) -> int:
    try:
        return int(request.form[name])
    except (KeyError, ValueError):
        raise errors.BadRequest(f"{name} must be a whole number.") from None
