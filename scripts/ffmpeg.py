"""The ffmpeg that Lectern runs, for demos, benches and tests."""

from __future__ import annotations

from lib.programs import require_program

FFMPEG = str(require_program("ffmpeg"))
