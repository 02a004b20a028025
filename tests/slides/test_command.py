"""`flask slides` from outside: it starts without the rest of the app."""

from __future__ import annotations

import os
import subprocess
import sys

from config import PROJECT

_ASK = """
import sys
from flask.cli import main
sys.argv = ["flask", "slides", "--help"]
try:
    main()
finally:
    print(sorted({"app", "bootstrap", "database", "models", "numpy", "cv2"} & sys.modules.keys()))
"""


def test_the_command_does_not_make_the_whole_app() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "FLASK_APP"} | {"PYTHONPATH": str(PROJECT)}
    done = subprocess.run([sys.executable, "-c", _ASK], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert "Find the slides in VIDEO" in done.stdout, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
