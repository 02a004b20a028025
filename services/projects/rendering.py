"""Make the videos of projects, and note what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

import errors
from database import transaction
from lib.clock import now
from lib.validation_messages import readable
from models import Job, Project
from services.accounts import Caller
from services.jobs import queue
from services.lessons.options import LessonOptions
from services.lessons.script import LessonScript
from services.projects import assets, narration
from services.projects.errors import ProjectIsProcessing, ProjectWithoutScript
from services.projects.projects import is_processing, lock_project, main_script
from services.scripts import reading, rendering
from services.scripts.rendering import JobLimits

_MAX_PRONUNCIATIONS = 200


def submit(caller: Caller, project_id: str, changes: Mapping[str, Any], job_limits: JobLimits) -> Job:
    """Queue the job that makes the project's video of its script as it is now, and return it. The job belongs to the owner.

    `changes`: options of the video that differ from those of the project. While a job with the same script and options is unfinished,
    that one is returned. Raises NotFound, RoleTooLow, ProjectArchived, ProjectWithoutScript, ProjectIsProcessing and TooManyJobs.
    """
    with transaction() as session:
        project, _ = lock_project(session, caller, project_id, "editor")
        script = main_script(session, project_id)
        if script is None:
            raise ProjectWithoutScript
        _, content = reading.get_written(caller, script.id)
        was_processing = is_processing(session, project)
        options = options_of(project, content, changes).model_dump(mode="json")
        job = rendering.submit(caller, script.id, options, job_limits, project=project)
        if was_processing and job.id != project.job_id:
            raise ProjectIsProcessing
        project.job_id, project.updated_at = job.id, now()
    return job


def options_of(project: Project, script: LessonScript, changes: Mapping[str, Any]) -> LessonOptions:
    """Return the options of a video: what the client's settings say, then the project's defaults, its glossary, and the changes.

    Raises ValidationFailed.
    """
    glossary_pronunciations = {term["term"]: term["spoken"] for term in project.glossary if term.get("spoken")}
    options = {**narration.options_of(project.settings, script), **project.lesson_options, **changes}
    pronunciations = {**glossary_pronunciations, **(options.get("pronunciations") or {})}
    try:
        return LessonOptions.model_validate({**options, "pronunciations": dict(list(pronunciations.items())[:_MAX_PRONUNCIATIONS])})
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {readable(each['msg'])}" for each in error.errors()]
        raise errors.ValidationFailed("; ".join(problems)) from None


def record_video(session: Session, claim: queue.Claim, recording_id: str) -> None:
    """Make a finished video the newest one of the project of its job, in the transaction in which the job succeeds."""
    project = _project_of(session, claim)
    if project is None:
        return
    assets.add_recording(session, project.id, recording_id, "lesson", None)
    if project.job_id == claim.job_id:
        project.recording_id, project.completed_at = recording_id, now()


def record_recording(session: Session, claim: queue.Claim, recording_id: str) -> None:
    """Add a finished recording to the project of its job, in the transaction in which the job succeeds."""
    project = _project_of(session, claim)
    if project is not None:
        assets.add_recording(session, project.id, recording_id, "recording", None)


def _project_of(session: Session, claim: queue.Claim) -> Project | None:
    project_id = session.get_one(Job, claim.job_id).project_id
    return session.get(Project, project_id, with_for_update=True) if project_id else None
