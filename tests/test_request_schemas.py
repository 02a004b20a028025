"""Rules of requests that span fields, or that pydantic checks in code: the JSON schema and the model accept the same."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError

from routes.compat.film import VoiceIn
from schemas.courses import CourseIn, CourseRecordingsIn
from schemas.credits import PlanIn
from schemas.project_assets import AssetIn
from schemas.projects import ProjectIn, ProjectPatch, ProjectTerm
from schemas.reactions import CommentIn
from schemas.transcripts import ReplacementIn, SegmentIn, TermIn
from schemas.uploads import UploadForm
from services.lessons.script import Chart


def _accepts(model: type[BaseModel], body: dict[str, Any]) -> bool:
    try:
        model.model_validate(body)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("model", "body", "is_valid"),
    [
        (AssetIn, {}, False),
        (AssetIn, {"recording_id": None}, False),
        (AssetIn, {"recording_id": "a", "script_id": None}, True),
        (AssetIn, {"recording_id": "a", "script_id": "b"}, False),
        (CommentIn, {"text": "\x86\x1f\x07"}, False),
        (CommentIn, {"text": "\x86good"}, True),
        (CourseIn, {"title": "\t"}, False),
        (CourseRecordingsIn, {"recording_ids": ["a", "a"]}, False),
        (CourseRecordingsIn, {"recording_ids": ["a", "b"]}, True),
        (Chart, {"kind": "chart", "form": "bar", "labels": ["a"], "series": [{"name": "b", "values": [False]}]}, False),
        (Chart, {"kind": "chart", "form": "bar", "labels": ["a"], "series": [{"name": "b", "values": [0]}]}, True),
        (PlanIn, {"plan": "", "until": 0}, False),
        (PlanIn, {"plan": "", "until": None}, True),
        (PlanIn, {"plan": "", "until": "2026-11-29T18:00:00Z"}, True),
        (ProjectIn, {"name": "\t"}, False),
        (ProjectIn, {"name": "", "title": "Leaves"}, True),
        (ProjectPatch, {"name": "\x01"}, False),
        (ProjectPatch, {"name": "", "title": "Leaves"}, True),
        (ProjectPatch, {"name": None}, True),
        (ProjectPatch, {}, True),
        (ProjectPatch, {"script": {}}, False),
        (ProjectPatch, {"script": {"title": "Leaves", "scenes": []}}, False),
        (ProjectPatch, {"script": "Leaves are green."}, True),
        (ProjectPatch, {"defaults": {"height": 7}}, False),
        (ProjectPatch, {"defaults": {"height": 720}}, True),
        (ProjectTerm, {"term": "\x01"}, False),
        (ReplacementIn, {"find": "0", "add_to_glossary": True}, False),
        (ReplacementIn, {"find": "0", "replace": "a" * 121, "add_to_glossary": True}, False),
        (ReplacementIn, {"find": "0", "replace": "one", "add_to_glossary": True}, True),
        (ReplacementIn, {"find": "0", "replace": "a" * 121}, True),
        (SegmentIn, {"start_s": 0, "end_s": 1}, False),
        (SegmentIn, {"start_s": 0, "end_s": 1, "text": ""}, True),
        (SegmentIn, {"start_s": 0, "end_s": 1, "words": []}, True),
        (TermIn, {"term": "\x94\x8a"}, False),
        (TermIn, {"term": "\x03" + "a" * 120}, False),
        (VoiceIn, {"text": "Leaves", "voice": "`S"}, False),
        (VoiceIn, {"text": "Leaves", "voice": "en_US-lessac"}, True),
    ],
)
def test_the_schema_and_the_model_accept_the_same(model: type[BaseModel], body: dict[str, Any], is_valid: bool) -> None:
    assert (_accepts(model, body), Draft202012Validator(model.model_json_schema()).is_valid(body)) == (is_valid, is_valid)


def test_a_number_is_not_a_time_even_as_a_text() -> None:
    assert not _accepts(PlanIn, {"plan": None, "until": "1790000000"})


def test_a_form_with_a_secret_needs_an_address() -> None:
    form = Draft202012Validator(UploadForm.model_json_schema())
    secret = {"file": "", "webhook_secret": "0123456789abcdef"}
    assert form.is_valid({"file": "", "webhook_secret": ""})
    assert not form.is_valid(secret) and not form.is_valid(secret | {"webhook_url": ""})
    assert form.is_valid(secret | {"webhook_url": "https://example.org/"})
