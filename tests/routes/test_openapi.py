"""/openapi.json contains the rules that code checks, and static paths list their methods."""

from __future__ import annotations

import gzip
import re
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask

from tests.conftest import User


@pytest.fixture
def spec(user: User) -> dict[str, Any]:
    document: dict[str, Any] = user.get("/openapi.json").json
    return document


def _is_valid(spec: dict[str, Any], name: str, body: dict[str, Any]) -> bool:
    return jsonschema_rs.is_valid({"$ref": f"#/components/schemas/{name}", "components": spec["components"]}, body)


def test_the_document_is_made_once_and_names_no_host(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/openapi.json", headers={"Host": "attacker.example"})
    assert first.json["servers"] == [{"url": "/"}]
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    response = client.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(response.data) == first.data and len(response.data) < len(first.data) / 5


def test_dependent_and_alternative_fields_are_described(spec: dict[str, Any]) -> None:
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
    for name, body, is_valid in cases:
        assert _is_valid(spec, name, body) is is_valid, (name, body)


def test_required_bodies_are_described(spec: dict[str, Any]) -> None:
    assert spec["paths"]["/api/v1/auth/login"]["post"]["requestBody"]["required"] is True
    assert not spec["paths"]["/api/v1/auth/refresh"]["post"]["requestBody"].get("required")  # the token may come in a cookie


def test_the_upload_form_has_every_option_of_a_conversion(spec: dict[str, Any]) -> None:
    form = spec["paths"]["/upload"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert form["revisits"]["enum"] == ["once", "each"] and form["paper"]["enum"] == ["a4", "letter"]
    assert re.search(form["formats"]["pattern"], "pdf,docx") and not re.search(form["formats"]["pattern"], "pdf,exe")


def test_a_static_path_is_never_a_parameter(admin: User) -> None:
    methods_by_path = {
        "/admin/admins/stats": {"GET", "HEAD", "OPTIONS"},
        "/api/v1/admin/servers/health-check": {"POST", "OPTIONS"},
        "/admin/settings/active-transcribe-prompt": {"GET", "HEAD", "OPTIONS", "POST"},
        "/admin/videos/requeue-stuck": {"POST", "OPTIONS"},
    }
    for path, methods in methods_by_path.items():
        assert set(admin.http.options(path).headers["Allow"].split(", ")) == methods
        response = admin.delete(path)
        assert (response.status_code, response.json["code"]) == (405, "method_not_allowed")
        assert set(response.headers["Allow"].split(", ")) == methods


def test_booleans_and_numbers_are_distinguished(admin: User, user: User) -> None:
    for path, body in (
        ("/api/v1/admin/prompts", {"name": "script", "prompt": "p", "activate": 1}),
        ("/api/v1/api-keys", {"name": "k", "scopes": ["content:read"], "expires_in_days": True}),
    ):
        response = admin.post(path, json=body)
        assert (response.status_code, response.json["code"]) == (422, "validation_failed"), response.json


def test_every_reference_leads_to_a_schema(spec: dict[str, Any]) -> None:
    """Two models of one name would leave references to the name that the second one loses."""
    references = set(re.findall(r"#/components/schemas/([^'\"]+)", str(spec)))
    assert len(references) > 100
    assert references - spec["components"]["schemas"].keys() == set()
