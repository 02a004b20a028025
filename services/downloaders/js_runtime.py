"""The JavaScript runtime with which yt-dlp solves YouTube's challenges."""

from __future__ import annotations

from pathlib import Path

from lib.process import Limits, run_program

_LIMITS = Limits(timeout_s=20, memory_bytes=2 * 2**30)


def version(path: Path) -> str:
    """Return what the program calls itself, such as `deno 2.9.8`. Raises ProgramMissing and ProgramFailed."""
    lines = run_program([path, "--version"], limits=_LIMITS).stdout.splitlines()
    return lines[0].strip()[:80] if lines else ""
