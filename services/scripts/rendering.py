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
from services.jobs import queue
from services.jobs.scheduling.scheduler import LaneThresholds
from services.lessons.duration import estimate_scenes
from services.library import limits
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

    @classmethod
    def from_settings(cls, settings: Settings) -> JobLimits:
        return cls(settings.transcribing_allowed, settings.user_active_jobs, LaneThresholds.from_settings(settings))

    def check_open(self) -> None:
        if not self.is_open:
            raise errors.IntakePaused


def submit(
    caller: Caller,
    script_id: str,
    options: Mapping[str, Any],
    bounds: JobLimits,
    *,
    version: int | None = None,
    project: Project | None = None,
) -> Job:
    """Queue a job that makes the video of a version, by default of the current one, and return it.

    The job of a project belongs to the project's owner. An unfinished job of the same version with the same options is returned instead
    of a second one. Raises NotFound, RenderInProject, ScriptNotWritten, IntakePaused and TooManyJobs.
    """
    bounds.check_open()
    with transaction() as session:
        script = reading.get(caller, script_id).row
        owner_id = project.user_id if project is not None else caller.user_id
        if script.user_id != owner_id:
            raise RenderInProject
        number = version if version is not None else script.version
        if number == 0:
            raise ScriptNotWritten
        confirmed: ScriptVersion = reading.get_version(caller, script_id, number)
        job_options = {"script_version_id": confirmed.id, **options}
        active = select(Job).where(Job.user_id == owner_id, Job.pipeline == reading.RENDER_PIPELINE, Job.state.in_(ACTIVE_STATES))
        project_id = project.id if project is not None else None
        for job in session.execute(active).scalars():
            if job.options == job_options and job.project_id == project_id and not job.cancel_requested:
                return job
        limits.check_jobs(session, owner_id, bounds.active_jobs)
        media_s = sum(each.duration_s for each in estimate_scenes(reading.content_of(confirmed)))
        return queue.submit(
            user_id=owner_id,
            pipeline=reading.RENDER_PIPELINE,
            options=job_options,
            lanes=bounds.lanes,
            media_s=media_s,
            project_id=project_id,
            payer_id=project.payer_id if project is not None else None,
        )
