"""Proofreading over HTTP: as a stage of a conversion, and of an existing transcript; corrections are reviewed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from config import Settings
from tests.conftest import SAMPLES, User, list_stored_keys
from tests.proofreading.chat_server import ChatServer, Reply
from tests.waiting import wait_for

pytestmark = pytest.mark.usefixtures("cached_stages")
SUBTITLES = b"""1
00:00:00,500 --> 00:00:03,000
the Haching of keys is is fast. it works

2
00:00:04,000 --> 00:00:06,000
and i like teh table.
"""


def reply(text: str, number: int) -> Reply:
    answer = text.replace("teh", "the")
    if "Haching" in text:
        answer = answer.replace("Haching", "Hashing").replace("it works", "it *works*").replace("and i", "\n\n## Tables\n\nand I")
    return 200, {}, answer


@pytest.fixture(scope="module")
def chat() -> Iterator[ChatServer]:
    with ChatServer(reply) as server:
        yield server


@pytest.fixture
def settings(settings: Settings, chat: ChatServer) -> Settings:
    return settings.model_copy(update={"language_model_base_url": chat.url, "language_model": "test-model"})


def upload(user: User, **fields: str) -> str:
    response = user.upload(SAMPLES / "tiny.m4a", subtitles=(io.BytesIO(SUBTITLES), "subtitles.srt"), language="en", **fields)
    assert response.status_code == 200, response.text
    assert user.wait(response.json["video_id"])["status"] == "completed", user.wait(response.json["video_id"])
    return str(response.json["video_id"])


def call(user: User, path: str, body: Any = None, status: int = 200) -> Any:
    response = user.post(f"/api/v1/transcripts/{path}", json=body or {})
    assert response.status_code == status, response.text
    return response.json


def texts(user: User, recording_id: str, query: str = "") -> list[str]:
    return [segment["text"] for segment in user.get(f"/api/v1/transcripts/{recording_id}{query}").json["segments"]]


def wait_for_jobs(user: User) -> dict[str, Any]:
    """Wait for all jobs and return the newest one."""
    wait_for(lambda: all(job["state"] in ("succeeded", "failed") for job in user.get("/api/v1/jobs").json["jobs"]))
    newest: dict[str, Any] = user.get("/api/v1/jobs").json["jobs"][0]
    assert newest["state"] == "succeeded", newest
    return newest


def test_a_conversion_is_proofread_by_rules_and_then_by_a_model(app: Flask, user: User, admin: User, chat: ChatServer) -> None:
    user.post("/api/v1/glossary", json={"term": "Hashing", "misheard": ["Haching"]})
    recording_id = upload(user, proofread="rules")
    assert texts(user, recording_id) == ["The Hashing of keys is fast. It works", "and I like teh table."]
    assert texts(user, recording_id, "?version=raw")[0] == "the Haching of keys is is fast. it works"
    assert "The Hashing of keys is fast. It works" in user.get(f"/download/txt/{recording_id}").text
    assert user.get(f"/api/v1/transcripts/{recording_id}").json["documents_are_current"]
    corrections = user.get(f"/api/v1/transcripts/{recording_id}/corrections?state=open").json["corrections"]
    assert [(each["before"], each["after"], each["reason"]) for each in corrections] == [
        ("the", "The", "capital"),
        ("Haching", "Hashing", "glossary"),
        ("is", "", "stutter"),
        ("it", "It", "capital"),
        ("i", "I", "capital"),
    ]

    correction = call(user, f"{recording_id}/corrections/{corrections[2]['id']}/reject")
    assert correction["segments"][0]["text"] == "The Hashing of keys is is fast. It works"
    assert [word["id"] for word in correction["segments"][0]["words"]][4:6] == [5, 6]  # both are as they were recognised
    call(user, f"{recording_id}/corrections/{corrections[2]['id']}/accept")  # changes one's mind
    call(user, f"{recording_id}/corrections/{corrections[1]['id']}/reject")
    assert texts(user, recording_id)[0] == "The Haching of keys is fast. It works"
    call(user, f"{recording_id}/undo")
    assert texts(user, recording_id)[0] == "The Hashing of keys is fast. It works"
    states = {each["id"]: each["state"] for each in user.get(f"/api/v1/transcripts/{recording_id}/corrections").json["corrections"]}
    assert states[corrections[1]["id"]] == "open" and states[corrections[2]["id"]] == "accepted"
    segment = f"/api/v1/transcripts/{recording_id}/segments/1"
    user.http.patch(segment, json={"text": "The Caching of keys is fast. It works"}, headers=user.headers)
    response = user.post(f"/api/v1/transcripts/{recording_id}/corrections/{corrections[1]['id']}/reject", json={})
    assert (response.status_code, response.json["code"]) == (409, "text_changed_since")
    call(user, f"{recording_id}/corrections/reject-all")
    assert texts(user, recording_id) == ["the Caching of keys is fast. it works", "and i like teh table."]

    admin.post("/admin/proofread-prompts", json={"version": "v9", "prompt": "Mend it."})
    prompt_id = next(each["id"] for each in admin.get("/admin/proofread-prompts").json)
    assert admin.post("/admin/settings/active-proofread-prompt", json={"proofread_prompt_id": prompt_id}).status_code == 200
    call(user, f"{recording_id}/proofread", {"engine": "model"}, 202)
    job = wait_for_jobs(user)
    assert job["metrics"]["proofreading"]["prompt_tokens"] == 100 and job["metrics"]["proofreading"]["corrections"] == 1
    assert chat.requests[-1]["model"] == "test-model" and chat.requests[-1]["messages"][0]["content"].startswith("Mend it.")
    assert texts(user, recording_id)[1] == "and i like the table."
    assert user.get(f"/api/v1/transcripts/{recording_id}").json["proofread_prompt"] == "Mend it."
    [model_correction] = [
        each for each in user.get(f"/api/v1/transcripts/{recording_id}/corrections").json["corrections"] if each["source"] == "model"
    ]
    call(user, f"{recording_id}/corrections/{model_correction['id']}/accept", {"add_to_glossary": True})
    assert [term["term"] for term in user.get("/api/v1/glossary").json["terms"]] == ["Hashing", "the"]
    again = user.post(f"/api/v1/recordings/{recording_id}/jobs", json={"formats": ["txt"], "language": "en"})
    assert again.status_code == 201, again.text
    wait_for_jobs(user)
    assert texts(user, recording_id)[1] == "and i like the table."  # the text stays; the documents show what was recognised
    assert not user.get(f"/api/v1/transcripts/{recording_id}").json["documents_are_current"]
    assert user.delete(f"/api/v1/recordings/{recording_id}?permanent=true").status_code == 200
    wait_for(lambda: not list_stored_keys(app))  # a job that has just ended may still move its outputs


def test_layout_of_a_model_waits_for_review_and_then_shapes_the_documents(user: User) -> None:
    recording_id = upload(user, proofread="model", review_first="true", tracked_changes="true", formats="txt,docx,md")
    path = f"/api/v1/transcripts/{recording_id}"
    raw = ["the Haching of keys is is fast. it works", "and i like teh table."]
    assert texts(user, recording_id) == raw == texts(user, recording_id, "?version=proofread")
    assert "Haching" in user.get(f"/download/txt/{recording_id}").text
    corrections = user.get(f"{path}/corrections?state=proposed").json["corrections"]
    assert [(each["before"], each["after"], each["reason"]) for each in corrections] == [
        ("Haching", "Hashing", "spelling"),
        ("works", "works", "style"),
        ("and", "and", "heading"),
        ("i", "I", "capital"),
        ("teh", "the", "spelling"),
    ]
    assert corrections[1]["markup"] == "*works*" and corrections[2]["markup"] == "## Tables\n\nand"
    assert user.get(f"{path}/differences").json["total"] == 0

    call(user, f"{recording_id}/corrections/{corrections[4]['id']}/reject")
    answer = call(user, f"{recording_id}/corrections/accept-all")
    assert [segment["text"] for segment in answer["segments"]] == ["the Hashing of keys is is fast. it works", "and I like teh table."]
    assert answer["segments"][0]["words"][-1]["mark"]["styles"] == ["italic"]
    user.http.patch(f"{path}/segments/2", json={"text": "and I like that table."}, headers=user.headers)
    assert texts(user, recording_id, "?version=raw") == raw
    assert texts(user, recording_id, "?version=proofread")[1] == "and I like teh table."
    markdown = user.get(f"{path}/text?format=md").text
    assert markdown == "the Hashing of keys is is fast. it *works*\n\n## Tables\n\nand I like that table.\n"
    assert user.get(f"{path}/text?version=proofread").text.endswith("Tables\n\nand I like teh table.\n")
    response = user.get(f"{path}/differences?limit=3")
    assert response.json["total"] == 5 and 'rel="next"' in response.headers["Link"]
    assert [(each["before"], each["after"]) for each in response.json["differences"]][:2] == [("Haching", "Hashing"), ("works", "*works*")]
    only_edits = user.get(f"{path}/differences?older=proofread").json["differences"]
    assert [(each["before"], each["after"], each["segment_id"]) for each in only_edits] == [("teh", "that", 2)]

    call(user, f"{recording_id}/documents", {}, 202)
    wait_for_jobs(user)
    assert "Tables\n\n[0:04] and I like that table." in user.get(f"/download/txt/{recording_id}").text
    assert "### Tables" in user.get(f"/download/md/{recording_id}").text
    with zipfile.ZipFile(io.BytesIO(user.get(f"/download/docx/{recording_id}").data)) as archive:
        document = archive.read("word/document.xml").decode()
    assert document.count("<w:del ") == 3 and " Haching" in document and "<w:i />" in document
    call(user, f"{recording_id}/undo")
    call(user, f"{recording_id}/undo")
    states = {each["state"] for each in user.get(f"{path}/corrections").json["corrections"]}
    assert texts(user, recording_id) == raw and states == {"proposed", "rejected"}
