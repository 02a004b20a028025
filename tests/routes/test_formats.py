"""The list of document formats."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask import Flask

from pipelines.document_rendering import DOCUMENT_RENDERING
from pipelines.lecture_notes import LECTURE_NOTES
from schemas.options import DocumentOptions
from services.documents import FORMATS
from tests.conftest import SAMPLES, User


def test_the_list_contains_every_registered_format(app: Flask) -> None:
    formats = app.test_client().get("/api/v1/formats").json["formats"]
    assert [item["name"] for item in formats] == list(FORMATS)
    assert all(item["label"] and item["description"] and item["content_type"] for item in formats)
    assert {item["name"]: item["extension"] for item in formats}["md"] == "md.zip"


def test_every_format_is_on_every_surface(app: Flask) -> None:
    """Whoever registers a format changes nothing else; docs/howto/add-an-output-format.md runs this test with a new one."""
    document = app.test_client().get("/openapi.json").text
    help_text = "".join(app.test_cli_runner().invoke(args=["convert", "--help"]).output.split())  # lines may break inside a word
    assert help_text.partition("Formatsofthedocuments")[2].partition("[default:")[2].startswith(",".join(FORMATS))
    for name in FORMATS:
        assert document.count(f'"{name}"') > 1, "the options of conversions and of rendering again name it"
        assert DocumentOptions(formats=name).formats == (name,)  # type: ignore[arg-type]
        for pipeline in (LECTURE_NOTES, DOCUMENT_RENDERING):
            stage = next(stage for stage in pipeline.stages if stage.name == f"document_{name}")
            assert stage.when({"formats": [name]}) and not stage.when({"formats": []})
            assert [each.name for each in pipeline.outputs({"formats": [name]})][:1] == [name]


@pytest.mark.usefixtures("cached_stages")
def test_all_documents_come_as_one_zip(user: User, stranger: User, tiny_subtitles: bytes) -> None:
    upload = user.upload(
        SAMPLES / "tiny.m4a", subtitles=(io.BytesIO(tiny_subtitles), "subtitles.srt"), title="Böse: Keys/Tables", formats="txt,srt,md"
    )
    path = f"/api/v1/recordings/{upload.json['video_id']}/documents.zip"
    user.wait(upload.json["video_id"])
    response = user.get(path)
    assert response.content_type == "application/zip" and "B%C3%B6se" in response.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        assert archive.testzip() is None
        assert sorted(name.partition(".")[2] for name in archive.namelist()) == ["md.zip", "srt", "txt"]
        assert b"-->" in archive.read(next(name for name in archive.namelist() if name.endswith("srt")))
    assert stranger.get(path).status_code == 404
