"""Jobs as resources: create, show, cancel, retry. Responses have Lectern's fields and those of AI Film Studio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from flask import Response
from pydantic import Field

from pipelines.lecture_notes import LECTURE_NOTES
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.event_streams import STREAM_DOC, event_stream, last_event_id, wants_stream
from routes.forms import validate
from routes.paging import PageQuery, page_response
from routes.streams import file_urls
from routes.urls import base_url
from schemas.events import EventsQuery
from schemas.film import STATES_OF_STATUS, FilmJobOut, FilmJobsOut, JobDownloadOut, JobIn, SubmitJobIn
from schemas.options import LectureOptions
from schemas.recordings import EventOut, EventsOut
from services.accounts import Caller
from services.library import uploads, user_jobs
from services.library.limits import UploadLimits
from services.projects import jobs as project_jobs
from services.projects.jobs import JobRequest
from services.scripts.rendering import JobLimits

if TYPE_CHECKING:
    from models import Job, Project

jobs = Blueprint("jobs", __name__, scope="content", tag="Jobs")
_SUBMIT_DOC: dict[Any, Any] = {
    402: "Not enough credits",
    403: "The caller's role does not allow it",
    404: "No such project or recording",
    409: "The project has no script, or its video is being made",
    422: "Unknown or unsupported kind of job",
}


class JobsQuery(PageQuery):
    project_id: str = Field("", max_length=64, description="The jobs of this project, of all its members.")
    status: Literal["", "pending", "queued", "processing", "completed", "failed", "cancelled"] = ""


@jobs.post("")
@endpoint(rate_limits=("upload",))
@login_required
@jobs.input(JobIn)
@jobs.output(FilmJobOut, status_code=201)
@jobs.doc(responses=_SUBMIT_DOC)
def create_job(json_data: JobIn) -> Any:
    """Start a job of a kind that AI Film Studio documents. Lip sync and music are not offered."""
    return submit_job(json_data.to_request())


@jobs.post("/submit")
@endpoint(rate_limits=("upload",))
@login_required
@jobs.input(SubmitJobIn)
@jobs.output(FilmJobOut)
@jobs.doc(responses=_SUBMIT_DOC)
def submit_video(json_data: SubmitJobIn) -> Any:
    """Make the video of a project."""
    return submit_job(json_data.to_request())


def submit_job(job_request: JobRequest) -> FilmJobOut:
    """Queue a job and show it."""
    return _job_out(project_jobs.submit(caller(), job_request, JobLimits.from_settings(container().settings), _convert))


def _convert(owner: Caller, recording_id: str, options: Mapping[str, Any], project: Project | None) -> Job:
    type_option = {name: value for name, value in options.items() if name == project_jobs.JOB_TYPE}
    valid_options = validate(LectureOptions, {name: value for name, value in options.items() if name not in type_option})
    job_options = {**valid_options.model_dump(mode="json"), **type_option, "base_url": base_url()}
    settings = container().settings
    return uploads.convert_again(owner, recording_id, settings, pipeline=LECTURE_NOTES.name, options=job_options, project=project)


@jobs.get("")
@login_required
@jobs.input(JobsQuery, location="query")
@jobs.output(FilmJobsOut)
@jobs.doc(responses={404: "No such project"})
def list_jobs(query_data: JobsQuery) -> Response:
    """List the caller's jobs, or those of a project, newest first."""
    states = STATES_OF_STATUS.get(query_data.status, ())
    page = user_jobs.list_own_jobs(caller(), query_data.paging, project_id=query_data.project_id, states=states)
    body = FilmJobsOut(jobs=_jobs_out(page.rows), total=page.total)
    return page_response(body, query_data, page.total)


@jobs.get("/<job_id>")
@login_required
@jobs.output(FilmJobOut)
@jobs.doc(responses={404: "Not found"})
def show_job(job_id: str) -> Any:
    """Show a job: stage, progress, seconds left and error; while it is queued, its position and the reason it waits."""
    return _job_out(user_jobs.get_accessible_job(caller(), job_id))


@jobs.get("/<job_id>/status")
@login_required
@jobs.output(FilmJobOut)
@jobs.doc(responses={404: "Not found"})
def show_job_status(job_id: str) -> Any:
    """Show a job; the same as without `/status`."""
    return _job_out(user_jobs.get_accessible_job(caller(), job_id))


@jobs.get("/<render_id>/download")
@login_required
@jobs.output(JobDownloadOut)
@jobs.doc(responses={404: "Not found", 409: "The job has not succeeded, or it makes no file"})
def show_job_download(render_id: str) -> Any:
    """Return an address of the video or the sound that the job made, which opens without a header."""
    recording = user_jobs.result_of(caller(), user_jobs.get_accessible_job(caller(), render_id))
    url, seconds = file_urls(recording)[0], container().settings.signed_url_s
    return JobDownloadOut(download_url=url, downloadUrl=url, expires_in=seconds, expiresIn=seconds, filename=recording.filename)


@jobs.get("/<job_id>/events")
@login_required
@jobs.input(EventsQuery, location="query")
@jobs.output(EventsOut)
@jobs.doc(responses={204: "The job has ended, and the client has its last event", 404: "Not found", **STREAM_DOC})
def list_events(job_id: str, query_data: EventsQuery) -> Any:
    """List a job's events in order; with `Accept: text/event-stream`, stream them until the job ends."""
    job_id, after_event_id = user_jobs.get_accessible_job(caller(), job_id).id, last_event_id(query_data)
    if not wants_stream():
        return EventsOut(
            events=[EventOut.of(event) for event in user_jobs.events_of_job(caller(), job_id, after_event_id=after_event_id or 0)]
        )
    if after_event_id is not None and user_jobs.is_event_stream_complete(caller(), job_id, after_event_id):
        return Response(status=204)  # stops an EventSource from reconnecting
    return event_stream(job_id, after_event_id)


@jobs.post("/<job_id>/cancel")
@login_required
@jobs.output(FilmJobOut)
@jobs.doc(responses={404: "Not found"})
def cancel_job(job_id: str) -> Any:
    """Cancel a job; a finished one is not changed."""
    user_jobs.cancel(caller(), job_id)
    return _job_out(user_jobs.get_accessible_job(caller(), job_id))


@jobs.delete("/<job_id>")
@login_required
@jobs.output(FilmJobOut)
@jobs.doc(responses={404: "Not found"})
def delete_job(job_id: str) -> Any:
    """Cancel a job; the same as POST to `/cancel`."""
    user_jobs.cancel(caller(), job_id)
    return _job_out(user_jobs.get_accessible_job(caller(), job_id))


@jobs.post("/<job_id>/retry")
@endpoint(rate_limits=("upload",))
@login_required
@jobs.output(FilmJobOut)
@jobs.doc(
    responses={402: "Not enough credits", 404: "Not found", 409: "The job is neither failed nor cancelled, or its project is archived"}
)
def retry_job(job_id: str) -> Any:
    """Retry a failed or cancelled job from the stage where it stopped."""
    job = user_jobs.retry(caller(), job_id, UploadLimits.from_settings(container().settings))
    return _job_out(job)


def _job_out(job: Job) -> FilmJobOut:
    return _jobs_out([job])[0]


def _jobs_out(rows: Sequence[Job]) -> list[FilmJobOut]:
    """Return jobs with the addresses of their results."""
    results = user_jobs.results_of(caller(), rows)
    forecast = container().queue_forecast
    return [FilmJobOut.of(job, forecast.of(job), file_urls(results[job.id]) if job.id in results else None) for job in rows]
