"""Read, cancel and retry jobs, as their owner or as an admin. Actions of admins on jobs of other users are audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

import errors
from database import session, transaction
from domain import FINAL_STATES, JobState
from lib.paging import Page, Paging, fetch_page
from models import Job, JobEvent, Project, Recording
from services.accounts import Caller
from services.jobs import queue
from services.library import limits, videos
from services.library.limits import UploadLimits
from services.operations import audit
from services.projects import access
from services.projects.errors import ProjectArchived, RoleTooLow


class JobHasNoFile(errors.Conflict):
    """This job has no file to download."""

    code = "job_has_no_file"
    hint = "Wait until it is completed; see GET /api/v1/jobs/ID."


def get_accessible_job(caller: Caller, job_id: str) -> Job:
    """Return a job of the caller or of a project of the caller, or any job for an admin. Raises NotFound."""
    job = session().get(Job, job_id, populate_existing=True)  # workers change jobs; the session may have read an older row
    if job is None or not (caller.is_admin or job.user_id == caller.user_id or access.may_use_job(caller.user_id, job)):
        raise errors.NotFound("job")
    return job


def _get_changeable_job(caller: Caller, job_id: str) -> Job:
    """Do the same for a change, which viewers of a project may not make. Raises NotFound and RoleTooLow."""
    job = get_accessible_job(caller, job_id)
    if not (caller.is_admin or job.user_id == caller.user_id or access.may_use_job(caller.user_id, job, "editor")):
        raise RoleTooLow("Viewers of a project don't change its jobs.")
    return job


def cancel(caller: Caller, job_id: str, *, reason: str = "") -> JobState:
    """Cancel a job and return its state; a finished job is not changed. Raises NotFound and RoleTooLow."""
    with transaction() as session:
        job = _get_changeable_job(caller, job_id)
        before = {"state": queue.shown_state(job)}
        state = queue.request_cancel(job_id, by=caller.email, reason=reason)
        if state != before["state"]:
            audit.record_if_other_user(session, caller, job.user_id, "job.cancel", ("job", job_id), before, {"state": state})
    return state


def retry(caller: Caller, job_id: str, upload_limits: UploadLimits | None = None) -> Job:
    """Retry a failed or cancelled job, within the limits of new jobs; None, for the admin desk, means no limits.

    Raises NotFound, RoleTooLow, IntakePaused, TooManyJobs, ProjectArchived, and Conflict for a job in another state.
    """
    if upload_limits is not None:
        upload_limits.check_open()
    with transaction() as session:
        job = _get_changeable_job(caller, job_id)
        if job.recording_id is not None and session.get_one(Recording, job.recording_id).deleted_at is not None:
            raise errors.Conflict("The recording of this job is in the trash.", hint="Restore it first.")
        project = session.get(Project, job.project_id, populate_existing=True) if job.project_id else None
        if project is not None and project.archived_at is not None:
            raise ProjectArchived
        before = {"state": queue.shown_state(job)}
        if upload_limits is not None and job.state in FINAL_STATES:
            limits.check_jobs(session, job.user_id, upload_limits.active_jobs)
        queue.retry(job_id)
        audit.record_if_other_user(session, caller, job.user_id, "job.requeue", ("job", job_id), before, {"state": queue.shown_state(job)})
    return job


def list_own_jobs(caller: Caller, paging: Paging, *, project_id: str = "", states: Sequence[JobState] = ()) -> Page[Job]:
    """List the caller's jobs, or those of a project of the caller, newest first. `states`: only these. Raises NotFound."""
    query = select(Job).where(Job.user_id == caller.user_id)
    if project_id:
        access.get(caller, project_id)
        query = select(Job).where(Job.project_id == project_id)
    if states:
        query = query.where(Job.state.in_(states))
    return fetch_page(query.order_by(Job.created_at.desc(), Job.id), paging)


def results_of(caller: Caller, jobs: Sequence[Job]) -> Mapping[str, Recording]:
    """Return the recordings that succeeded jobs have made or converted, by job, if the caller may watch them."""
    by_job = {job.id: job.recording_id for job in jobs if job.state == JobState.SUCCEEDED and job.recording_id}
    recordings = {video.recording.id: video.recording for video in videos.watchable(caller, sorted(set(by_job.values())))}
    return {job_id: recordings[recording_id] for job_id, recording_id in by_job.items() if recording_id in recordings}


def result_of(caller: Caller, job: Job) -> Recording:
    """Return the recording that a job has made or converted. Raises JobHasNoFile and NotFound."""
    recording = results_of(caller, [job]).get(job.id)
    if recording is not None:
        return recording
    if job.state == JobState.SUCCEEDED and job.recording_id:
        raise errors.NotFound("recording")
    raise JobHasNoFile(f"It is {queue.shown_state(job)}.")


def events_of_job(caller: Caller, job_id: str, *, after_event_id: int = 0) -> Sequence[JobEvent]:
    """Return the events of a job with an id above `after_event_id`, oldest first. Raises NotFound."""
    job = get_accessible_job(caller, job_id)
    rows = session().execute(select(JobEvent).where(JobEvent.job_id == job.id, JobEvent.id > after_event_id).order_by(JobEvent.id))
    return rows.scalars().all()


def events_of_user(caller: Caller, *, after_event_id: int | None, limit: int) -> Sequence[JobEvent]:
    """Return at most `limit` events of the caller's jobs, oldest first.

    They are the first events with an id above `after_event_id`, or without it the newest events.
    """
    query = select(JobEvent).where(JobEvent.user_id == caller.user_id).limit(limit)
    if after_event_id is not None:
        return session().execute(query.where(JobEvent.id > after_event_id).order_by(JobEvent.id)).scalars().all()
    return session().execute(query.order_by(JobEvent.id.desc())).scalars().all()[::-1]


def is_event_stream_complete(caller: Caller, job_id: str, last_event_id: int) -> bool:
    """Return whether the job has ended and no event has an id above `last_event_id`: a stream has nothing more to send."""
    newest = events_of_job(caller, job_id)[-1:]
    return bool(newest) and newest[0].id <= last_event_id and newest[0].kind in FINAL_STATES
