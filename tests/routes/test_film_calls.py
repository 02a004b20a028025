"""The documented calls of AI Film Studio by curl, up to a video."""

from __future__ import annotations

import subprocess

import pytest
from flask import Flask

from config import PROJECT
from tests.applications import serve_app


@pytest.mark.slow("it renders a video")
@pytest.mark.parametrize("settings", ["sqlite-local"], indirect=True)
def test_the_documented_calls_lead_to_a_video(app: Flask) -> None:
    with serve_app(app) as url:
        result = subprocess.run([str(PROJECT / "scripts/film_curl.sh"), url], capture_output=True, text=True, timeout=220, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "calls, all as documented" in result.stdout
