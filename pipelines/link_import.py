"""The pipeline that downloads the recording of a link; the conversion is another job, queued when this one ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from lib.serialization import to_plain
from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, Workspace
from pipelines.stage_metrics import StageMetrics
from pipelines.stages import download
from services.downloaders import LinkOptions
from services.jobs.job_kind import OutputKind
from services.library import hidden_formats
from services.links import import_jobs


class LinkImportOptions(BaseModel):
    """Options of the pipeline `link_import` that users may send."""

    model_config = ConfigDict(extra="forbid")

    audio_only: bool = False


def _outputs(options: Mapping[str, Any]) -> Sequence[OutputKind]:
    return [
        OutputKind(import_jobs.RECORDING, "media", "application/octet-stream", "recording"),
        OutputKind(hidden_formats.POSTER, "jpg", "image/jpeg", "poster", is_optional=True),
        OutputKind(import_jobs.SUBTITLES, "vtt", "text/plain; charset=utf-8", "subtitles", is_optional=True),
    ]


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    return {"download": to_plain(download.read_report(work.path("download.json")))}


LINK_IMPORT = Pipeline(
    name=import_jobs.PIPELINE,
    is_download=True,
    stages=(
        Stage(
            "download",
            download.run,
            label="Downloading the recording",
            makes=("recording", "subtitles", "poster", "download.json"),
            uses=("url", "audio_only", "language"),
            engine=LinkOptions,
            scratch=("recording", "subtitles", "poster", download.FOLDER),
        ),
    ),
    options_model=LinkImportOptions,
    load=import_jobs.load,
    outputs=_outputs,
    check=import_jobs.check,
    record=import_jobs.record,
    after_record=import_jobs.after_record,
    finish=import_jobs.queue_conversion,
    summary=_summary,
)
