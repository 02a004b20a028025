"""Artifacts as resources."""

from __future__ import annotations

import contextlib
from typing import Any

from flask import Response

import errors
from database import session
from models import Artifact
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
    made = _owned(artifact_id)
    return ArtifactOut.of(made, artifact_url(made))


@artifacts.get("/<artifact_id>/content")
@login_required
@artifacts.doc(responses={200: binary_response("The file"), 206: binary_response("A range of it"), 404: "Not found", 416: "No such range"})
def artifact_content(artifact_id: str) -> Response:
    """The document itself."""
    return send_artifact(_owned(artifact_id), attachment=True)


def _owned(artifact_id: str) -> Artifact:
    made = session().get(Artifact, artifact_id)
    with contextlib.suppress(errors.NotFound):  # of the recording: said in the same words as that there is no such document
        if made is not None and recordings.owned(caller(), made.recording_id):
            return made
    raise errors.NotFound("artifact")
