"""Titles: a given one, else that of the first slide, else the name that the client sent."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from pypdf import PdfReader

from pipelines.registry import PIPELINES
from services.storage.keys import title_as_filename, without_extension
from tests.conftest import SAMPLES, User, list_stored_keys
from tests.waiting import wait_for


def send(user: User, name: str, subtitles: bytes, recording: str = "tiny.m4a", **fields: str) -> str:
    part = (io.BytesIO(subtitles), "tiny.srt")
    response = user.upload((SAMPLES / recording).read_bytes(), name, subtitles=part, **fields)
    assert response.status_code == 200, response.text
    assert user.wait(response.json["video_id"])["status"] == "completed"
    return str(response.json["video_id"])


def show(user: User, recording_id: str) -> dict[str, Any]:
    recording: dict[str, Any] = user.get(f"/api/v1/recordings/{recording_id}").json
    return recording


def rename(user: User, recording_id: str, title: str) -> None:
    response = user.http.patch(f"/api/v1/recordings/{recording_id}", json={"title": title}, headers=user.headers)
    assert response.json["title"] == title


def download_name(user: User, path: str) -> str:
    disposition = user.get(path).headers["Content-Disposition"]
    return unquote(disposition.partition("filename*=UTF-8''")[2])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("L'algèbre linéaire.m4a", "L'algèbre linéaire"),
        ("C# basics & R#2.m4a", "C# basics & R#2"),
        ("Don't panic (50%).m4a", "Don't panic (50%)"),
        ("نمی\u200cدانم.m4a", "نمی\u200cدانم"),
        ("Lecture 3.5", "Lecture 3.5"),
    ],
)
def test_a_recording_without_slides_has_the_name_that_was_sent(user: User, tiny_subtitles: bytes, name: str, title: str) -> None:
    recording_id = send(user, name, tiny_subtitles)
    assert show(user, recording_id)["title"] == title
    assert user.get(f"/download/txt/{recording_id}").text.startswith(title)
    assert download_name(user, f"/download/txt/{recording_id}") == f"{title}.txt"


def test_the_title_of_the_first_slide_is_taken_over_everywhere(user: User, tiny_subtitles: bytes) -> None:
    recording_id = send(user, "VID_20261103.mp4", tiny_subtitles, "tiny.mp4", formats="txt,pdf,json")
    title = user.get(f"/download/json/{recording_id}").json["slides"][0]["title"]
    recording = show(user, recording_id)
    assert title and recording["title"] == title and recording["filename"] == "VID_20261103.mp4"
    assert user.get("/list").json["videos"][0]["title"] == title
    assert user.get("/api/v1/notices").json["notices"][0]["title"] == title
    assert user.get(f"/download/txt/{recording_id}").text.startswith(title)
    assert PdfReader(io.BytesIO(user.get(f"/download/pdf/{recording_id}").data)).metadata.title == title
    assert {each["filename"] for each in recording["artifacts"]} == {f"{title}.{suffix}" for suffix in ("txt", "pdf", "json")}
    assert download_name(user, f"/api/v1/recordings/{recording_id}/media") == f"{title}.mp4"


def test_renaming_renders_the_documents_again_and_reads_no_media(
    app: Flask, user: User, tiny_subtitles: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id = send(user, "tiny.mp4", tiny_subtitles, "tiny.mp4", formats="txt,pdf")
    before = show(user, recording_id)
    monkeypatch.delitem(PIPELINES, "lecture_notes")  # a job that reads the recording would fail
    rename(user, recording_id, "Łódź: 1/2")
    wait_for(lambda: (job := show(user, recording_id)["job"])["state"] == "succeeded" and job["id"] != before["job"]["id"])
    job = show(user, recording_id)["job"]
    assert job["pipeline"] == "document_rendering"
    assert (
        job["metrics"]["slides"] == before["job"]["metrics"]["slides"] and job["metrics"]["quality"] == before["job"]["metrics"]["quality"]
    )
    assert user.get(f"/download/txt/{recording_id}").text.startswith("Łódź: 1/2")
    assert PdfReader(io.BytesIO(user.get(f"/download/pdf/{recording_id}").data)).metadata.title == "Łódź: 1/2"
    disposition = user.get(f"/download/pdf/{recording_id}").headers["Content-Disposition"]
    assert disposition == f"attachment; filename*=UTF-8''{quote('Łódź_ 1_2.pdf')}"
    assert [each["format"] for each in show(user, recording_id)["artifacts"]] == ["pdf", "txt"]
    assert len(user.get("/api/v1/notices").json["notices"]) == 1  # none about the second job
    assert user.delete(f"/api/v1/recordings/{recording_id}?permanent=true").status_code == 200
    assert list_stored_keys(app) == []


def test_download_names_keep_what_file_systems_take() -> None:
    assert title_as_filename("C# & R: a/b\\c?") == "C# & R_ a_b_c_"
    assert title_as_filename("..") == "recording"
    assert title_as_filename("a\u202egpj.exe") == "agpj.exe"
    assert len(title_as_filename("ж" * 500).encode()) <= 180
    assert without_extension("C:\\talks\\day 1.final.MP4") == "day 1.final"
    assert without_extension(".mp4") == ".mp4"
    assert without_extension("1.2 Introduction") == "1.2 Introduction"
