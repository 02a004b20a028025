"""Read scripts: their current and earlier versions, and estimates. The owner and the members of its projects see a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import defer

import errors
from database import session
from domain import JobState
from lib.paging import Page, Paging, fetch_page
from lib.validation_messages import readable
from models import Job, Script, ScriptVersion
from services.accounts import Caller
from services.jobs.scheduling import duration_model
from services.lessons.duration import TYPICAL_DRAWING_SPEED, TYPICAL_SPEAKING_SPEED, SceneEstimate, estimate_scenes
from services.lessons.script import LessonScript
from services.projects import access
from services.scripts.errors import ScriptNotWritten, UnusableScript

RENDER_PIPELINE = "lesson"
_TYPICAL_SPEED = TYPICAL_SPEAKING_SPEED + TYPICAL_DRAWING_SPEED  # before a server has made a video


@dataclass(frozen=True)
class StoredScript:
    """A script with its current version; that and `content` are None until it is written. `job` writes or wrote it."""

    row: Script
    version: ScriptVersion | None
    job: Job | None

    @cached_property
    def content(self) -> LessonScript | None:
        """The script; None before it is written, and if it is unusable."""
        return usable_content(self.version) if self.version else None

    @property
    def state(self) -> str:
        """`ready`, `waiting` (for a worker), `writing`, `failed`, `cancelled`, or `unusable` for a script that breaks a newer rule."""
        if self.version is not None:
            return "ready" if self.content is not None else "unusable"
        if self.job is None:
            return JobState.FAILED
        return {JobState.QUEUED: "waiting", JobState.RUNNING: "writing"}.get(JobState(self.job.state), self.job.state)

    @property
    def is_pending(self) -> bool:
        """Whether its job still waits or runs."""
        return self.state in ("waiting", "writing")


@dataclass(frozen=True)
class ScriptEstimate:
    """`render_s`: the time that making the video takes; `is_measured`: it comes from videos that were made on this server."""

    scenes: Sequence[SceneEstimate]
    duration_s: float
    render_s: float
    is_measured: bool


def content_of(version: ScriptVersion) -> LessonScript:
    """Return the script that a version holds. Raises UnusableScript."""
    try:
        return LessonScript.model_validate(version.script)
    except ValidationError as error:
        raise UnusableScript(readable(str(error.errors()[0]["msg"]))) from error


def usable_content(version: ScriptVersion) -> LessonScript | None:
    """Return the script that a version holds; None for one that breaks a newer rule."""
    try:
        return content_of(version)
    except UnusableScript:
        return None


def get(caller: Caller, script_id: str) -> StoredScript:
    """Return a script of the caller, or one of a project of the caller. Raises NotFound."""
    row = session().get(Script, script_id, populate_existing=True)
    if row is None or not (row.user_id == caller.user_id or access.may_use_script(caller.user_id, script_id)):
        raise errors.NotFound("script")
    return _with_versions([row])[0]


def get_written(caller: Caller, script_id: str) -> tuple[StoredScript, LessonScript]:
    """Do the same for a script with at least one version. Raises NotFound, ScriptNotWritten and UnusableScript."""
    stored_script = get(caller, script_id)
    if stored_script.version is None:
        raise ScriptNotWritten
    return stored_script, stored_script.content or content_of(stored_script.version)


def list_page(caller: Caller, paging: Paging, *, request_id: str = "") -> Page[StoredScript]:
    """List the caller's scripts, newest first; those of one request in the order of their variants."""
    query = select(Script).where(Script.user_id == caller.user_id).order_by(Script.created_at.desc(), Script.variant, Script.id)
    if request_id:
        query = query.where(Script.request_id == request_id)
    page = fetch_page(query, paging)
    return Page(_with_versions(page.rows), page.total)


def list_versions(caller: Caller, script_id: str) -> Sequence[ScriptVersion]:
    """Return all versions of a script without their content, newest first. Raises NotFound."""
    get(caller, script_id)
    query = select(ScriptVersion).options(defer(ScriptVersion.script)).where(ScriptVersion.script_id == script_id)
    query = query.order_by(ScriptVersion.number.desc())
    return session().execute(query).scalars().all()


def get_version(caller: Caller, script_id: str, number: int) -> ScriptVersion:
    """Return one version of a script. Raises NotFound."""
    get(caller, script_id)
    query = select(ScriptVersion).where(ScriptVersion.script_id == script_id, ScriptVersion.number == number)
    version = session().execute(query).scalar_one_or_none()
    if version is None:
        raise errors.NotFound("version")
    return version


def estimate(caller: Caller, script_id: str, *, speed: float = 1.0) -> ScriptEstimate:
    """Estimate the duration of the lesson and of making its video. Raises NotFound and ScriptNotWritten."""
    _, content = get_written(caller, script_id)
    scenes = estimate_scenes(content, speed=speed)
    duration_s = sum(each.duration_s for each in scenes)
    expected_s = duration_model.expected_s(session(), RENDER_PIPELINE, duration_s)
    render_s = round(_TYPICAL_SPEED * duration_s, 1) if expected_s is None else expected_s
    return ScriptEstimate(scenes, round(duration_s, 1), render_s, expected_s is not None)


def _with_versions(rows: Sequence[Script]) -> list[StoredScript]:
    """Read the current versions and the jobs of scripts by two queries."""
    current = (ScriptVersion.script_id == Script.id) & (ScriptVersion.number == Script.version)
    query = select(ScriptVersion).join(Script, current).where(Script.id.in_([row.id for row in rows]))
    versions = {each.script_id: each for each in session().execute(query).scalars()} if rows else {}
    job_ids = [row.job_id for row in rows if row.job_id]
    job_query = select(Job).where(Job.id.in_(job_ids)).execution_options(populate_existing=True)
    jobs = {job.id: job for job in session().execute(job_query).scalars()} if job_ids else {}
    return [StoredScript(row, versions.get(row.id), jobs.get(row.job_id or "")) for row in rows]
