"""Documents of recordings as resources."""

from __future__ import annotations

from typing import Any

from flask import Response

from routes.caller import caller, login_required
from routes.endpoints import Blueprint
from routes.file_responses import InlineQuery, binary_response, send_artifact
from routes.urls import artifact_url
from schemas.recordings import ArtifactOut
from services.library import recordings

artifacts = Blueprint("artifacts", __name__, scope="content", tag="Artifacts")


@artifacts.get("/<artifact_id>")
@login_required
@artifacts.output(ArtifactOut)
@artifacts.doc(responses={404: "Not found"})
def show_artifact(artifact_id: str) -> Any:
    """Show a document: size, hash and link."""
    artifact = recordings.get_artifact(caller(), artifact_id)
    return ArtifactOut.of(artifact, artifact_url(artifact))


@artifacts.get("/<artifact_id>/content")
@login_required
@artifacts.input(InlineQuery, location="query")
@artifacts.doc(
    responses={
        200: binary_response("The file"),
        206: binary_response("The requested range"),
        404: "Not found",
        416: "Range not satisfiable",
    }
)
def artifact_content(artifact_id: str, query_data: InlineQuery) -> Response:
    """Download a document."""
    return send_artifact(recordings.get_artifact(caller(), artifact_id), query_data)
