"""Uploaded pictures and documents, and one path that takes every kind of file."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response, request
from pydantic import Field

import errors
from routes.body_limits import accepts_upload
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import range_responses, send_stored
from routes.paging import PageQuery, page_response
from routes.streams import file_urls
from routes.uploads import UPLOAD_DOC, save_upload, uploaded_part
from routes.urls import file_of_token, file_url
from schemas.accounts import MessageOut
from schemas.files import FileOut, FilesOut, UploadedOut
from services.files import files as use_case
from services.library.limits import UploadLimits

files = Blueprint("files", __name__, scope="content", tag="Projects")
_NOT_FOUND = {404: "Not found"}


class NeitherMediaNorFile(errors.NotMedia):
    """This file is not a recording, a picture or a document."""

    hint = "Upload a video or a sound, a JPEG, PNG or WebP picture, or a PDF, Word, PowerPoint or text document."


class FilesQuery(PageQuery):
    type: Literal["", "image", "document"] = ""
    folder: str = Field("", max_length=use_case.MAX_FOLDER_CHARS)


@files.post("/api/v1/upload")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@files.output(UploadedOut)
@files.doc(**UPLOAD_DOC | {"extensions": {"x-form": "AnyFileForm"}})
def upload_any_file() -> Any:
    """Upload a recording, a picture or a document: the multipart field `file`, and `folder`, a name to sort files by."""
    return receive_file()


def receive_file() -> UploadedOut:
    """Store the file of the form: a picture or a document as it is, anything else as a recording."""
    part = uploaded_part("file")
    if part is None:
        raise errors.NoFile
    folder = request.form.get("folder", "")
    kind = use_case.type_of(part)
    if kind is None:
        try:
            recording, job, _ = save_upload()
        except errors.NotMedia:
            raise NeitherMediaNorFile from None
        return UploadedOut(
            url=file_urls(recording)[0],
            type="recording",
            id=recording.id,
            recording_id=recording.id,
            job_id=job.id,
            filename=recording.filename,
            folder=folder[: use_case.MAX_FOLDER_CHARS],
            size_bytes=recording.size_bytes,
            s3_key=recording.storage_key,
        )
    components = container()
    row = use_case.store_file(caller(), part, kind, folder, UploadLimits.from_settings(components.settings), components.store)
    file_out = FileOut.of(row, file_url(row))
    return UploadedOut(**file_out.model_dump(include={"url", "type", "id", "filename", "folder", "size_bytes", "s3_key"}), file_id=row.id)


@files.get("/api/v1/files")
@login_required
@files.input(FilesQuery, location="query")
@files.output(FilesOut)
def list_files(query_data: FilesQuery) -> Response:
    """List the caller's pictures and documents, newest first."""
    page = use_case.list_page(caller(), query_data.paging, kind=query_data.type, folder=query_data.folder)
    return page_response(FilesOut(files=[FileOut.of(row, file_url(row)) for row in page.rows], total=page.total), query_data, page.total)


@files.get("/api/v1/files/<file_id>")
@login_required
@files.output(FileOut)
@files.doc(responses=_NOT_FOUND)
def show_file(file_id: str) -> Any:
    """Show a picture or document of the caller or of a project of the caller."""
    row = use_case.get_readable(caller(), file_id)
    return FileOut.of(row, file_url(row))


@files.delete("/api/v1/files/<file_id>")
@login_required
@files.output(MessageOut)
@files.doc(responses=_NOT_FOUND)
def delete_file(file_id: str) -> Any:
    """Delete a picture or document; it vanishes from projects too."""
    use_case.remove(caller(), file_id, container().store)
    return MessageOut(message="Deleted.")


@files.get("/uploaded/<token>/<filename>")
@endpoint(scope="open")
@files.doc(responses=range_responses("The file"))
def signed_file(token: str, filename: str) -> Response:
    """Send the file of a signed address, without other credentials."""
    row = file_of_token(token)
    return send_stored(row.storage_key, row.filename, row.content_type, row.size_bytes)
