"""Requests that no good client sends: each is refused by name, with a hint, and none crashes anything."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from bench.adversarial.case import multipart
from config import Settings
from tests.conftest import User, list_files

_JSON = {"content_type": "application/json"}


def refused(answer: TestResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert answer.json["hint"]
    assert answer.json["error"] == answer.json["message"]
    assert (answer.json["success"], answer.json["status_code"]) == (False, status)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 990 + b"1" + b"}" * 990,
        b'{"email": "\xff\xfe"}',
        b'{"email": "a@',
        b"",
        b'{"email": "a\\u0000@example.org", "password": "correct horse"}',
        b'{"email": "a@example.org", "password": "\\ud800correct horse"}',
        b'{"email": ' + b"9" * 10_000 + b"}",
        b"null",
        b"[]",
    ],
    ids=["deep list", "deep object", "not UTF-8", "cut", "empty", "NUL", "half a pair", "a long number", "null", "a list"],
)
@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/assemble-file"])
def test_json_that_cannot_be_read(user: User, body: bytes, path: str) -> None:
    answer = user.post(path, data=body, **_JSON)
    if answer.json["code"] != "validation_failed":  # what can be read is looked at for its content
        refused(answer, 400, "malformed_json")


def test_null_is_no_empty_object(user: User) -> None:
    """Where everything may be left out, too."""
    for body in (b"null", b"[]", b'"text"', b"1"):
        refused(user.http.put("/api/v1/users/me", data=body, headers=user.headers, content_type="application/json"), 400, "malformed_json")
    assert user.http.put("/api/v1/users/me", data=b"{}", headers=user.headers, content_type="application/json").status_code == 200


def test_signs_that_no_table_holds(user: User) -> None:
    for path in ("/status/a%00b", "/download/pdf/a%00b", "/api/v1/jobs/%00", "/list?page=%00"):
        refused(user.get(path), 400, "bad_request")
    for path in ("/status/%ff%fe", "/api/v1/artifacts/%80", "/api/v1/recordings/%f0%9f%8e%93"):
        refused(user.get(path), 404, "not_found")


def test_addresses_and_methods_that_there_are_not(user: User) -> None:
    refused(user.get("/nowhere"), 404, "not_found")
    refused(user.http.put("/list", headers=user.headers), 405, "method_not_allowed")


def test_forms_that_are_too_much(user: User) -> None:
    form = {"content_type": "multipart/form-data; boundary=b"}
    refused(user.post("/upload", data=multipart([("title", None, b"t" * 1_000_000)], "b"), **form), 413, "body_too_large")
    refused(user.post("/upload", data=multipart([("field", None, b"x")] * 2000, "b"), **form), 413, "body_too_large")
    refused(user.post("/api/v1/auth/login", data=b"x" * (3 * 2**20), **_JSON), 413, "body_too_large")
    refused(user.post("/upload", data={"title": "a\0b"}, content_type="multipart/form-data"), 400, "bad_request")


def test_a_body_that_breaks_off(user: User, tiny: Path) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    form = {"content_type": "multipart/form-data; boundary=b", "environ_overrides": {"CONTENT_LENGTH": "500000"}}
    refused(user.post("/upload", data=head + tiny.read_bytes()[:50_000], **form), 400, "cut_short")


@pytest.mark.parametrize("field", ["file", "chunk", "title"])
def test_a_form_without_its_end_was_cut(user: User, settings: Settings, field: str) -> None:
    """Its sender counted the bytes that are there, so only the missing closing boundary tells."""
    whole = multipart([(field, None if field == "title" else "a.mp4", b"x" * 5000)], "b")
    path = "/upload-chunk" if field == "chunk" else "/upload"
    for length in (len(whole) - 6, len(whole) // 2, 30):  # in the boundary, in the content, in the part's head
        refused(user.post(path, data=whole[:length], content_type="multipart/form-data; boundary=b"), 400, "cut_short")
    assert list_files(settings.data_dir / "incoming") == []


def test_forms_that_cannot_be_read(user: User) -> None:
    whole = multipart([("file", "a.mp4", b"x" * 5000)], "b")
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=other", "multipart/form-data; boundary=é"):
        answer = user.post("/upload", data=whole, content_type=content_type)
        refused(answer, 400, "bad_request")
        assert "boundary" in answer.json["message"]
    nameless = (b'form-data; name="a\\"', b'form-data; filename="f"', b"form-data")
    for head in (b"X-Odd: y", *(b"Content-Disposition: " + said for said in nameless)):
        sent = b"--b\r\n" + head + b"\r\n\r\nx\r\n--b--\r\n"
        answer = user.post("/upload", data=sent, content_type="multipart/form-data; boundary=b")
        refused(answer, 400, "bad_request")
        assert "Content-Disposition" in answer.json["message"]
    refused(user.post("/upload", data=b"", content_type="multipart/form-data; boundary=b"), 400, "no_file")


def test_a_language_that_nobody_hears_is_refused_at_once(user: User, tiny: Path, tiny_subtitles: bytes) -> None:
    for language in ("xx", "tlh"):
        refused(user.upload(tiny, language=language), 422, "unknown_language")
    assert user.get("/list").json["total"] == 0
    answer = user.upload(tiny, language="eo", formats="txt", subtitles=(io.BytesIO(tiny_subtitles), "given.srt"))
    assert answer.status_code == 200, answer.text  # nothing is to be recognised
    assert user.wait(answer.json["video_id"])["status"] == "completed"


def test_weights_that_know_english_alone_refuse_other_languages(
    user: User, settings: Settings, tiny: Path, tiny_subtitles: bytes, tmp_path: Path
) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).touch()
    (tmp_path / "vocabulary.txt").write_text("word\n" * 51_864)  # as tiny.en has them
    settings.speech_model_folder = tmp_path
    answer = user.upload(tiny, language="ko")
    refused(answer, 422, "unknown_language")
    assert "English only" in answer.json["message"]
    answer = user.upload(tiny, language="ko", formats="txt", subtitles=(io.BytesIO(tiny_subtitles), "given.srt"))
    assert user.wait(answer.json["video_id"])["status"] == "completed"  # nothing is to be recognised


def test_titles_are_one_clean_line(user: User, tiny: Path, tiny_subtitles: bytes) -> None:
    given = {
        "formats": "txt,docx",
        "title": "\u202eGraph\x1b[31m\n theory\x01\u2069 3 ",
        "subtitles": (io.BytesIO(tiny_subtitles), "given.srt"),
    }
    recording = user.upload(tiny, **given).json["video_id"]
    assert user.wait(recording)["title"] == "Graph[31m theory 3"
    path = f"/api/v1/recordings/{recording}"
    assert user.http.patch(path, headers=user.headers, json={"title": "Trees\r\n\x07 4"}).json["title"] == "Trees 4"
    assert user.http.patch(path, headers=user.headers, json={"title": "\x01\n"}).status_code == 422
