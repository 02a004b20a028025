"""The list of document formats."""

from __future__ import annotations

from flask import Flask

from services.documents import FORMATS


def test_the_list_contains_every_registered_format(app: Flask) -> None:
    formats = app.test_client().get("/api/v1/formats").json["formats"]
    assert [item["name"] for item in formats] == list(FORMATS)
    assert all(item["label"] and item["description"] and item["content_type"] for item in formats)
    assert {item["name"]: item["extension"] for item in formats}["md"] == "md.zip"
