"""The pipeline that uploads a recording to YouTube, with captions, thumbnail and chapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from lib.serialization import read_json, to_plain
from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, Workspace
from pipelines.stage_metrics import StageMetrics
from pipelines.stages import publish
from services.jobs.job_kind import OutputKind
from services.publishing import publish_jobs
from services.youtube import YouTubeOptions
from services.youtube.port import UploadedVideo


class PublishingOptions(BaseModel):
    """Options of the pipeline `youtube_publishing`; schemas/publishing.py validates those that users send."""

    model_config = ConfigDict(extra="forbid")


def _outputs(options: Mapping[str, Any]) -> Sequence[OutputKind]:
    return ()


def _warnings(work: Workspace, options: Mapping[str, Any]) -> Sequence[str]:
    return read_json(publish.Extras, work.path(publish.EXTRAS_FILE)).warnings


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    video = read_json(UploadedVideo, work.path(publish.VIDEO_FILE))
    extras = read_json(publish.Extras, work.path(publish.EXTRAS_FILE))
    return {"youtube": {**to_plain(video), "privacy": extras.privacy}}


YOUTUBE_PUBLISHING = Pipeline(
    name=publish_jobs.PIPELINE,
    is_side_job=True,
    stages=(
        Stage(
            "youtube_session",
            publish.begin,
            label="Announcing the video to YouTube",
            needs=(publish.SOURCE,),
            makes=(publish.SESSION_FILE,),
            uses=("details",),
            engine=YouTubeOptions,
            weight=0.1,
        ),
        Stage(
            "youtube_upload",
            publish.upload,
            label="Uploading the video to YouTube",
            needs=(publish.SOURCE, publish.SESSION_FILE),
            makes=(publish.VIDEO_FILE,),
            uses=("details",),
            engine=YouTubeOptions,
            weight=10,
        ),
        Stage(
            "youtube_extras",
            publish.complete,
            label="Adding captions and thumbnail",
            needs=(publish.VIDEO_FILE, publish.CAPTIONS, publish.THUMBNAIL),
            makes=(publish.EXTRAS_FILE,),
            uses=("details", "captions", "captions_language", "thumbnail"),
            engine=YouTubeOptions,
            weight=0.5,
        ),
    ),
    options_model=PublishingOptions,
    resumes_after_cancel=True,
    load=publish_jobs.load,
    outputs=_outputs,
    record=publish_jobs.record,
    warnings=_warnings,
    summary=_summary,
)
