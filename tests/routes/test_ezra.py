"""Ezra's paths: upload, list, download; prompts as snapshots; paused intake."""

from __future__ import annotations

import io
from email.utils import parsedate_to_datetime

import pytest

from models import Job
from schemas.ezra import STATUSES, transcription_status
from tests.conftest import SAMPLES, User


def form(subtitles: bytes, **fields: str) -> dict[str, object]:
    files = {"file": (io.BytesIO((SAMPLES / "tiny.m4a").read_bytes()), "Talk.m4a"), "subtitles": (io.BytesIO(subtitles), "subtitles.srt")}
    return {"data": {**files, **fields}, "content_type": "multipart/form-data"}


@pytest.mark.usefixtures("cached_stages")
def test_a_recording_becomes_documents_and_remembers_its_prompts(user: User, admin: User, tiny_subtitles: bytes) -> None:
    for kind in ("transcribe", "proofread"):
        prompt = admin.post(f"/admin/{kind}-prompts", json={"version": "1", "prompt": f"Please {kind}."}).json["prompt"]
        admin.post(f"/admin/settings/active-{kind}-prompt", json={f"{kind}_prompt_id": prompt["id"]})
    response = user.post("/process", **form(tiny_subtitles, language="en"))
    assert (response.status_code, response.json["message"]) == (200, "Transcription request is submitted"), response.text
    recording_id = response.json["transcription_id"]
    assert user.wait(recording_id)["status"] == "completed"
    [row] = user.get("/transcriptions").json
    assert set(row) == {"id", "created_at", "updated_at", "status", "word_document_path", "txt_document_path", "audio_file_name"}
    assert (row["id"], row["status"], row["audio_file_name"]) == (recording_id, "completed", "Talk")
    assert row["word_document_path"] and row["txt_document_path"] and parsedate_to_datetime(row["created_at"])
    text = user.get(f"/download/md/{recording_id}")
    assert text.content_type.startswith("text/markdown") and "\n# " in text.text
    assert user.get(f"/download/word/{recording_id}").data.startswith(b"PK")
    assert user.get(f"/download/pages/{recording_id}").json["code"] == "unknown_format"
    assert user.get(f"/download/pages/{recording_id}").status_code == 400
    admin.post("/admin/prompts", json={"name": "proofread", "prompt": "A later one.", "activate": True})
    transcription = admin.get("/admin/transcriptions").json[0]
    assert (transcription["transcribe_prompt"], transcription["proofread_prompt"]) == ("Please transcribe.", "Please proofread.")
    assert admin.get(f"/admin/download/md/{recording_id}").text == text.text


def test_wrong_links_and_parts_are_refused(user: User) -> None:
    for link in ("file:///etc/passwd", "http://127.0.0.1/talk.mp3"):
        assert user.post("/process", data={"drive_link": link}, content_type="multipart/form-data").status_code == 422
    assert user.post("/process", **form(b"", start_time="0:10", end_time="0:05")).status_code == 422
    assert user.post("/process", data={}, content_type="multipart/form-data").json["code"] == "no_file"


def test_intake_can_be_paused(user: User, admin: User, tiny_subtitles: bytes) -> None:
    response = admin.post("/admin/settings", json={"setting_key": "transcribing_allowed", "setting_value": "false"})
    assert response.status_code == 200, response.text
    response = user.post("/process", **form(tiny_subtitles))
    assert (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, "intake_paused", "300")
    assert user.post("/upload", **form(tiny_subtitles)).json["code"] == "intake_paused"
    assert admin.delete("/admin/settings/transcribing_allowed").status_code == 200
    assert user.post("/process", **form(tiny_subtitles)).status_code == 200


@pytest.mark.parametrize(
    ("state", "stage", "status"),
    [
        ("queued", "", "submitted"),
        ("running", "", "waiting"),
        ("running", "speech + slides", "transcribing"),
        ("running", "document_pdf", "converting"),
        ("succeeded", "", "completed"),
        ("failed", "speech", "error"),
        ("cancelled", "", "error"),
    ],
)
def test_states_have_the_documented_words(state: str, stage: str, status: str) -> None:
    assert transcription_status(a_job(state, stage)) == status
    assert transcription_status(None) == "submitted"


def a_job(state: str, stage: str = "", progress: float = 0.0, pipeline: str = "lecture_notes", attempt: int = 0) -> Job:
    options = {"start_time": "0:10", "proofread": "model"} if pipeline == "lecture_notes" and attempt else {}
    facts = {"state": state, "stage": stage, "progress": progress, "pipeline": pipeline, "attempt": attempt}
    return Job(**facts, options=options, cancel_requested=False)


def test_all_words_come_in_order_also_after_the_loss_of_a_worker() -> None:
    link = "https://example.org/talk"
    past_stages: list[str] = []
    words = [
        transcription_status(a_job("queued", pipeline="link_import"), link),
        transcription_status(a_job("running", "download", pipeline="link_import", attempt=1), link),
        transcription_status(a_job("queued", pipeline="link_import", attempt=1), link),  # its worker was lost
    ]
    steps = [
        ("remux", 0),
        ("audio + slides", 2),
        ("speech + slides", 5),
        ("slides", 70),
        ("slides + proofread_waiting", 80),
        ("proofread", 80),
        ("notes", 95),
    ]
    for stage, progress in steps:
        words.append(transcription_status(a_job("running", stage, progress, attempt=1), link, past_stages))
        past_stages.append(stage)
        words.append(transcription_status(a_job("queued", "", 0.0, attempt=1), link, past_stages))  # requeued
        words.append(transcription_status(a_job("running", "remux", 0.0, attempt=2), link, past_stages))
    words.append(transcription_status(a_job("succeeded", attempt=2), link, past_stages))
    assert tuple(dict.fromkeys(words)) == STATUSES[:-1]
    assert words == sorted(words, key=STATUSES.index)
