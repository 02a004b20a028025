"""From upload to documents, over HTTP, with a real recording."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader

from config import Settings
from services.documents import FORMATS
from tests.conftest import SAMPLES, User, list_files, list_stored_keys

pytestmark = pytest.mark.slow("converts a recording with every stage")


def normalized_words(text: str) -> str:
    """Return lower-case words without punctuation."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


@pytest.fixture
def finished_lecture(user: User, tiny: Path, tiny_subtitles: bytes) -> str:
    """A converted recording with some documents; subtitles replace the slow speech recognition."""
    return convert(user, tiny, tiny_subtitles, "pdf,json")


@pytest.fixture
def finished_with_all(user: User, tiny: Path, tiny_subtitles: bytes) -> str:
    return convert(user, tiny, tiny_subtitles, ",".join(FORMATS))


def convert(user: User, recording: Path, subtitles: bytes, formats: str) -> str:
    part = (io.BytesIO(subtitles), "tiny.srt")
    response = user.upload(recording, title="A tiny lecture", language="en", subtitles=part, formats=formats)
    assert response.status_code == 200, response.text
    assert user.wait(response.json["video_id"])["status"] == "completed"
    return str(response.json["video_id"])


def test_speech_is_recognised_and_every_format_is_made(user: User, tiny: Path) -> None:
    upload = user.upload(tiny, title="A tiny lecture", formats=None).json
    assert upload["s3_key"] == f"videos/{upload['video_id']}/tiny.mp4"
    status = user.wait(upload["video_id"])
    assert status["status"] == "completed", status
    assert (status["progress"], status["progress_percent"], status["error"]) == (100, 100, None)
    assert set(status["downloads"]) == set(FORMATS)
    truth = json.loads((SAMPLES / "tiny.truth.json").read_text())
    notes = json.loads(user.open_link(status["downloads"]["json"]).content)
    starts = [slide["visits"][0]["time"]["start_s"] for slide in notes["slides"]]
    assert starts == pytest.approx([slide["start"] for slide in truth["slides"]], abs=0.5)
    spoken_words = normalized_words(" ".join(each["text"] for each in truth["speech"])).split()
    words = normalized_words(user.open_link(status["downloads"]["txt"]).content.decode()).split()
    assert len(set(spoken_words) & set(words)) > 0.8 * len(set(spoken_words))


def test_uploaded_subtitles_are_used_word_for_word(user: User, finished_lecture: str) -> None:
    truth = json.loads((SAMPLES / "tiny.truth.json").read_text())
    notes = user.get(f"/download/json/{finished_lecture}").json
    assert notes["speech_source"] == "subtitles"
    words_of_visits = [
        [word["text"] for each in visit["paragraphs"] for word in each["words"]] for slide in notes["slides"] for visit in slide["visits"]
    ]
    assert normalized_words("".join(word for words in words_of_visits for word in words)) == normalized_words(
        " ".join(each["text"] for each in truth["speech"])
    )
    assert all(words_of_visits)
    status = user.get(f"/status/{finished_lecture}").json
    assert status["warnings"][: len(notes["quality"]["reasons"])] == notes["quality"]["reasons"] == status["metrics"]["quality"]["reasons"]


def test_downloads_by_link_by_format_and_as_artifacts(user: User, finished_with_all: str) -> None:
    response = user.get(f"/download/{finished_with_all}").json
    document = user.open_link(response["download_url"])
    pdf = user.get(f"/download/{finished_with_all}.pdf").data
    disposition = document.headers["Content-Disposition"]
    assert disposition.startswith("attachment") and "A%20tiny%20lecture.pdf" in disposition
    assert_shown_inline_only_on_request(user, finished_with_all)
    assert len(PdfReader(io.BytesIO(pdf)).pages) >= 2
    assert user.get(f"/download/pdf/{finished_with_all}").data == pdf
    assert document.content == pdf
    assert user.get(f"/download/word/{finished_with_all}").data == user.get(f"/download/docx/{finished_with_all}").data
    for byte_range, expected in (("bytes=-5", pdf[-5:]), ("bytes=10-19", pdf[10:20])):
        part = user.http.get(f"/download/{finished_with_all}.pdf", headers={**user.headers, "Range": byte_range})
        assert (part.status_code, part.data) == (206, expected)
    assert user.http.get(f"/download/{finished_with_all}.pdf", headers={**user.headers, "Range": "bytes=99999999-"}).status_code == 416
    artifacts = user.get(f"/api/v1/recordings/{finished_with_all}/artifacts").json["artifacts"]
    assert {artifact["format"] for artifact in artifacts} == set(FORMATS)
    for artifact in artifacts:
        content = user.get(f"/api/v1/artifacts/{artifact['id']}/content").data
        assert hashlib.sha256(content).hexdigest() == artifact["sha256"]
        assert len(content) == artifact["size_bytes"]
    keys = {artifact["format"]: artifact["storage_key"] for artifact in artifacts}
    assert keys["pdf"] == f"pdfs/{finished_with_all}.pdf"
    assert keys["srt"] == f"subtitles/{finished_with_all}.srt"
    artifact_id = next(artifact["id"] for artifact in artifacts if artifact["format"] == "md")
    with zipfile.ZipFile(io.BytesIO(user.get(f"/api/v1/artifacts/{artifact_id}/content").data)) as archive:
        assert user.get(f"/download/md/{finished_with_all}").data == archive.read("notes.md")


def assert_shown_inline_only_on_request(user: User, video_id: str) -> None:
    """Every address of a document sends an attachment, so that it does not replace the page that links to it, unless `inline` is set."""
    artifact = next(each for each in user.get(f"/api/v1/recordings/{video_id}/artifacts").json["artifacts"] if each["format"] == "pdf")
    for path in (f"/download/{video_id}.pdf", f"/download/pdf/{video_id}", f"/api/v1/artifacts/{artifact['id']}/content"):
        assert user.get(path).headers["Content-Disposition"].startswith("attachment"), path
        assert user.get(f"{path}?inline=1").headers["Content-Disposition"].startswith("inline"), path
    status = user.get(f"/status/{video_id}").json
    for url in (artifact["url"], status["pdf_url"], *status["downloads"].values()):
        assert user.open_link(url).headers["Content-Disposition"].startswith("attachment"), url
    link = user.get(f"/download/{video_id}?inline=1").json["download_url"]
    assert user.open_link(link).headers["Content-Disposition"].startswith("inline")


def test_links_expire_and_cannot_be_forged(app: Flask, user: User, finished_lecture: str) -> None:
    url = user.get(f"/download/{finished_lecture}").json["download_url"]
    if app.extensions["lectern"].settings.uses_s3:
        return  # the store signs its own links
    head, token, name = url.rsplit("/", 2)
    assert user.http.get(f"{head}/{token[:-2]}xx/{name}").status_code == 404
    app.extensions["lectern"].settings.signed_url_s = -1
    assert user.http.get(url).status_code == 404


def test_recordings_are_listed_in_pages(user: User, stranger: User, admin: User, finished_lecture: str) -> None:
    listing = user.get("/list").json
    assert [(row["video_id"], row["status"], row["title"]) for row in listing["videos"]] == [
        (finished_lecture, "completed", "A tiny lecture")
    ]
    assert (listing["total"], listing["videos"][0]["user_email"]) == (1, user.email)
    assert stranger.get("/list").json["videos"] == []
    assert stranger.get("/list?all=1").status_code == 403
    for query, listed_ids in (("?all=1", [finished_lecture]), ("", [finished_lecture]), ("?mine=1", [])):
        assert [row["video_id"] for row in admin.get(f"/list{query}").json["videos"]] == listed_ids
    assert "charset=utf-8; charset" not in user.get(f"/download/txt/{finished_lecture}").headers["Content-Type"]
    assert listing["videos"][0]["cancelled"] is False and listing["videos"][0]["cancelled_by"] is None
    assert [row["id"] for row in admin.get("/admin/videos").json] == [finished_lecture]
    page = user.get("/api/v1/recordings?limit=1&page=1")
    assert page.headers["X-Total-Count"] == "1"
    assert 'rel="last"' in page.headers["Link"]
    assert user.get("/list?limit=0").status_code == 422


def test_other_users_and_anonymous_clients_are_refused(stranger: User, finished_lecture: str) -> None:
    paths = [f"/status/{finished_lecture}", f"/download/{finished_lecture}", f"/download/pdf/{finished_lecture}"]
    paths += [f"/api/v1/recordings/{finished_lecture}{tail}" for tail in ("", "/media", "/artifacts")]
    for path in paths:
        assert stranger.get(path).status_code == 404
        assert stranger.http.get(path).status_code == 401
    assert stranger.delete(f"/videos/{finished_lecture}").status_code == 404
    assert stranger.post(f"/api/v1/recordings/{finished_lecture}/jobs", json={}).status_code == 404


def test_deleting_removes_rows_and_files(app: Flask, user: User, settings: Settings, finished_lecture: str) -> None:
    assert list_stored_keys(app)
    assert user.delete(f"/api/v1/recordings/{finished_lecture}?permanent=true").status_code == 200
    assert list_stored_keys(app) == []
    assert list_files(settings.data_dir / "incoming") == []
    assert user.get("/list").json["total"] == 0
    assert user.get("/api/v1/jobs").json["total"] == 0
    assert user.delete(f"/videos/{finished_lecture}").status_code == 404


def test_another_format_repeats_only_the_stages_it_needs(user: User, finished_with_all: str) -> None:
    assert user.post(f"/api/v1/recordings/{finished_with_all}/jobs", json={"formats": ["nonsense"]}).status_code == 422
    job = user.post(f"/api/v1/recordings/{finished_with_all}/jobs", json={"language": "en", "formats": ["pdf"], "paper": "letter"}).json
    user.wait(finished_with_all)
    job = user.get(f"/api/v1/jobs/{job['id']}").json
    assert job["state"] == "succeeded", job["error"]
    was_resumed = {name: stage["resumed"] for name, stage in job["metrics"]["stages"].items()}
    assert was_resumed["slides"] and was_resumed["ocr"]
    assert not was_resumed["document_pdf"]
    assert {artifact["format"] for artifact in user.get(f"/api/v1/recordings/{finished_with_all}/artifacts").json["artifacts"]} == set(
        FORMATS
    )


def test_a_recording_has_media_events_and_a_title(user: User, finished_lecture: str) -> None:
    response = user.get(f"/api/v1/recordings/{finished_lecture}").json
    assert response["media"]["video"]["width"] > 0
    assert response["sha256"] == hashlib.sha256((SAMPLES / "tiny.mp4").read_bytes()).hexdigest()
    events = user.get(f"/api/v1/jobs/{response['job']['id']}/events").json["events"]
    assert [events[0]["kind"], events[-1]["kind"]] == ["queued", "succeeded"]
    media = user.get(f"/api/v1/recordings/{finished_lecture}/media", query_string={})
    assert hashlib.sha256(media.data).hexdigest() == response["sha256"]
    response = user.http.patch(f"/api/v1/recordings/{finished_lecture}", json={"title": "Renamed"}, headers=user.headers)
    assert response.json["title"] == "Renamed"


def test_audio_alone_gives_a_transcript(user: User, tiny_subtitles: bytes) -> None:
    upload = user.upload(SAMPLES / "tiny.m4a", formats="pdf", language="en", subtitles=(io.BytesIO(tiny_subtitles), "t.srt")).json
    status = user.wait(upload["video_id"])
    assert status["status"] == "completed", status
    assert status["metrics"]["slides"] == 0
    assert status["metrics"]["words"] > 10
    assert user.get(f"/download/{upload['video_id']}.pdf").data.startswith(b"%PDF")
