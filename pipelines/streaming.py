"""The pipeline that prepares a recording for players. It may run during the conversion into documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, Workspace
from pipelines.stage_metrics import StageMetrics
from pipelines.stages import streaming as stages
from services.jobs.job_kind import OutputKind
from services.library import hidden_formats, streaming_jobs
from services.media.stream_sound import StreamSound
from services.media.streaming import POSTER
from services.media.thumbnails import SPRITE
from services.transcoder_queue import TranscoderQueue


class StreamingOptions(BaseModel):
    """Users can't set options."""

    model_config = ConfigDict(extra="forbid")


_OUTPUTS = (
    OutputKind(hidden_formats.STREAM_INDEX, "json", "application/json", stages.INDEX_FILE),
    *(
        OutputKind(name, "mp4", "video/mp4", file, is_optional=True)
        for name, file in zip(hidden_formats.STREAM_MEDIA, stages.MEDIA_FILES, strict=True)
    ),
    OutputKind(hidden_formats.SPRITE, "jpg", "image/jpeg", SPRITE, is_optional=True),
    OutputKind(hidden_formats.POSTER, "jpg", "image/jpeg", POSTER, is_optional=True),
)


def _outputs(options: Mapping[str, Any]) -> Sequence[OutputKind]:
    return () if options.get("check_only") else _OUTPUTS


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    summary: dict[str, Any] = {"source": json.loads(work.path(stages.FACTS_FILE).read_text())}
    if work.has(stages.INDEX_FILE):
        summary["rungs"] = json.loads(work.path(stages.INDEX_FILE).read_text())["rungs"]
    return summary


STREAMING = Pipeline(
    name=streaming_jobs.PIPELINE,
    is_side_job=True,
    stages=(
        Stage(
            "check",
            stages.check,
            label="Checking the recording",
            needs=("source",),
            makes=(stages.FACTS_FILE, "probed.json"),
            uses=("max_duration_s",),
            weight=0.05,
        ),
        Stage(
            "announce",
            stages.announce,
            label="Waiting for the transcoder",
            needs=(stages.FACTS_FILE,),
            makes=(stages.ANNOUNCED_FILE,),
            uses=("storage_key",),
            engine=TranscoderQueue,
            weight=0.05,
            when=lambda options: bool(options.get("check_only")),
        ),
        Stage(
            "loudness",
            stages.measure_loudness,
            label="Measuring the loudness",
            needs=("source", "probed.json"),
            makes=(stages.LOUDNESS_FILE,),
            engine=StreamSound,
            weight=0.05,
            when=lambda options: not options.get("check_only"),
        ),
        Stage(
            "sound",
            stages.encode_sound,
            label="Preparing the sound",
            needs=("source", "probed.json", stages.LOUDNESS_FILE),
            makes=(stages.SOUND_FILE,),
            scratch=(stages.SOUND_FILE,),
            weight=0.05,
            when=lambda options: not options.get("check_only"),
        ),
        Stage(
            "streams",
            stages.prepare,
            label="Preparing the recording for players",
            needs=("source", stages.FACTS_FILE, "probed.json", stages.SOUND_FILE),
            makes=(stages.INDEX_FILE, *stages.MEDIA_FILES, SPRITE, POSTER),
            scratch=(*stages.MEDIA_FILES, SPRITE, POSTER, stages.FOLDER),
            checkpoint=stages.FOLDER,
            version=2,
            when=lambda options: not options.get("check_only"),
        ),
    ),
    options_model=StreamingOptions,
    load=streaming_jobs.load,
    outputs=_outputs,
    record=streaming_jobs.record,
    summary=_summary,
)
