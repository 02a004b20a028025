"""Uploads by the tus protocol 1.0 with the extensions creation, creation-with-upload, termination, checksum and expiration."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate

from flask import Response, request

import errors
from pipelines.lecture_notes import LECTURE_NOTES
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.forms import validate
from routes.urls import base_url, endpoint_url
from schemas.options import LectureOptions
from services.library import receiving, uploads
from services.library import resumable_uploads as use_case
from services.library.resumable_uploads import ResumableUpload
from services.library.uploads import UploadedPart, UploadRequest
from services.library.uploads_in_progress import begin_upload

resumable_uploads = Blueprint("resumable_uploads", __name__, scope="content", tag="Recordings")
_VERSION = "1.0.0"
_EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
_CONTENT_TYPE = "application/offset+octet-stream"
_DOC = {404: "No such upload", 409: "Another offset, or the upload has ended", 412: "Another version of the protocol", 423: "Locked"}


class UnsupportedVersion(errors.BadRequest):
    """The header Tus-Resumable is missing or has an unsupported version."""

    code = "unsupported_version"
    status = 412
    hint = f"Send Tus-Resumable: {_VERSION}."


class WrongContentType(errors.BadRequest):
    """The request body has the wrong content type."""

    code = "wrong_content_type"
    status = 415
    hint = f"Send Content-Type: {_CONTENT_TYPE}."


@resumable_uploads.after_request
def add_protocol_headers(response: Response) -> Response:
    response.headers["Tus-Resumable"] = _VERSION
    response.headers["Cache-Control"] = "no-store"
    if request.method == "OPTIONS" or response.status_code == UnsupportedVersion.status:
        response.headers["Tus-Version"] = _VERSION
        response.headers["Tus-Extension"] = _EXTENSIONS
        response.headers["Tus-Max-Size"] = str(container().settings.max_upload_bytes)
        response.headers["Tus-Checksum-Algorithm"] = ",".join(use_case.CHECKSUMS)
    return response


@resumable_uploads.post("")
@endpoint(rate_limits=("upload",))
@login_required
@resumable_uploads.doc(
    responses={201: "Created; Location is the address of the upload", 412: "Another version of the protocol", 413: "Too large"}
)
def create_upload() -> Response:
    """Begin an upload of Upload-Length bytes. Upload-Metadata: `filename`, `title`, and options of the conversion such as `formats`."""
    _check_version()
    settings = container().settings
    receiving.check_before_upload(settings, caller().user_id)
    metadata = use_case.parse_metadata(request.headers.get("Upload-Metadata", ""))
    _options(metadata)
    length = _number("Upload-Length")
    upload = ResumableUpload.create(settings, caller(), length, metadata, container().store)
    if request.content_type == _CONTENT_TYPE:
        try:
            _receive(upload, 0)
        except BaseException:  # the client gets no address to continue at
            upload.delete()
            raise
    response = _state(upload, 201)
    response.headers["Location"] = endpoint_url("resumable_uploads.append_to_upload", upload_id=upload.id)
    return response


@resumable_uploads.route("/<upload_id>", methods=["HEAD"])
@login_required
@resumable_uploads.doc(responses={200: "Upload-Offset, Upload-Length", **_DOC})
def show_upload(upload_id: str) -> Response:
    """Return how many bytes have arrived."""
    _check_version()
    upload = ResumableUpload.find(container().settings, caller(), upload_id)
    if upload.is_complete() and caller().may_write_content:  # the server was killed before it could store the recording
        with upload.lock():
            _finish(upload)
    response = _state(upload, 200)
    facts = upload.facts()
    response.headers["Upload-Length"] = str(facts.length)
    if facts.metadata:
        response.headers["Upload-Metadata"] = use_case.format_metadata(facts.metadata)
    return response


@resumable_uploads.patch("/<upload_id>")
@login_required
@resumable_uploads.doc(responses={204: "Appended; Recording-Id when it is complete", 460: "Another checksum", **_DOC})
def append_to_upload(upload_id: str) -> Response:
    """Append the body at Upload-Offset. With the last byte the recording is stored and its conversion queued."""
    _check_version()
    upload = ResumableUpload.find(container().settings, caller(), upload_id)
    if request.content_type != _CONTENT_TYPE:
        raise WrongContentType
    _receive(upload, _number("Upload-Offset"))
    return _state(upload, 204)


@resumable_uploads.post("/<upload_id>")
@login_required
@resumable_uploads.doc(responses={204: "As for the method in X-HTTP-Method-Override", 400: "It names another method", **_DOC})
def override_method(upload_id: str) -> Response:
    """Do what the method in X-HTTP-Method-Override does (HEAD, PATCH or DELETE), for clients that can send GET and POST only."""
    views = {"HEAD": show_upload, "PATCH": append_to_upload, "DELETE": delete_upload}
    ResumableUpload.find(container().settings, caller(), upload_id)
    view = views.get(request.headers.get("X-HTTP-Method-Override", "").upper())
    if view is None:
        raise errors.BadRequest("X-HTTP-Method-Override must be HEAD, PATCH or DELETE.")
    response: Response = view(upload_id)
    return response


@resumable_uploads.delete("/<upload_id>")
@login_required
@resumable_uploads.doc(responses={204: "Deleted", **_DOC})
def delete_upload(upload_id: str) -> Response:
    """End an upload and delete what has arrived; a recording that was made of it stays."""
    _check_version()
    upload = ResumableUpload.find(container().settings, caller(), upload_id)
    with upload.lock():
        upload.delete()
    return Response(status=204)


def _receive(upload: ResumableUpload, offset: int) -> None:
    settings = container().settings
    request.max_content_length = settings.max_upload_bytes
    checksum = request.headers.get("Upload-Checksum")
    with begin_upload(caller().user_id, settings.user_concurrent_uploads), upload.lock():
        upload.append(request.stream, offset, use_case.parse_checksum(checksum) if checksum else None)
        if upload.is_complete():
            _finish(upload)


def _finish(upload: ResumableUpload) -> None:
    """Make a recording of a complete upload. What can't be one is deleted. The caller holds the lock."""
    if not upload.is_complete():
        return
    components, metadata = container(), upload.facts().metadata
    if uploads.find_created(caller(), upload.recording_id) is None:  # else the server was killed after it had stored it
        try:
            uploads.create_recording(
                caller(),
                UploadRequest(
                    UploadedPart(upload.link_received_file(), metadata.get("filename") or metadata.get("name") or ""),
                    LECTURE_NOTES.name,
                    {**_options(metadata).model_dump(mode="json"), "base_url": base_url()},
                    title=metadata.get("title", ""),
                    recording_id=upload.recording_id,
                ),
                components.settings,
                components.store,
            )
        except errors.UnusableRecording:
            upload.delete()
            raise
    upload.finish(upload.recording_id)


def _state(upload: ResumableUpload, status: int) -> Response:
    facts = upload.facts()
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(upload.offset)
    response.headers["Upload-Expires"] = formatdate(upload.expires_at(container().settings), usegmt=True)
    if facts.recording_id:
        response.headers["Recording-Id"] = facts.recording_id
    return response


def _options(metadata: Mapping[str, str]) -> LectureOptions:
    """Return the options of the conversion among the metadata. Raises ValidationFailed."""
    return validate(LectureOptions, {name: value for name, value in metadata.items() if name in LectureOptions.model_fields and value})


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != _VERSION:
        raise UnsupportedVersion


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise errors.BadRequest(f"{header} must be a whole number.")
    return int(text)
