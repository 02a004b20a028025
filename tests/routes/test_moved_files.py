"""Files that move to their documented keys between the reading of their row and the response."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from database import transaction
from models import Artifact
from services.library import hidden_formats
from services.storage import keys
from tests.conftest import User

CONTENT = b"%PDF-1.7 a document"


@pytest.fixture
def recording_id(app: Flask, user: User, add_recording: Callable[..., str], tmp_path: Path) -> str:
    """Rows with the keys of a job, whose files have their documented keys already."""
    recording_id = add_recording(user, "Moved", storage_key="jobs/j/1/recording.mp4", has_poster=True)
    promoted_keys = [keys.recording(recording_id, "a.mp4")]
    with app.app_context(), transaction() as session:
        for format_name, extension in (("pdf", "pdf"), (hidden_formats.POSTER, "jpg")):
            artifact = Artifact(recording_id=recording_id, format=format_name, filename=f"a.{extension}", job_id="j", sha256="0")
            artifact.storage_key, artifact.size_bytes = f"jobs/j/1/{format_name}.{extension}", len(CONTENT)
            artifact.content_type = "application/pdf" if extension == "pdf" else "image/jpeg"
            session.add(artifact)
            promoted_keys.append(keys.document(recording_id, format_name, extension))
    for key in promoted_keys:
        (tmp_path / "part").write_bytes(CONTENT)
        app.extensions["lectern"].store.put(tmp_path / "part", key, "application/pdf")
    return recording_id


@pytest.mark.parametrize("path", ["/download/{}.pdf", "/api/v1/recordings/{}/poster", "/api/v1/recordings/{}/media"])
def test_a_file_that_has_just_moved_is_sent(user: User, recording_id: str, path: str) -> None:
    response = user.get(path.format(recording_id))
    assert (response.status_code, response.data[: len(CONTENT)]) == (200, CONTENT)
