"""Jobs as resources: look, cancel, retry."""

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
    """The caller's jobs, newest first."""
    page = user_jobs.list_page(caller(), query_data.paging)
    body = JobsOut(jobs=[_shown(job) for job in page.rows], total=page.total)
    return page_response(body, query_data, page.total)


@jobs.get("/<job_id>")
@login_required
@jobs.output(JobOut)
@jobs.doc(responses={404: "Not found"})
def show_job(job_id: str) -> Any:
    """One job: stage, progress, seconds left, error; while it waits, how many go before it and what it waits for."""
    return _shown(user_jobs.owned(caller(), job_id))


@jobs.get("/<job_id>/events")
@login_required
@jobs.input(EventsQuery, location="query")
@jobs.output(EventsOut)
@jobs.doc(responses={204: "It has ended, and the last event is known", 404: "Not found", **STREAM_DOC})
def list_events(job_id: str, query_data: EventsQuery) -> Any:
    """What happened to a job so far, in order; with `Accept: text/event-stream`, also what happens until it ends."""
    job_id, after = user_jobs.owned(caller(), job_id).id, last_event_id(query_data)
    if not wants_stream():
        return EventsOut(events=[EventOut.of(event) for event in user_jobs.events(caller(), job_id, after=after or 0)])
    if after is not None and user_jobs.has_ended_by(caller(), job_id, after):
        return Response(status=204)  # which keeps an EventSource from coming back
    return event_stream(job_id, after)


@jobs.post("/<job_id>/cancel")
@login_required
@jobs.output(JobOut)
@jobs.doc(responses={404: "Not found"})
def cancel_job(job_id: str) -> Any:
    """Stop a job; a finished one stays as it is."""
    user_jobs.cancel(caller(), job_id)
    return _shown(user_jobs.owned(caller(), job_id))


@jobs.post("/<job_id>/retry")
@login_required
@jobs.output(JobOut)
@jobs.doc(responses={404: "Not found", 409: "It is not failed or cancelled"})
def retry_job(job_id: str) -> Any:
    """Try a failed or cancelled job again, from the stage where it stopped."""
    job = user_jobs.retry(caller(), job_id)
    return _shown(job)


def _shown(job: Job) -> JobOut:
    return JobOut.of(job, container().queue_forecast.of(job))
