"""What a finished run leaves in its workspace: documents, warnings, metrics."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pipelines.runner import StageMetrics
from pipelines.stage import Stage, Workspace
from pipelines.stages.documents import document_name
from services.documents import FORMATS
from services.library.artifacts import Result

_INPUTS = ("source", "subtitles")


def expected(work: Workspace, formats: Sequence[str]) -> list[Result]:
    """The documents that were asked for; an empty file means that there is nothing to put into one."""
    kinds = [FORMATS[name] for name in formats]
    return [Result(kind.name, kind.extension, kind.content_type, work.path(document_name(kind.name))) for kind in kinds]


def warnings(work: Workspace, formats: Sequence[str]) -> list[str]:
    said = [line for name in formats for line in json.loads(work.path(f"{name}.warnings.json").read_text())]
    return list(dict.fromkeys(said))


def metrics(work: Workspace, metrics: Mapping[str, StageMetrics]) -> dict[str, Any]:
    """What the job's `metrics` show: each stage's, the seconds in all, and the summary of the notes."""
    summary = json.loads(work.path("summary.json").read_text())
    return {"stages": {name: asdict(each) for name, each in metrics.items()}, "seconds": _seconds(metrics), **summary}


def delete_scratch(work: Workspace, stages: Sequence[Stage]) -> None:
    for name in [*_INPUTS, *(name for stage in stages for name in stage.scratch)]:
        path = work.path(name)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _seconds(metrics: Mapping[str, StageMetrics]) -> dict[str, float]:
    """Wall time until the notes stood there, and from then until the last document did."""
    rendered = [each.ended_s for name, each in metrics.items() if name.startswith("document_")]
    notes = metrics["notes"].ended_s
    return {"conversion": notes, "rendering": round(max([*rendered, notes]) - notes, 3)}
