"""The pipeline that lists the recordings of a batch; each of them is then imported by a job of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from lib.serialization import write_json
from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, StageInput
from services import downloaders
from services.downloaders import LinkOptions
from services.jobs.job_kind import OutputKind
from services.links import list_jobs

_TIMEOUT_S = 600


class LinkListingOptions(BaseModel):
    """The pipeline `link_listing` has no options that users may send."""

    model_config = ConfigDict(extra="forbid")


def _run(stage_input: StageInput) -> None:
    options = stage_input.options
    collection = downloaders.list_items(
        options["url"],
        stage_input.engines.get(LinkOptions),
        max_items=int(options["max_items"]),
        timeout_s=_TIMEOUT_S,
        sealed_password=options.get("sealed_password") or "",
        sealed_cookies=options.get("sealed_cookies") or "",
        check=stage_input.check,
    )
    write_json(stage_input.work.path(list_jobs.OUTPUT.file), collection)


def _outputs(options: Mapping[str, Any]) -> Sequence[OutputKind]:
    return [list_jobs.OUTPUT]


LINK_LISTING = Pipeline(
    name=list_jobs.PIPELINE,
    is_download=True,
    stages=(
        Stage(
            "list",
            _run,
            label="Listing the recordings",
            makes=(list_jobs.OUTPUT.file,),
            uses=("url", "max_items"),
            engine=LinkOptions,
            scratch=(list_jobs.OUTPUT.file,),
        ),
    ),
    options_model=LinkListingOptions,
    load=list_jobs.load,
    outputs=_outputs,
    record=list_jobs.record,
    after_record=list_jobs.after_record,
)
