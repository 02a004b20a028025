"""Ezra's paths: upload, list, download; prompts as snapshots; paused intake."""

from __future__ import annotations

import io
from email.utils import parsedate_to_datetime

import pytest

from models import Job
from schemas.ezra import transcription_status
from tests.conftest import SAMPLES, User


def form(subtitles: bytes, **fields: str) -> dict[str, object]:
    files = {"file": (io.BytesIO((SAMPLES / "tiny.m4a").read_bytes()), "Talk.m4a"), "subtitles": (io.BytesIO(subtitles), "given.srt")}
    return {"data": {**files, **fields}, "content_type": "multipart/form-data"}


@pytest.mark.usefixtures("cached_stages")
def test_a_recording_becomes_documents_and_remembers_its_prompts(user: User, admin: User, tiny_subtitles: bytes) -> None:
    for kind in ("transcribe", "proofread"):
        created = admin.post(f"/admin/{kind}-prompts", json={"version": "1", "prompt": f"Please {kind}."}).json["prompt"]
        admin.post(f"/admin/settings/active-{kind}-prompt", json={f"{kind}_prompt_id": created["id"]})
    sent = user.post("/process", **form(tiny_subtitles, language="en"))
    assert (sent.status_code, sent.json["message"]) == (200, "Transcription request is submitted"), sent.text
    recording_id = sent.json["transcription_id"]
    assert user.wait(recording_id)["status"] == "completed"
    [row] = user.get("/transcriptions").json
    assert set(row) == {"id", "created_at", "updated_at", "status", "word_document_path", "txt_document_path", "audio_file_name"}
    assert (row["id"], row["status"], row["audio_file_name"]) == (recording_id, "completed", "Talk")
    assert row["word_document_path"] and row["txt_document_path"] and parsedate_to_datetime(row["created_at"])
    text = user.get(f"/download/md/{recording_id}")
    assert text.content_type.startswith("text/markdown") and text.text.startswith("# ")
    assert user.get(f"/download/word/{recording_id}").data.startswith(b"PK")
    assert user.get(f"/download/pages/{recording_id}").json["code"] == "unknown_format"
    assert user.get(f"/download/pages/{recording_id}").status_code == 400
    admin.post("/admin/prompts", json={"name": "proofread", "prompt": "A later one.", "activate": True})
    shown = admin.get("/admin/transcriptions").json[0]
    assert (shown["transcribe_prompt"], shown["proofread_prompt"]) == ("Please transcribe.", "Please proofread.")
    assert admin.get(f"/admin/download/md/{recording_id}").text == text.text


def test_wrong_links_and_parts_are_refused(user: User) -> None:
    for link in ("file:///etc/passwd", "http://127.0.0.1/talk.mp3"):
        assert user.post("/process", data={"drive_link": link}, content_type="multipart/form-data").status_code == 422
    assert user.post("/process", **form(b"", start_time="0:10", end_time="0:05")).status_code == 422
    assert user.post("/process", data={}, content_type="multipart/form-data").json["code"] == "no_file"


def test_intake_can_be_paused(user: User, admin: User, tiny_subtitles: bytes) -> None:
    changed = admin.post("/admin/settings", json={"setting_key": "transcribing_allowed", "setting_value": "false"})
    assert changed.status_code == 200, changed.text
    refused = user.post("/process", **form(tiny_subtitles))
    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "intake_paused", "300")
    assert user.post("/upload", **form(tiny_subtitles)).json["code"] == "intake_paused"
    assert admin.delete("/admin/settings/transcribing_allowed").status_code == 200
    assert user.post("/process", **form(tiny_subtitles)).status_code == 200


@pytest.mark.parametrize(
    ("state", "stage", "status"),
    [
        ("queued", "", "submitted"),
        ("running", "", "waiting"),
        ("running", "download", "uploading"),
        ("running", "speech + slides", "transcribing"),
        ("running", "proofread", "proofreading"),
        ("running", "document_pdf", "converting"),
        ("succeeded", "", "completed"),
        ("failed", "speech", "error"),
    ],
)
def test_states_have_the_documented_words(state: str, stage: str, status: str) -> None:
    assert transcription_status(Job(state=state, stage=stage, cancel_requested=False)) == status
    assert transcription_status(None) == "submitted"
