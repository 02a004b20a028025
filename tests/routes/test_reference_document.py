"""The Word template of a user: stored, shown, replaced, deleted, and the input of the jobs that write documents."""

from __future__ import annotations

import io
import zipfile

from flask import Flask
from sqlalchemy import select

from database import session
from models import UploadedFile
from services.documents.reference_document import TEMPLATES
from services.library import reference_input
from tests.conftest import User, list_stored_keys

PATH = "/api/v1/reference-document"
TEMPLATE = (TEMPLATES / "reference-letter.docx").read_bytes()


def form(content: bytes, name: str = "Our style.docx") -> dict[str, object]:
    return {"data": {"file": (io.BytesIO(content), name)}, "content_type": "multipart/form-data"}


def test_a_template_is_stored_replaced_and_deleted(user: User, stranger: User, app: Flask) -> None:
    assert user.get(PATH).json == {"document": None}
    before = user.get("/api/v1/users/me/storage").json["used_bytes"]
    response = user.http.put(PATH, headers=user.headers, **form(user.get(f"{PATH}/template?paper=letter").data))
    assert response.status_code == 200, response.text
    assert user.get(PATH).json["document"]["filename"] == response.json["filename"] == "Our style.docx"
    assert user.get("/api/v1/users/me/storage").json["used_bytes"] == before + response.json["size_bytes"]
    with zipfile.ZipFile(io.BytesIO(user.open_link(response.json["url"]).content)) as archive:
        assert "word/styles.xml" in archive.namelist()
    assert user.get("/api/v1/files").json["total"] == 0
    assert stranger.get(PATH).json == {"document": None}
    assert user.http.put(PATH, headers=user.headers, **form(TEMPLATE, "Other.docx")).status_code == 200
    with app.app_context():
        [row] = session().execute(select(UploadedFile)).scalars()
        [reference] = reference_input.inputs_for(row.user_id)
        assert (reference.storage_key, row.filename) == (row.storage_key, "Other.docx")
        assert [key for key in list_stored_keys(app) if key.startswith("files/")] == [row.storage_key]
        assert reference_input.inputs_for("nobody") == []
    assert user.delete(PATH).status_code == 200
    assert user.delete(PATH).status_code == 404
    assert user.get(PATH).json == {"document": None}
    assert list_stored_keys(app) == []


def test_other_files_are_refused_and_leave_the_template(user: User, app: Flask) -> None:
    assert user.http.put(PATH, headers=user.headers, **form(TEMPLATE)).status_code == 200
    response = user.http.put(PATH, headers=user.headers, **form(b"%PDF-1.7"))
    assert (response.status_code, response.json["code"]) == (422, "unusable_reference_document")
    assert user.http.put(PATH, headers=user.headers, data={}, content_type="multipart/form-data").json["code"] == "no_file"
    assert user.get(PATH).json["document"]["filename"] == "Our style.docx"
    assert len(list_stored_keys(app)) == 1
