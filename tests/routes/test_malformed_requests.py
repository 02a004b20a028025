"""Malformed requests are refused with a code and a hint, and crash nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from bench.adversarial.case import multipart
from config import Settings
from tests.conftest import User, list_files

_JSON = {"content_type": "application/json"}


def assert_refused(response: TestResponse, status: int, code: str) -> None:
    assert (response.status_code, response.json["code"]) == (status, code), response.text
    assert response.json["hint"]
    assert response.json["error"] == response.json["message"]
    assert (response.json["success"], response.json["status_code"]) == (False, status)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 990 + b"1" + b"}" * 990,
        b'{"email": "\xff\xfe"}',
        b'{"email": "a@',
        b" ",
        b'{"email": "a\\u0000@example.org", "password": "correct horse"}',
        b'{"email": "a@example.org", "password": "\\ud800correct horse"}',
        b'{"email": ' + b"9" * 10_000 + b"}",
        b"null",
        b"[]",
    ],
    ids=["deep list", "deep object", "not UTF-8", "cut", "a space", "NUL", "half a pair", "a long number", "null", "a list"],
)
@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/assemble-file"])
def test_malformed_json_is_refused(user: User, body: bytes, path: str) -> None:
    response = user.post(path, data=body, **_JSON)
    if response.json["code"] != "validation_failed":  # well-formed JSON is validated instead
        assert_refused(response, 400, "malformed_json")


def test_json_other_than_an_object_is_refused(user: User) -> None:
    """Also where every field is optional."""
    for body in (b"null", b"[]", b'"text"', b"1"):
        assert_refused(
            user.http.put("/api/v1/users/me", data=body, headers=user.headers, content_type="application/json"), 400, "malformed_json"
        )
    assert user.http.put("/api/v1/users/me", data=b"{}", headers=user.headers, content_type="application/json").status_code == 200


def test_the_sentence_names_fields_as_the_client_sent_them(user: User) -> None:
    sentences = [
        user.post("/api/v1/projects", json={}).json["message"],
        user.post("/api/v1/credits/quote", json={}).json["message"],
        user.get("/api/v1/projects?limit=x").json["message"],
    ]
    assert [each.removeprefix("Some fields are missing or invalid. ").partition(": ")[0] for each in sentences] == [
        *("name or title is required", "kind", "limit")
    ]


def test_nul_and_invalid_utf8_in_urls_are_refused(user: User) -> None:
    for path in ("/status/a%00b", "/download/pdf/a%00b", "/api/v1/jobs/%00", "/list?page=%00"):
        assert_refused(user.get(path), 400, "bad_request")
    for path in ("/status/%ff%fe", "/api/v1/artifacts/%80", "/api/v1/recordings/%f0%9f%8e%93"):
        assert_refused(user.get(path), 404, "not_found")


def test_unknown_urls_and_methods_are_refused(user: User) -> None:
    assert_refused(user.get("/nowhere"), 404, "not_found")
    assert_refused(user.http.put("/list", headers=user.headers), 405, "method_not_allowed")


def test_oversized_forms_are_refused(user: User) -> None:
    form = {"content_type": "multipart/form-data; boundary=b"}
    assert_refused(user.post("/upload", data=multipart([("title", None, b"t" * 1_000_000)], "b"), **form), 413, "body_too_large")
    assert_refused(user.post("/upload", data=multipart([("field", None, b"x")] * 2000, "b"), **form), 413, "body_too_large")
    assert_refused(user.post("/api/v1/auth/login", data=b"x" * (3 * 2**20), **_JSON), 413, "body_too_large")
    assert_refused(user.post("/upload", data={"title": "a\0b"}, content_type="multipart/form-data"), 400, "bad_request")


def test_a_truncated_body_is_refused(user: User, tiny: Path) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    form = {"content_type": "multipart/form-data; boundary=b", "environ_overrides": {"CONTENT_LENGTH": "500000"}}
    assert_refused(user.post("/upload", data=head + tiny.read_bytes()[:50_000], **form), 400, "cut_short")


@pytest.mark.parametrize("field", ["file", "chunk", "title"])
def test_a_form_without_closing_boundary_is_refused(user: User, settings: Settings, field: str) -> None:
    """Content-Length matches the bytes, so only the missing boundary shows the truncation."""
    body = multipart([(field, None if field == "title" else "a.mp4", b"x" * 5000)], "b")
    path = "/upload-chunk" if field == "chunk" else "/upload"
    for length in (len(body) - 6, len(body) // 2, 30):  # within the boundary, the content, the part's headers
        assert_refused(user.post(path, data=body[:length], content_type="multipart/form-data; boundary=b"), 400, "cut_short")
    assert list_files(settings.data_dir / "incoming") == []


def test_malformed_forms_are_refused(user: User) -> None:
    body = multipart([("file", "a.mp4", b"x" * 5000)], "b")
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=other", "multipart/form-data; boundary=é"):
        response = user.post("/upload", data=body, content_type=content_type)
        assert_refused(response, 400, "bad_request")
        assert "boundary" in response.json["message"]
    nameless = (b'form-data; name="a\\"', b'form-data; filename="f"', b"form-data")
    for head in (b"X-Odd: y", *(b"Content-Disposition: " + header for header in nameless)):
        form = b"--b\r\n" + head + b"\r\n\r\nx\r\n--b--\r\n"
        response = user.post("/upload", data=form, content_type="multipart/form-data; boundary=b")
        assert_refused(response, 400, "bad_request")
        assert "Content-Disposition" in response.json["message"]
    assert_refused(user.post("/upload", data=b"", content_type="multipart/form-data; boundary=b"), 400, "no_file")


def test_an_unsupported_language_is_refused_at_upload(user: User, tiny: Path, tiny_subtitles: bytes) -> None:
    for language in ("xx", "tlh"):
        assert_refused(user.upload(tiny, language=language), 422, "unknown_language")
    assert user.get("/list").json["total"] == 0
    response = user.upload(tiny, language="eo", formats="txt", subtitles=(io.BytesIO(tiny_subtitles), "subtitles.srt"))
    assert response.status_code == 200, response.text  # subtitles need no recognition
    assert user.wait(response.json["video_id"])["status"] == "completed"


def test_an_english_only_model_refuses_other_languages(
    user: User, settings: Settings, tiny: Path, tiny_subtitles: bytes, tmp_path: Path
) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).touch()
    (tmp_path / "vocabulary.txt").write_text("word\n" * 51_864)  # like tiny.en
    settings.speech_model_folder = tmp_path
    response = user.upload(tiny, language="ko")
    assert_refused(response, 422, "unknown_language")
    assert "English only" in response.json["message"]
    response = user.upload(tiny, language="ko", formats="txt", subtitles=(io.BytesIO(tiny_subtitles), "subtitles.srt"))
    assert user.wait(response.json["video_id"])["status"] == "completed"  # subtitles need no recognition


def test_titles_become_one_line_without_control_characters(user: User, tiny: Path, tiny_subtitles: bytes) -> None:
    fields = {
        "formats": "txt,docx",
        "title": "\u202eGraph\x1b[31m\n theory\x01\u2069 3 ",
        "subtitles": (io.BytesIO(tiny_subtitles), "subtitles.srt"),
    }
    recording = user.upload(tiny, **fields).json["video_id"]
    assert user.wait(recording)["title"] == "Graph[31m theory 3"
    path = f"/api/v1/recordings/{recording}"
    assert user.http.patch(path, headers=user.headers, json={"title": "Trees\r\n\x07 4"}).json["title"] == "Trees 4"
    assert user.http.patch(path, headers=user.headers, json={"title": "\x01\n"}).status_code == 422
