"""Recordings as resources."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, Field

from domain import JobState, Visibility
from lib.numbers import reject_bool
from pipelines.lecture_notes import LECTURE_NOTES
from routes.body_limits import accepts_upload
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import InlineQuery, binary_response, send_artifact, send_recording, set_filename
from routes.lectures import ListQuery
from routes.paging import page_response
from routes.uploads import UPLOAD_DOC, save_upload, uploaded_part
from routes.urls import artifact_url, base_url, endpoint_url
from routes.webhooks import job_webhook_out, webhook_target
from schemas.accounts import MessageOut
from schemas.options import LectureOptions
from schemas.recordings import ArtifactOut, ArtifactsOut, JobOut, RecordingOut, RecordingPatch, RecordingsOut
from schemas.webhooks import JOB_WEBHOOK, JobWebhookIn, JobWebhookOut
from services.library import all_documents, editing, file_replacement, known_files, trash, uploads
from services.library import recordings as use_case
from services.library.filters import RecordingFilter, Sort

recordings = Blueprint("recordings", __name__, scope="content", tag="Recordings")


class ConversionIn(LectureOptions, JobWebhookIn):
    """Options of a conversion, and a webhook for its end."""


class KnownFileIn(ConversionIn):
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Of the whole file, in lower case.")
    size_bytes: Annotated[int, Field(ge=1, le=2**53), reject_bool]
    filename: str = Field("", max_length=500)
    title: str = Field("", max_length=200)


class RecordingsQuery(ListQuery):
    q: str = Field("", max_length=200, description="Part of the title or the description.")
    tag: str = Field("", max_length=50)
    visibility: Visibility | None = None
    state: JobState | None = Field(None, description="State of the newest job.")
    deleted: bool = Field(False, description="Those in the trash instead of the others.")
    sort: Sort = "newest"

    @property
    def filters(self) -> RecordingFilter:
        return RecordingFilter(self.q, self.tag, self.visibility, self.state or "", self.deleted)


class DeletionQuery(BaseModel):
    permanent: bool = Field(False, description="Whether to delete it for good instead of moving it to the trash.")


class NewRecordingOut(RecordingOut):
    webhook: JobWebhookOut | None


class NewJobOut(JobOut):
    webhook: JobWebhookOut | None


@recordings.get("")
@login_required
@recordings.input(RecordingsQuery, location="query")
@recordings.output(RecordingsOut)
def list_recordings(query_data: RecordingsQuery) -> Response:
    """List the caller's recordings in every state."""
    page = use_case.list_page(caller(), query_data.paging, everybody=query_data.all, filters=query_data.filters, sort=query_data.sort)
    body = RecordingsOut(recordings=[recording_out(row) for row in page.rows], total=page.total)
    return page_response(body, query_data, page.total)


@recordings.post("")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@recordings.output(NewRecordingOut, status_code=201)
@recordings.doc(**UPLOAD_DOC)
def create_recording() -> Any:
    """Upload a recording (multipart field `file`); its documents are made in the background."""
    recording, _, webhook = save_upload()
    return NewRecordingOut(**recording_out(use_case.get_row(caller(), recording.id)).model_dump(), webhook=webhook)


@recordings.post("/by-hash")
@endpoint(rate_limits=("upload",))
@login_required
@recordings.input(KnownFileIn)
@recordings.output(NewRecordingOut, status_code=201)
@recordings.doc(responses={404: "None of the caller's recordings has this content: upload the file"})
def create_recording_by_hash(json_data: KnownFileIn) -> Any:
    """Make a recording of a file that the caller has uploaded before, known by its SHA-256: nothing is sent again."""
    components, target = container(), webhook_target(json_data)
    recording, job = known_files.create_recording(
        caller(),
        uploads.FileFacts(json_data.filename, json_data.size_bytes, json_data.sha256),
        components.settings,
        components.store,
        pipeline=LECTURE_NOTES.name,
        options={**json_data.model_dump(mode="json", include=set(LectureOptions.model_fields)), "base_url": base_url()},
        title=json_data.title,
        webhook=target,
    )
    webhook = job_webhook_out(job.id, target)
    return NewRecordingOut(**recording_out(use_case.get_row(caller(), recording.id)).model_dump(), webhook=webhook)


@recordings.get("/<recording_id>")
@login_required
@recordings.output(RecordingOut)
@recordings.doc(responses={404: "Not found"})
def show_recording(recording_id: str) -> Any:
    """Show a recording, its newest job and its documents."""
    return recording_out(use_case.get_row(caller(), recording_id))


@recordings.patch("/<recording_id>")
@login_required
@recordings.input(RecordingPatch)
@recordings.output(RecordingOut)
@recordings.doc(responses={404: "Not found"})
def edit_recording(recording_id: str, json_data: RecordingPatch) -> Any:
    """Change the fields that are sent. With a new title the documents are rendered again; downloads are named after the title."""
    editing.edit(caller(), recording_id, json_data.changes())
    return recording_out(use_case.get_row(caller(), recording_id))


@recordings.delete("/<recording_id>")
@login_required
@recordings.input(DeletionQuery, location="query")
@recordings.output(MessageOut)
@recordings.doc(responses={404: "Not found"})
def delete_recording(recording_id: str, query_data: DeletionQuery) -> Any:
    """Move a recording to the trash, from which it can be restored for TRASH_DAYS days; `permanent`: delete it with its documents."""
    days = container().settings.trash_days
    if query_data.permanent or not days:
        use_case.delete(caller(), recording_id, container().store)
        return MessageOut(message="Deleted.")
    trash.put(caller(), recording_id)
    return MessageOut(message=f"Moved to the trash. It can be restored for {days} days.")


@recordings.post("/<recording_id>/restore")
@login_required
@recordings.output(RecordingOut)
@recordings.doc(responses={404: "Not found"})
def restore_recording(recording_id: str) -> Any:
    """Take a recording out of the trash. Jobs that were cancelled when it was deleted have to be started again."""
    trash.restore(caller(), recording_id)
    return recording_out(use_case.get_row(caller(), recording_id))


@recordings.get("/<recording_id>/documents.zip")
@login_required
@recordings.doc(responses={200: binary_response("The documents", "application/zip"), 400: "There are none yet", 404: "Not found"})
def download_documents(recording_id: str) -> Response:
    """Download all documents as one zip file."""
    archive = all_documents.open_zip(caller(), recording_id, container().store)
    response = Response(archive.blocks, content_type="application/zip")
    set_filename(response, archive.filename)
    return response


@recordings.get("/<recording_id>/media")
@login_required
@recordings.doc(
    responses={
        200: binary_response("The recording"),
        206: binary_response("The requested range"),
        404: "Not found",
        416: "Range not satisfiable",
    }
)
def recording_media(recording_id: str) -> Response:
    """Stream the recording; players request ranges."""
    return send_recording(use_case.get_owned(caller(), recording_id))


@recordings.put("/<recording_id>/file")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@recordings.output(RecordingOut, status_code=202)
@recordings.doc(
    responses={**UPLOAD_DOC["responses"], 404: "Not found", 409: "A job of this recording is active"},
    extensions={"x-form": "ReplacementForm"},
)
def replace_file(recording_id: str) -> Any:
    """Replace the file (multipart field `file`); address, title, links and comments stay, documents and streams are made again.

    Corrections of the transcript are carried over where the words agree.
    """
    components, parts = container(), (uploaded_part("file"), uploaded_part("subtitles"))
    file_replacement.replace_recording_file(caller(), recording_id, *parts, components.settings, components.store)
    return recording_out(use_case.get_row(caller(), recording_id))


@recordings.get("/<recording_id>/poster")
@login_required
@recordings.doc(responses={200: binary_response("The picture", "image/jpeg"), 404: "Not found"})
def recording_poster(recording_id: str) -> Response:
    """Return the picture that the site of a link shows for the recording."""
    return send_artifact(use_case.get_poster(caller(), recording_id), InlineQuery(inline=True))


@recordings.get("/<recording_id>/artifacts")
@login_required
@recordings.output(ArtifactsOut)
@recordings.doc(responses={404: "Not found"})
def list_artifacts(recording_id: str) -> Any:
    """List the documents of a recording."""
    artifacts = use_case.get_row(caller(), recording_id).artifacts
    return ArtifactsOut(artifacts=[ArtifactOut.of(artifact, artifact_url(artifact)) for artifact in artifacts])


@recordings.post("/<recording_id>/jobs")
@login_required
@recordings.input(ConversionIn)
@recordings.output(NewJobOut, status_code=201)
@recordings.doc(responses={404: "Not found", 409: "The recording is being converted already"})
def convert_again(recording_id: str, json_data: ConversionIn) -> Any:
    """Convert a recording again with other options; stages with unchanged inputs are skipped."""
    options = {**json_data.model_dump(mode="json", exclude=set(JOB_WEBHOOK)), "base_url": base_url()}
    target = webhook_target(json_data)
    job = uploads.convert_again(caller(), recording_id, container().settings, pipeline=LECTURE_NOTES.name, options=options, webhook=target)
    return NewJobOut(**JobOut.of(job).model_dump(), webhook=job_webhook_out(job.id, target))


def recording_out(row: use_case.RecordingRow) -> RecordingOut:
    """Describe a recording with its newest job and its documents."""
    recording, job, artifacts = row
    short_link = endpoint_url("moments.open_moment", short_code=recording.short_code)
    return RecordingOut.of(recording, job, [ArtifactOut.of(artifact, artifact_url(artifact)) for artifact in artifacts], short_link)
