"""Duration of the README's two commands in a fresh clone with a fresh virtual environment."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from bench.context import Context, markdown_table
from scripts.program import PROJECT


def run(context: Context) -> str:
    clone = context.folder / "lectern"
    subprocess.run(["git", "clone", "-q", str(PROJECT), str(clone)], check=True)
    rows = [[name, f"{_run(clone, *command):.0f}"] for name, command in _COMMANDS]
    return markdown_table(["command, in a fresh clone", "wall, s"], rows)


_COMMANDS = (
    ("`make demo`, before any setup", ("make", "demo")),
    ("`make demo`, again", ("make", "demo")),
    ("`make test`, after the demo", ("make", "test")),
)


def _run(folder: Path, *command: str) -> float:
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL")}
    started = time.monotonic()
    process = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{process.stdout[-4000:]}\n{process.stderr[-2000:]}")
    return time.monotonic() - started
