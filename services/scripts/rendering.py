"""Submit the jobs that make videos of scripts. A job names a version, so later edits of the script don't change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

import errors
from database import transaction
from domain import ACTIVE_STATES
from models import Job, Project, ScriptVersion
from services.accounts import Caller
from services.accounts.user_lock import lock_user
from services.jobs import queue
from services.jobs.scheduling.scheduler import LaneThresholds
from services.lessons.duration import check_durations, estimate_scenes
from services.lessons.materials import STARTED_BY, materials_of
from services.lessons.options import LessonOptions, estimated_bytes
from services.lessons.script import LessonScript
from services.library import limits, recordings
from services.projects.errors import RenderInProject
from services.scripts import reading
from services.scripts.errors import ScriptNotWritten

if TYPE_CHECKING:
    from config import Settings


@dataclass(frozen=True)
class JobLimits:
    """The settings that jobs about scripts depend on; `is_open` is False while an admin has paused the intake."""

    is_open: bool
    active_jobs: int
    lanes: LaneThresholds
    max_duration_s: float
    quota_bytes: int

    @classmethod
    def from_settings(cls, settings: Settings) -> JobLimits:
        return cls(
            is_open=settings.transcribing_allowed,
            active_jobs=settings.user_active_jobs,
            lanes=LaneThresholds.from_settings(settings),
            max_duration_s=settings.max_duration_s,
            quota_bytes=settings.user_quota_bytes,
        )

    def check_open(self) -> None:
        if not self.is_open:
            raise errors.IntakePaused


def submit(
    caller: Caller,
    script_id: str,
    options: Mapping[str, Any],
    job_limits: JobLimits,
    *,
    version: int | None = None,
    project: Project | None = None,
) -> Job:
    """Queue a job that makes the video of a version, by default of the current one, and return it.

    The job of a project belongs to the project's owner. An unfinished job of the same version with the same options is returned instead
    of a second one. Raises NotFound, RenderInProject, ScriptNotWritten, LessonTooLong, ImageMissing, RecordingMissing,
    IntakePaused, QuotaExceeded and TooManyJobs.
    """
    job_limits.check_open()
    with transaction() as session:
        script = reading.get(caller, script_id).row
        owner_id = project.user_id if project is not None else caller.user_id
        if script.user_id != owner_id:
            raise RenderInProject
        lock_user(session, owner_id)
        number = version if version is not None else script.version
        if number == 0:
            raise ScriptNotWritten
        confirmed_version: ScriptVersion = reading.get_version(caller, script_id, number)
        content = reading.content_of(confirmed_version)
        media_s = _duration_s(content, options, job_limits)
        materials_of(content, _lesson_options(options), {owner_id, caller.user_id})
        job_options = {"script_version_id": confirmed_version.id, "quota_bytes": job_limits.quota_bytes, **options}
        query = select(Job).where(Job.user_id == owner_id, Job.pipeline == reading.RENDER_PIPELINE, Job.state.in_(ACTIVE_STATES))
        project_id = project.id if project is not None else None
        for job in session.execute(query).scalars():
            if _without_starter(job.options) == job_options and job.project_id == project_id and not job.cancel_requested:
                return job
        if caller.user_id != owner_id:
            job_options[STARTED_BY] = caller.user_id
        limits.check_jobs(session, owner_id, job_limits.active_jobs)
        recordings.check_quota(session, owner_id, estimated_bytes(media_s, _lesson_options(options)), job_limits.quota_bytes)
        return queue.submit(
            user_id=owner_id,
            pipeline=reading.RENDER_PIPELINE,
            options=job_options,
            lanes=job_limits.lanes,
            media_s=media_s,
            project_id=project_id,
            payer_id=project.payer_id if project is not None else None,
        )


def _without_starter(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != STARTED_BY}


def _duration_s(script: LessonScript, options: Mapping[str, Any], job_limits: JobLimits) -> float:
    """Return the estimated duration. Raises LessonTooLong."""
    lesson = _lesson_options(options)
    scenes = estimate_scenes(script, speed=lesson.speed, pronunciations=lesson.pronunciations)
    check_durations({each.scene_id: each.duration_s for each in scenes}, job_limits.max_duration_s)
    return sum(each.duration_s for each in scenes)


def _lesson_options(options: Mapping[str, Any]) -> LessonOptions:
    return LessonOptions.model_validate({name: value for name, value in options.items() if name in LessonOptions.model_fields})
