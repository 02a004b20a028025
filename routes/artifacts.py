"""Artifacts as resources."""

from __future__ import annotations

from typing import Any

from flask import Response

from routes.caller import caller, login_required
from routes.endpoints import Blueprint
from routes.file_responses import binary_response
from routes.links import artifact_url, send_artifact
from schemas.recordings import ArtifactOut
from services.library import recordings

artifacts = Blueprint("artifacts", __name__, scope="content", tag="Artifacts")


@artifacts.get("/<artifact_id>")
@login_required
@artifacts.output(ArtifactOut)
@artifacts.doc(responses={404: "Not found"})
def show_artifact(artifact_id: str) -> Any:
    """One document: its size, hash and a link."""
    artifact = recordings.owned_artifact(caller(), artifact_id)
    return ArtifactOut.of(artifact, artifact_url(artifact))


@artifacts.get("/<artifact_id>/content")
@login_required
@artifacts.doc(responses={200: binary_response("The file"), 206: binary_response("A range of it"), 404: "Not found", 416: "No such range"})
def artifact_content(artifact_id: str) -> Response:
    """The document itself."""
    return send_artifact(recordings.owned_artifact(caller(), artifact_id), attachment=True)
