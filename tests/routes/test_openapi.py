"""/openapi.json says what code checks too, and paths say what they take."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest

from tests.conftest import User


@pytest.fixture
def said(user: User) -> dict[str, Any]:
    described: dict[str, Any] = user.get("/openapi.json").json
    return described


def _fits(said: dict[str, Any], name: str, given: dict[str, Any]) -> bool:
    return jsonschema_rs.is_valid({"$ref": f"#/components/schemas/{name}", "components": said["components"]}, given)


def test_what_is_needed_together_or_instead_of_something_is_described(said: dict[str, Any]) -> None:
    cases: list[tuple[str, dict[str, Any], bool]] = [
        ("VerifyEmailIn", {"token": "t"}, True),
        ("VerifyEmailIn", {"email": "ada@example.org", "code": "123456"}, True),
        ("VerifyEmailIn", {"email": "ada@example.org"}, False),
        ("VerifyEmailIn", {"token": ""}, False),
        ("UserPatch", {"role": "admin"}, True),
        ("UserPatch", {}, False),
        ("UserIn", {"password": "correct horse", "username": "ada"}, True),
        ("UserIn", {"password": "correct horse", "email": None}, False),
        ("AssembleIn", {"file_id": "f", "total_chunks": 1, "original_filename": "a", "webhook_secret": "0123456789abcdef"}, False),
        ("AssembleIn", {"file_id": "f", "total_chunks": 1, "original_filename": "a", "webhook_secret": None}, True),
    ]
    for name, given, fits in cases:
        assert _fits(said, name, given) is fits, (name, given)


def test_bodies_that_have_to_be_there_are_described_so(said: dict[str, Any]) -> None:
    assert said["paths"]["/api/v1/auth/login"]["post"]["requestBody"]["required"] is True
    assert not said["paths"]["/api/v1/auth/refresh"]["post"]["requestBody"].get("required")  # the cookie may bring it


def test_the_upload_form_has_every_option_of_a_conversion(said: dict[str, Any]) -> None:
    form = said["paths"]["/upload"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert form["revisits"]["enum"] == ["once", "each"] and form["paper"]["enum"] == ["a4", "letter"]
    assert re.search(form["formats"]["pattern"], "pdf,docx") and not re.search(form["formats"]["pattern"], "pdf,exe")


def test_a_fixed_path_is_nobodys_name(admin: User) -> None:
    taken = {
        "/admin/admins/stats": {"GET", "HEAD", "OPTIONS"},
        "/api/v1/admin/servers/health-check": {"POST", "OPTIONS"},
        "/admin/settings/active-transcribe-prompt": {"GET", "HEAD", "OPTIONS", "POST"},
        "/admin/videos/requeue-stuck": {"POST", "OPTIONS"},
    }
    for path, methods in taken.items():
        assert set(admin.http.options(path).headers["Allow"].split(", ")) == methods
        refused = admin.delete(path)
        assert (refused.status_code, refused.json["code"]) == (405, "method_not_allowed")
        assert set(refused.headers["Allow"].split(", ")) == methods


def test_true_is_no_number_and_one_is_no_truth(admin: User, user: User) -> None:
    for path, given in (
        ("/api/v1/admin/prompts", {"name": "script", "prompt": "p", "activate": 1}),
        ("/api/v1/api-keys", {"name": "k", "scopes": ["content:read"], "expires_in_days": True}),
    ):
        refused = admin.post(path, json=given)
        assert (refused.status_code, refused.json["code"]) == (422, "validation_failed"), refused.json
