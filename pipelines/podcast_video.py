"""The pipeline from the sound of a recording to a video with a cover and moving waves, which becomes a recording of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from domain import MediaInfo
from lib.serialization import read_json, to_plain
from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, Workspace
from pipelines.stage_metrics import StageMetrics
from pipelines.stages import podcast
from pipelines.stages import probe as probe_stages
from services.jobs.job_kind import OutputKind
from services.jobs.queue import Claim
from services.lessons import lesson_jobs, podcast_jobs
from services.lessons.options import LessonOptions
from services.projects.rendering import record_video


class PodcastOptions(LessonOptions):
    """Options of the pipeline `podcast_video`: the recording, and how its cover is drawn."""

    source_id: str
    title: str = ""
    subtitle: str = ""


STAGES: tuple[Stage, ...] = (
    Stage(
        "remux",
        probe_stages.remux,
        label="Reading the recording",
        needs=("source",),
        makes=("recording", "recording.json"),
        weight=0.5,
    ),
    Stage("probe", probe_stages.run, label="Choosing the sound", needs=("recording.json",), makes=("media.json",), weight=0.1),
    Stage(
        "cover",
        podcast.draw_cover,
        label="Drawing the cover",
        makes=(podcast.COVER,),
        uses=("title", "subtitle", "language", "theme", "height", "aspect"),
        weight=0.5,
    ),
    Stage(
        "video",
        podcast.show_sound,
        label="Showing the sound",
        needs=("source", "recording", "media.json", podcast.COVER),
        makes=(podcast.VIDEO, podcast.POSTER, podcast.CAPTIONS, podcast.MEDIA_FILE, podcast.FACTS_FILE),
        uses=("title", "language", "chapters", "has_captions", "theme", "height", "aspect"),
        scratch=(podcast.VIDEO, podcast.POSTER, podcast.CAPTIONS),
        weight=8,
    ),
)


def _outputs(options: Mapping[str, Any]) -> Sequence[OutputKind]:
    return (
        OutputKind(lesson_jobs.VIDEO, "mp4", "video/mp4", podcast.VIDEO),
        OutputKind(lesson_jobs.CAPTIONS, "vtt", "text/vtt; charset=utf-8", podcast.CAPTIONS, is_optional=True),
        OutputKind(lesson_jobs.POSTER, "jpg", "image/jpeg", podcast.POSTER, is_optional=True),
    )


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    facts = json.loads(work.path(podcast.FACTS_FILE).read_text())
    return {"lesson": {**facts, "media": to_plain(read_json(MediaInfo, work.path(podcast.MEDIA_FILE)))}}


def _finish(session: Session, claim: Claim, metrics: Mapping[str, Any]) -> None:
    record_video(session, claim, lesson_jobs.recording_id_of(claim.job_id))


PODCAST_VIDEO = Pipeline(
    name=podcast_jobs.PIPELINE,
    stages=STAGES,
    options_model=PodcastOptions,
    load=podcast_jobs.load,
    outputs=_outputs,
    check=lesson_jobs.check,
    record=lesson_jobs.record,
    after_record=lesson_jobs.after_record,
    finish=_finish,
    summary=_summary,
)
