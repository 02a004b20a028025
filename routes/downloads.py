"""Downloads: a link that opens without a header, or the file itself."""

from __future__ import annotations

from typing import Any

from flask import Response

from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import binary_response
from routes.links import artifact_id_from, artifact_url, send_artifact
from schemas.lectures import DownloadOut
from services.documents.aliases import canonical_format
from services.library import recordings

downloads = Blueprint("downloads", __name__, scope="content", tag="Lectures")


@downloads.get("/download/<name>")
@login_required
@downloads.output(DownloadOut)
@downloads.doc(responses={400: "Not ready yet", 404: "Not found"})
def download_link(name: str) -> Any:
    """A link to the PDF of recording `name` that opens without a header. `{id}.pdf` answers with the file itself."""
    recording_id, dot, suffix = name.partition(".")
    made = recordings.find_artifact(caller(), recording_id, suffix if dot else "pdf")
    if dot:
        return send_artifact(made, attachment=True)
    return DownloadOut(
        download_url=artifact_url(made), video_id=recording_id, filename=made.filename, expires_in=container().settings.signed_url_s
    )


@downloads.get("/download/<format_name>/<video_id>")
@login_required
@downloads.doc(responses={200: binary_response("The file"), 400: "Not ready yet", 404: "Not found"})
def download_file(format_name: str, video_id: str) -> Response:
    """One document of a recording, as a file."""
    made = recordings.find_artifact(caller(), video_id, canonical_format(format_name))
    return send_artifact(made, attachment=True)


@downloads.get("/files/<token>/<filename>")
@endpoint(scope="open")
@downloads.doc(responses={200: binary_response("The file"), 404: "The link has run out"})
def signed_file(token: str, filename: str) -> Response:
    """What a signed link opens."""
    return send_artifact(recordings.linked_artifact(artifact_id_from(token)), attachment=False)
