"""Submit the jobs that make videos of scripts. A job names a version, so later edits of the script don't change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

import errors
from database import transaction
from domain import ACTIVE_STATES
from models import Job, ScriptVersion
from services.accounts import Caller
from services.jobs import queue
from services.jobs.scheduling.scheduler import LaneThresholds
from services.lessons.duration import estimate_scenes
from services.library import limits
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


def submit(caller: Caller, script_id: str, options: Mapping[str, Any], bounds: JobLimits, *, version: int | None = None) -> Job:
    """Queue a job that makes the video of a version, by default of the current one, and return it.

    An unfinished job of the same version with the same options is returned instead of a second one.
    Raises NotFound, ScriptNotWritten, IntakePaused and TooManyJobs.
    """
    bounds.check_open()
    with transaction() as session:
        number = version if version is not None else reading.get(caller, script_id).row.version
        if number == 0:
            raise ScriptNotWritten
        confirmed: ScriptVersion = reading.get_version(caller, script_id, number)
        job_options = {"script_version_id": confirmed.id, **options}
        active = select(Job).where(Job.user_id == caller.user_id, Job.pipeline == reading.RENDER_PIPELINE, Job.state.in_(ACTIVE_STATES))
        for job in session.execute(active).scalars():
            if job.options == job_options and not job.cancel_requested:
                return job
        limits.check_jobs(session, caller.user_id, bounds.active_jobs)
        media_s = sum(each.duration_s for each in estimate_scenes(reading.content_of(confirmed)))
        return queue.submit(
            user_id=caller.user_id, pipeline=reading.RENDER_PIPELINE, options=job_options, lanes=bounds.lanes, media_s=media_s
        )
