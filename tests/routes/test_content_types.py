"""Files are sent with the content type that is stored for them."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.access_matrix import create_owned_objects
from tests.conftest import User


@pytest.mark.parametrize("content_type", ["text/plain; charset=utf-8", "text/html; charset=utf-8", "application/x-subrip; charset=utf-8"])
def test_text_files_name_their_charset_once(app: Flask, user: User, content_type: str) -> None:
    from database import transaction
    from models import Artifact

    artifact_id = create_owned_objects(app, user).ids["artifact_id"]
    with app.app_context(), transaction() as writing:
        writing.get_one(Artifact, artifact_id).content_type = content_type
    path = f"/api/v1/artifacts/{artifact_id}/content"
    whole = user.get(path)
    part = user.http.get(path, headers={**user.headers, "Range": "bytes=0-1"})
    assert (whole.status_code, part.status_code) == (200, 206)
    assert [whole.headers["Content-Type"], part.headers["Content-Type"]] == [content_type] * 2
