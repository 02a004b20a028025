"""Downloads: signed links and files."""

from __future__ import annotations

from typing import Any

from flask import Response

from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import binary_response, send_artifact
from routes.links import artifact_url, linked_artifact
from schemas.lectures import DownloadOut
from services.documents.aliases import canonical_format
from services.library import recordings

downloads = Blueprint("downloads", __name__, scope="content", tag="Lectures")


@downloads.get("/download/<name>")
@login_required
@downloads.output(DownloadOut)
@downloads.doc(responses={400: "Not ready yet", 404: "Not found"})
def download_link(name: str) -> Any:
    """Return a link to the PDF of recording `name` that needs no header; `{id}.pdf` returns the file itself."""
    recording_id, dot, suffix = name.partition(".")
    artifact = recordings.find_artifact(caller(), recording_id, suffix if dot else "pdf")
    if dot:
        return send_artifact(artifact, attachment=True)
    return DownloadOut(
        download_url=artifact_url(artifact), video_id=recording_id, filename=artifact.filename, expires_in=container().settings.signed_url_s
    )


@downloads.get("/download/<format_name>/<video_id>")
@login_required
@downloads.doc(responses={200: binary_response("The file"), 400: "Not ready yet", 404: "Not found"})
def download_file(format_name: str, video_id: str) -> Response:
    """Download a document of a recording."""
    return send_artifact(recordings.find_artifact(caller(), video_id, canonical_format(format_name)), attachment=True)


@downloads.get("/files/<token>/<filename>")
@endpoint(scope="open")
@downloads.doc(responses={200: binary_response("The file"), 404: "The link has expired"})
def signed_file(token: str, filename: str) -> Response:
    """Download the document of a signed link."""
    return send_artifact(linked_artifact(token), attachment=False)
