"""Wall and CPU time of the README's two commands in a fresh clone with a fresh virtual environment."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

from bench.context import Context, adopt_orphans, cpu_of_children_s, markdown_table, reap_orphans
from scripts.program import PROJECT

_UNUSUAL_VARIABLES = ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "PYTHONDONTWRITEBYTECODE")


def run(context: Context) -> str:
    adopt_orphans()
    clone = context.folder / "lectern"
    subprocess.run(["git", "clone", "-q", str(PROJECT), str(clone)], check=True)
    rows = [[name, *_run(clone, *command)] for name, command in _COMMANDS]
    return markdown_table(["command, in a fresh clone", "wall, s", "CPU of all processes, s", "tests"], rows)


_COMMANDS = (
    ("`make demo`, before any setup", ("make", "demo")),
    ("`make demo`, again", ("make", "demo")),
    ("`make test`, after the demo", ("make", "test")),
)


def _run(folder: Path, *command: str) -> tuple[str, str, str]:
    """Return the wall time, the CPU time, and what pytest reports if the command runs it."""
    environment = {name: value for name, value in os.environ.items() if name not in _UNUSUAL_VARIABLES}
    start_s, cpu_s = time.monotonic(), cpu_of_children_s()
    process = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    wall_s = time.monotonic() - start_s
    reap_orphans()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{process.stdout[-4000:]}\n{process.stderr[-2000:]}")
    summary = re.search(r"^(\d+ passed.*)$", process.stdout, re.MULTILINE)
    return f"{wall_s:.0f}", f"{cpu_of_children_s() - cpu_s:.0f}", summary[1] if summary else ""
