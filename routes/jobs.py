"""Jobs as resources: look, cancel, retry."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, jsonify

from models import Job
from routes.caller import caller, signed_in
from routes.event_streams import STREAM_DOC, event_stream, last_event_id, wants_stream
from routes.paging import Paging, with_links
from routes.services import services
from schemas.events import EventsQuery
from schemas.recordings import EventOut, EventsOut, JobOut, JobsOut
from services import jobs_of

jobs = APIBlueprint("jobs", __name__, tag="Jobs")


@jobs.get("")
@signed_in
@jobs.input(Paging, location="query")
@jobs.output(JobsOut)
def list_jobs(query_data: Paging) -> Response:
    """The caller's jobs, newest first."""
    found, total = jobs_of.list_page(caller(), page=query_data.page, limit=query_data.limit)
    body = JobsOut(jobs=[_shown(job) for job in found], total=total)
    return with_links(jsonify(body.model_dump()), query_data, total)


@jobs.get("/<job_id>")
@signed_in
@jobs.output(JobOut)
@jobs.doc(responses={404: "Not found"})
def show_job(job_id: str) -> Any:
    """One job: stage, progress, seconds left, error; while it waits, how many go before it and what it waits for."""
    return _shown(jobs_of.owned(caller(), job_id))


@jobs.get("/<job_id>/events")
@signed_in
@jobs.input(EventsQuery, location="query")
@jobs.output(EventsOut)
@jobs.doc(responses={204: "It has ended, and the last event is known", 404: "Not found", **STREAM_DOC})
def list_events(job_id: str, query_data: EventsQuery) -> Any:
    """What happened to a job so far, in order; with `Accept: text/event-stream`, also what happens until it ends."""
    job_id, after = jobs_of.owned(caller(), job_id).id, last_event_id(query_data)
    if not wants_stream():
        return EventsOut(events=[EventOut.of(event) for event in jobs_of.events(caller(), job_id, after=after or 0)])
    if after is not None and jobs_of.has_ended_by(caller(), job_id, after):
        return Response(status=204)  # which keeps an EventSource from coming back
    return event_stream(job_id, after)


@jobs.post("/<job_id>/cancel")
@signed_in
@jobs.output(JobOut)
@jobs.doc(responses={404: "Not found"})
def cancel_job(job_id: str) -> Any:
    """Stop a job; a finished one stays as it is."""
    jobs_of.cancel(caller(), job_id)
    return _shown(jobs_of.owned(caller(), job_id))


@jobs.post("/<job_id>/retry")
@signed_in
@jobs.output(JobOut)
@jobs.doc(responses={404: "Not found", 409: "It is not failed or cancelled"})
def retry_job(job_id: str) -> Any:
    """Try a failed or cancelled job again, from the stage where it stopped."""
    job = jobs_of.retry(caller(), job_id)
    services().executor.wake()
    return _shown(job)


def _shown(job: Job) -> JobOut:
    return JobOut.of(job, services().outlook.of(job))
