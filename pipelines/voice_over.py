"""The pipeline from a script or a text to a spoken sound, which becomes a recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from domain import MediaInfo
from lib.serialization import read_json, to_plain
from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, Workspace
from pipelines.stage_metrics import StageMetrics
from pipelines.stages import lesson as stages
from pipelines.voice_stage import voice_stage
from schemas.options import LectureOptions
from services.jobs.job_kind import OutputKind
from services.jobs.queue import Claim
from services.lessons import lesson_jobs
from services.lessons.options import LessonOptions
from services.lessons.rendering import voice_over
from services.lessons.rendering.voice import SpokenScript
from services.lessons.rendering.voice_over import VoiceOver
from services.lessons.script import LessonScript
from services.projects.rendering import record_recording


class VoiceOverOptions(LessonOptions):
    """Options of the pipeline `voice_over`: the version of a script, or a script, and how it is spoken."""

    script_version_id: str = ""
    script: LessonScript | None = None


STAGES: tuple[Stage, ...] = (
    voice_stage(weight=8),
    Stage(
        "sound",
        stages.join_voice_over,
        label="Joining the narration",
        needs=(stages.SPOKEN_FILE, stages.SOUNDS),
        makes=(voice_over.SOUND, voice_over.VTT, stages.VOICE_OVER_FILE, stages.SCRIPT_FILE, stages.MEDIA_FILE),
        uses=("script", "created_on"),
        scratch=(voice_over.SOUND, voice_over.VTT),
        weight=1,
    ),
)


def _outputs(options: Mapping[str, Any]) -> Sequence[OutputKind]:
    return (
        OutputKind(lesson_jobs.VOICE_OVER, "m4a", "audio/mp4", voice_over.SOUND),
        OutputKind(lesson_jobs.CAPTIONS, "vtt", "text/vtt; charset=utf-8", voice_over.VTT, is_optional=True),
    )


def _warnings(work: Workspace, options: Mapping[str, Any]) -> Sequence[str]:
    return read_json(SpokenScript, work.path(stages.SPOKEN_FILE)).warnings


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    script = LessonScript.model_validate_json(work.path(stages.SCRIPT_FILE).read_bytes())
    recording = read_json(VoiceOver, work.path(stages.VOICE_OVER_FILE))
    media = read_json(MediaInfo, work.path(stages.MEDIA_FILE))
    marks = [{"start_s": each.start_s, "title": each.title} for each in recording.chapters]
    return {"lesson": {"title": script.title, "language": script.language, "chapters": marks, "media": to_plain(media)}}


def _finish(session: Session, claim: Claim, metrics: Mapping[str, Any]) -> None:
    """Queue the conversion, and add the sound to its project."""
    lesson_jobs.queue_conversion(session, claim, LectureOptions().model_dump(mode="json"))
    record_recording(session, claim, lesson_jobs.recording_id_of(claim.job_id))


VOICE_OVER = Pipeline(
    name=lesson_jobs.VOICE_OVER,
    stages=STAGES,
    options_model=VoiceOverOptions,
    load=lesson_jobs.load_voice_over,
    outputs=_outputs,
    check=lesson_jobs.check,
    record=lesson_jobs.record,
    after_record=lesson_jobs.after_record,
    finish=_finish,
    warnings=_warnings,
    summary=_summary,
)
