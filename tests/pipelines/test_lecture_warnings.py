"""Warnings of a job say what the quality report, proofreading and the renderers found, each once."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.lecture_notes import warnings
from pipelines.stage import Workspace
from pipelines.stages.documents import warnings_name


def test_the_reasons_of_the_quality_report_are_warnings(tmp_path: Path) -> None:
    work = Workspace(tmp_path)
    work.path("summary.json").write_text(json.dumps({"quality": {"reasons": ["It is cut off.", "No slides were found."]}}))
    for name, expected_warnings in (("pdf", ["A font is missing."]), ("docx", ["A font is missing.", "It is cut off."])):
        work.path(warnings_name(name)).write_text(json.dumps(expected_warnings))
    assert warnings(work, {"formats": ["pdf", "docx"]}) == ["It is cut off.", "No slides were found.", "A font is missing."]
