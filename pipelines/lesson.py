"""The pipeline from a script to a narrated video, which becomes a recording. It has no recording as its input."""

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
from pipelines.stages import lesson as stages
from pipelines.stages import lesson_slides
from pipelines.voice_stage import voice_stage
from schemas.options import LectureOptions
from services.jobs.job_kind import OutputKind
from services.jobs.queue import Claim
from services.lessons import lesson_jobs
from services.lessons.duration import TYPICAL_DRAWING_SPEED
from services.lessons.options import LessonOptions
from services.lessons.rendering import lesson
from services.lessons.rendering.slides import moving_area
from services.lessons.rendering.video import RenderedScript
from services.lessons.script import LessonScript
from services.projects.rendering import record_video


class LessonJobOptions(LessonOptions):
    """Options of the pipeline `lesson`: the version of a script, and how it is spoken and drawn."""

    script_version_id: str
    quota_bytes: int = 0


STAGES: tuple[Stage, ...] = (
    voice_stage(weight=6),
    Stage(
        "pictures",
        stages.prepare_pictures,
        label="Preparing the pictures",
        makes=(stages.PICTURES_FILE, stages.PICTURES),
        uses=("script", "lesson"),
        weight=0.1,
        typical_speed=0.0,
    ),
    Stage(
        "scenes",
        stages.draw,
        label="Drawing the scenes",
        needs=(stages.SPOKEN_FILE, stages.PICTURES_FILE, stages.PICTURES),
        makes=(stages.RENDERED_FILE, stages.VIDEOS),
        uses=("script", "lesson", "words", "watermark"),
        weight=8,
        typical_speed=0.8 * TYPICAL_DRAWING_SPEED,
    ),
    Stage(
        "video",
        stages.join,
        label="Joining the scenes",
        needs=(stages.RENDERED_FILE, stages.VIDEOS, stages.SOUNDS),
        makes=(lesson.VIDEO, lesson.POSTER, lesson.SRT, lesson.VTT, lesson.SOUND),
        uses=("script", "lesson", "created_on"),
        scratch=(lesson.VIDEO, lesson.POSTER, lesson.SRT, lesson.VTT, lesson.SOUND),
        weight=1,
        typical_speed=0.1 * TYPICAL_DRAWING_SPEED,
    ),
    Stage(
        "check",
        stages.verify,
        label="Checking the video",
        needs=(lesson.VIDEO, stages.RENDERED_FILE, stages.VIDEOS, lesson.SOUND, stages.SOUNDS),
        makes=(stages.SCRIPT_FILE, stages.MEDIA_FILE, stages.REPORT_FILE),
        uses=("script", "lesson"),
        weight=0.5,
        typical_speed=0.08 * TYPICAL_DRAWING_SPEED,
    ),
    Stage(
        "lesson_slides",
        lesson_slides.collect,
        label="Collecting the slides",
        needs=(stages.RENDERED_FILE, stages.VIDEOS, stages.REPORT_FILE),  # after the check, which may have scenes drawn again
        makes=(lesson_slides.ARCHIVE_FILE,),
        uses=("script",),
        scratch=(lesson_slides.ARCHIVE_FILE,),
        weight=0.2,
        typical_speed=0.02 * TYPICAL_DRAWING_SPEED,
    ),
)


def _outputs(options: Mapping[str, Any]) -> Sequence[OutputKind]:
    return (
        OutputKind(lesson_jobs.VIDEO, "mp4", "video/mp4", lesson.VIDEO),
        OutputKind(lesson_jobs.CAPTIONS, "vtt", "text/vtt; charset=utf-8", lesson.VTT, is_optional=True),
        OutputKind(lesson_jobs.POSTER, "jpg", "image/jpeg", lesson.POSTER, is_optional=True),
        OutputKind(lesson_jobs.SLIDES, "slides.tar", "application/x-tar", lesson_slides.ARCHIVE_FILE, is_optional=True),
    )


def _warnings(work: Workspace, options: Mapping[str, Any]) -> Sequence[str]:
    return read_json(RenderedScript, work.path(stages.RENDERED_FILE)).warnings


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    rendered_script = read_json(RenderedScript, work.path(stages.RENDERED_FILE))
    script = LessonScript.model_validate_json(work.path(stages.SCRIPT_FILE).read_bytes())
    media = read_json(MediaInfo, work.path(stages.MEDIA_FILE))
    marks = [{"start_s": each.start_s, "title": each.title} for each in lesson.chapters(script, rendered_script)]
    facts = {"title": script.title, "language": script.language, "chapters": marks, "media": to_plain(media)}
    return {"lesson": facts, "lesson_checks": json.loads(work.path(stages.REPORT_FILE).read_text())}


def _finish(session: Session, claim: Claim, metrics: Mapping[str, Any]) -> None:
    """Queue the conversion, and note the video in its project. Captions and the progress bar are not part of the slides."""
    area = moving_area(lesson_jobs.options_of(claim))
    lesson_jobs.queue_conversion(session, claim, LectureOptions(ignore=area).model_dump(mode="json"))
    record_video(session, claim, lesson_jobs.recording_id_of(claim.job_id))


LESSON = Pipeline(
    name=lesson_jobs.PIPELINE,
    stages=STAGES,
    options_model=LessonJobOptions,
    load=lesson_jobs.load,
    outputs=_outputs,
    check=lesson_jobs.check,
    record=lesson_jobs.record,
    after_record=lesson_jobs.after_record,
    finish=_finish,
    warnings=_warnings,
    summary=_summary,
)
