"""The documented calls of AI Film Studio by curl, up to a video."""

from __future__ import annotations

import subprocess

import pytest
from flask import Flask

from config import PROJECT
from tests.applications import serve_app
from tests.conftest import User


@pytest.mark.slow("it renders a video")
@pytest.mark.parametrize("settings", ["sqlite-local"], indirect=True)
def test_the_documented_calls_lead_to_a_video(app: Flask, admin: User) -> None:
    with serve_app(app) as url:
        command = [str(PROJECT / "scripts/film_curl.sh"), url, admin.tokens["access_token"]]
        result = subprocess.run(command, capture_output=True, text=True, timeout=220, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "calls, all as documented" in result.stdout
