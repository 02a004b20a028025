"""The documented calls of Manimate by curl, against a server in open mode, up to a video."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from flask import Flask

from config import PROJECT
from tests.applications import serve_app
from tests.conftest import User


@pytest.mark.slow("it renders a video")
@pytest.mark.parametrize("settings", ["sqlite-local"], indirect=True)
def test_the_documented_calls_lead_to_a_video(app_with: Callable[..., Flask], user: User) -> None:
    """The account is the only one of its server."""
    with serve_app(app_with(open_mode="loopback", script_wait_s=60.0)) as url:
        script = [str(PROJECT / "scripts/manimate_curl.sh"), url, "", r"# Leaves\n\nLeaves are green."]
        result = subprocess.run(script, capture_output=True, text=True, timeout=220, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "calls, all as documented" in result.stdout
