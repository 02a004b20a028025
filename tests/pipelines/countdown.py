"""A pipeline without a recording, for tests only."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, StageInput
from services.jobs.job_kind import JobDetails, OutputKind, StoredOutput
from services.jobs.queue import Claim
from services.library import object_deletion

OUTPUT = OutputKind("numbers", "txt", "text/plain", "numbers.txt")
_STEP_S = 0.1


class CountdownOptions(BaseModel):
    start: int = 10


def _write_start(stage_input: StageInput) -> None:
    stage_input.work.path("start.txt").write_text(str(stage_input.options["start"]))


def _count_down(stage_input: StageInput) -> None:
    start = int(stage_input.work.path("start.txt").read_text())
    for count in range(start):
        stage_input.report(count, start)
        time.sleep(_STEP_S)
    stage_input.work.path("numbers.txt").write_text(" ".join(str(number) for number in range(start, 0, -1)))


def _load(claim: Claim) -> JobDetails:
    return JobDetails(claim.options, workspace=claim.job_id, media_s=float(claim.options["start"]))


def _outputs(options: Mapping[str, Any]) -> Sequence[OutputKind]:
    return [OUTPUT]


def _record(session: Session, claim: Claim, outputs: Sequence[StoredOutput], metrics: Mapping[str, Any]) -> None:
    object_deletion.cancel(session, [output.storage_key for output in outputs])


COUNTDOWN = Pipeline(
    name="countdown",
    stages=(
        Stage("start", _write_start, makes=("start.txt",), uses=("start",)),
        Stage("count", _count_down, needs=("start.txt",), makes=("numbers.txt",), weight=9),
    ),
    options_model=CountdownOptions,
    load=_load,
    outputs=_outputs,
    record=_record,
)
