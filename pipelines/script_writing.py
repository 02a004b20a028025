"""The pipeline that writes a script, or one scene of it again. Each script of a request is a job of its own, so they arrive one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from lib.serialization import atomic_write
from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, StageInput, Workspace
from pipelines.stage_metrics import StageMetrics
from services.jobs.job_kind import OutputKind
from services.lessons import writer
from services.lessons.writer import WriterOptions
from services.scripts import writing_jobs

_REPORT_FILE = "writing.json"
_INPUTS = ("source", "variant", "writer", "script", "scene_id", "instruction", "script_prompt")


class ScriptWritingOptions(BaseModel):
    """The pipeline `script_writing` has no options that users may send."""

    model_config = ConfigDict(extra="forbid")


def _run(stage_input: StageInput) -> None:
    options = stage_input.options
    payload = {name: options[name] for name in _INPUTS if name in options}
    payload["prompt"] = payload.pop("script_prompt", "")
    result = writer.run(payload, stage_input.engines.get(WriterOptions), report=stage_input.report, check=stage_input.check)
    report = {"warnings": result.pop("warnings"), "usage": result.pop("usage")}
    for name, content in ((writing_jobs.OUTPUT.file, result), (_REPORT_FILE, report)):
        with atomic_write(stage_input.work.path(name)) as part:
            part.write_text(json.dumps(content, ensure_ascii=False))


def _outputs(options: Mapping[str, Any]) -> Sequence[OutputKind]:
    return [writing_jobs.OUTPUT]


def _report(work: Workspace) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(work.path(_REPORT_FILE).read_text())
    return report


def _warnings(work: Workspace, options: Mapping[str, Any]) -> Sequence[str]:
    return list(_report(work)["warnings"])


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    return {"script_writing": _report(work)["usage"]}


SCRIPT_WRITING = Pipeline(
    name=writing_jobs.PIPELINE,
    stages=(
        Stage(
            "write",
            _run,
            label="Writing the script",
            makes=(writing_jobs.OUTPUT.file, _REPORT_FILE),
            uses=_INPUTS,
            engine=WriterOptions,
            max_attempts=1,  # the client repeats requests, and the queue the job
        ),
    ),
    options_model=ScriptWritingOptions,
    load=writing_jobs.load,
    outputs=_outputs,
    record=writing_jobs.record,
    after_record=writing_jobs.after_record,
    warnings=_warnings,
    summary=_summary,
)
