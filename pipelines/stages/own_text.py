"""The stage that gives the words of an own text the times of the recognised ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.stage import StageInput
from services import own_text

TEXT_FILE = "own_text"
ALIGNED_FILE = "aligned.json"
REPORT_FILE = "own_text.json"


def is_given(options: Mapping[str, Any]) -> bool:
    """Whether the recording has an own text."""
    return bool(options.get("has_own_text"))


def transcript_name(options: Mapping[str, Any]) -> str:
    """Return the file of the transcript that later stages use."""
    return ALIGNED_FILE if is_given(options) else "transcript.json"


def run(stage_input: StageInput) -> None:
    names = (TEXT_FILE, "transcript.json", ALIGNED_FILE, REPORT_FILE)
    own_text.align(*map(stage_input.work.path, names), check=stage_input.check)
