"""Every documented call of the five systems against a running server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import SecretStr

from config import PROJECT, Settings
from scripts import census
from tests.applications import serve_app
from tests.conftest import User, list_stored_keys
from tests.link_server import CATALOG_ID, FOLDER_TOKEN, LinkServer, link_server

LISTS = (f"new/s/{FOLDER_TOKEN}", f"Mediasite/Catalog/Full/{CATALOG_ID}", "feed")
KEY = "the key that workers have, long enough"


@pytest.fixture(scope="module")
def site() -> Iterator[LinkServer]:
    with link_server() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, site: LinkServer) -> Settings:
    return settings.model_copy(update={"worker_api_key": SecretStr(KEY), "link_allowed_hosts": (site.host,)})


@pytest.fixture
def url(app: Flask, cached_stages: None) -> Iterator[str]:
    with serve_app(app) as url:
        yield url


def test_every_documented_call(app: Flask, url: str, admin: User, site: LinkServer) -> None:
    run = census.Census(url, admin.tokens["access_token"], KEY, [f"{site.url}/{path}" for path in LISTS])
    run.run()
    assert run.problems == []
    assert run.calls > 150
    assert [key for key in list_stored_keys(app) if not key.endswith("/script.json")] == []  # written scripts are deleted after some hours


def test_absent_calls_are_explained() -> None:
    page = (PROJECT / "docs" / "compatibility.md").read_text()
    for path in (
        "/test-upload",
        "/socket.io/",
        "/api/v1/ws/jobs",
        "/import-url",
        "/batch-import",
        "/api/v1/characters",
        "generate-shot",
        "usage",
    ):
        assert re.search(re.escape(path), page), path
