"""An empty body is an empty object at every route, whatever Content-Type comes with it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.access_matrix import UNSAFE, create_owned_objects, key_of
from tests.conftest import User
from tests.test_every_route import RouteClient, routes_of

_CONTENT_TYPES: list[dict[str, Any]] = [{"content_type": "application/json"}, {"content_type": "application/json; charset=utf-8"}, {}]


@pytest.mark.parametrize("headers", _CONTENT_TYPES)
def test_an_empty_body_is_an_empty_object(app: Flask, admin: User, headers: dict[str, Any]) -> None:
    """The objects do not exist, so that no request changes what the next one needs."""
    missing_objects = create_owned_objects(app, admin).with_other_ids()
    client = RouteClient(app, admin.tokens["access_token"])
    with_body = [
        route for route in routes_of(app) if route[0] in UNSAFE and "body" in getattr(app.view_functions[route[1].endpoint], "_spec", {})
    ]
    assert len(with_body) > 40
    for route in with_body:
        empty = client.request(route, missing_objects, data=b"", **headers)
        explicit = client.request(route, missing_objects, json={})
        assert (empty.status_code, empty.json.get("code")) == (explicit.status_code, explicit.json.get("code")), key_of(*route)
        assert empty.json.get("code") != "malformed_json"


def test_documented_calls_accept_an_empty_body(app: Flask, admin: User) -> None:
    """Thakii's frontend sends `Content-Type: application/json` with an empty body."""
    for path in ("/auth/login", "/admin/test-notification", "/admin/videos/requeue-stuck"):
        response = admin.post(path, data=b"", content_type="application/json")
        assert response.status_code == 200, f"{path}: {response.text}"
    assert admin.post("/cancel/nowhere", data=b"", content_type="application/json").status_code == 404


def test_a_body_is_optional_in_the_description_where_nothing_is_required(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json").json["paths"]
    is_required = {
        path: bool(paths[path]["post"]["requestBody"].get("required")) for path in ("/cancel/{video_id}", "/auth/login", "/login")
    }
    assert is_required == {"/cancel/{video_id}": False, "/auth/login": False, "/login": True}
    assert paths["/api/v1/auth/verify-email"]["post"]["requestBody"]["required"] is True  # a token, or an address with a code
