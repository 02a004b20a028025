"""Jobs as resources: show, cancel, retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.event_streams import STREAM_DOC, event_stream, last_event_id, wants_stream
from routes.paging import PageQuery, page_response
from schemas.events import EventsQuery
from schemas.recordings import EventOut, EventsOut, JobOut, JobsOut
from services.library import user_jobs

if TYPE_CHECKING:
    from models import Job

jobs = Blueprint("jobs", __name__, scope="content", tag="Jobs")


@jobs.get("")
@login_required
@jobs.input(PageQuery, location="query")
@jobs.output(JobsOut)
def list_jobs(query_data: PageQuery) -> Response:
    """List the caller's jobs, newest first."""
    page = user_jobs.list_own_jobs(caller(), query_data.paging)
    body = JobsOut(jobs=[_job_out(job) for job in page.rows], total=page.total)
    return page_response(body, query_data, page.total)


@jobs.get("/<job_id>")
@login_required
@jobs.output(JobOut)
@jobs.doc(responses={404: "Not found"})
def show_job(job_id: str) -> Any:
    """Show a job: stage, progress, seconds left and error; while it is queued, its position and the reason it waits."""
    return _job_out(user_jobs.get_accessible_job(caller(), job_id))


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
@jobs.output(JobOut)
@jobs.doc(responses={404: "Not found"})
def cancel_job(job_id: str) -> Any:
    """Cancel a job; a finished one is not changed."""
    user_jobs.cancel(caller(), job_id)
    return _job_out(user_jobs.get_accessible_job(caller(), job_id))


@jobs.post("/<job_id>/retry")
@login_required
@jobs.output(JobOut)
@jobs.doc(responses={404: "Not found", 409: "The job is neither failed nor cancelled"})
def retry_job(job_id: str) -> Any:
    """Retry a failed or cancelled job from the stage where it stopped."""
    job = user_jobs.retry(caller(), job_id)
    return _job_out(job)


def _job_out(job: Job) -> JobOut:
    return JobOut.of(job, container().queue_forecast.of(job))
