"""Downloads: signed links and files."""

from __future__ import annotations

from typing import Any

from flask import Response

import errors
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import InlineQuery, binary_response, send_artifact, send_markdown, send_recording
from routes.urls import artifact_of_token, artifact_url
from schemas.lectures import DownloadOut
from services.documents import FORMATS
from services.documents.aliases import canonical_format
from services.library import recordings
from services.scripts import renders

downloads = Blueprint("downloads", __name__, scope="content", tag="Lectures")


@downloads.get("/download/<name>")
@login_required
@downloads.input(InlineQuery, location="query")
@downloads.output(DownloadOut)
@downloads.doc(responses={400: "Not ready yet", 404: "Not found"})
def download_link(name: str, query_data: InlineQuery) -> Any:
    """Return a link to the PDF of recording `name` that needs no header; `{id}.pdf` and the name of a rendered video return the file."""
    if renders.is_video_name(name):
        return send_recording(renders.get_video(caller(), name), attachment=True)
    recording_id, dot, suffix = name.partition(".")
    artifact = recordings.find_artifact(caller(), recording_id, suffix if dot else "pdf")
    if dot:
        return send_artifact(artifact, query_data)
    url = artifact_url(artifact, inline=query_data.inline)
    return DownloadOut(download_url=url, video_id=recording_id, filename=artifact.filename, expires_in=container().settings.signed_url_s)


@downloads.get("/download/<format_name>/<video_id>")
@login_required
@downloads.input(InlineQuery, location="query")
@downloads.doc(responses={200: binary_response("The file"), 400: "Not ready yet, or an unknown format", 404: "Not found"})
def download_file(format_name: str, video_id: str, query_data: InlineQuery) -> Response:
    """Download a document of a recording; `md` is the text without its pictures. `/download/{user_id}/{id}.pdf` is a path of its PDF."""
    if video_id.endswith(".pdf"):
        artifact = recordings.find_artifact(caller(), video_id.removesuffix(".pdf"), "pdf")
        if recordings.get_owned(caller(), artifact.recording_id).user_id != format_name:
            raise errors.NotFound("recording")
        return send_artifact(artifact, query_data)
    name = canonical_format(format_name)
    if name not in FORMATS:
        recordings.get_owned(caller(), video_id)
        raise UnknownFormat
    artifact = recordings.find_artifact(caller(), video_id, name)
    return send_markdown(artifact) if name == "md" else send_artifact(artifact, query_data)


class UnknownFormat(errors.BadRequest):
    """There is no such document format."""

    code = "unknown_format"
    hint = "GET /api/v1/formats lists the formats."


@downloads.get("/files/<token>/<filename>")
@endpoint(scope="open")
@downloads.input(InlineQuery, location="query")
@downloads.doc(responses={200: binary_response("The file"), 404: "The link has expired"})
def signed_file(token: str, filename: str, query_data: InlineQuery) -> Response:
    """Download the document of a signed link."""
    return send_artifact(artifact_of_token(token), query_data)
