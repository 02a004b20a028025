"""The command `flask slides` starts without the rest of the app."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from commands.slides import slides_command
from config import PROJECT

_PRINT_IMPORTS = """
import sys
from flask.cli import main
sys.argv = ["flask", "slides", "--help"]
try:
    main()
finally:
    print(sorted({"app", "bootstrap", "database", "models", "numpy", "cv2"} & sys.modules.keys()))
"""


def test_the_command_does_not_create_the_app() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "FLASK_APP"} | {"PYTHONPATH": str(PROJECT)}
    result = subprocess.run(
        [sys.executable, "-c", _PRINT_IMPORTS], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert "Find the slides in VIDEO" in result.stdout, result.stderr
    assert result.stdout.splitlines()[-1] == "[]"


def test_a_file_that_is_no_recording_gives_one_sentence(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no recording")
    result = CliRunner().invoke(slides_command, [str(text)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: This file is not a video or audio recording.")
