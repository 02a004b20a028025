"""GET /list, GET /status/{id} and deleting, at their documented addresses."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Response
from pydantic import Field

from domain import ACTIVE_STATES, JobState
from lib.clock import iso, now
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.links import artifact_url
from routes.paging import PageQuery, page_response
from schemas.accounts import MessageOut
from schemas.lectures import CancelIn, CancelOut, LectureRow, ListOut, StatusOut, status_of
from schemas.recordings import ErrorOut
from services import accounts
from services.jobs.scheduling.forecast import WaitInfo
from services.library import recordings, user_jobs

log = structlog.get_logger(__name__)
status = Blueprint("status", __name__, scope="content", tag="Lectures")


class ListQuery(PageQuery):
    all: bool = Field(False, description="Everybody's; for admins.")


@status.get("/list")
@login_required
@status.input(ListQuery, location="query")
@status.output(ListOut)
def list_lectures(query_data: ListQuery) -> Response:
    """The caller's recordings, newest first."""
    page = recordings.list_page(caller(), query_data.paging, everybody=query_data.all)
    emails = accounts.emails_of({recording.user_id for recording, _, _ in page.rows})
    rows = [LectureRow.of(recording, job, emails[recording.user_id]) for recording, job, _ in page.rows]
    body = ListOut(videos=rows, total=page.total, timestamp=iso(now()))
    return page_response(body, query_data, page.total)


@status.get("/status/<video_id>")
@login_required
@status.output(StatusOut)
@status.doc(responses={404: "Not found"})
def show_status(video_id: str) -> Any:
    """How far a recording's conversion is, and where its documents are."""
    recording, job, artifacts = recordings.show(caller(), video_id)
    emails = accounts.emails_of({recording.user_id})
    urls = {made.format: artifact_url(made) for made in artifacts}
    error = ErrorOut.of(job)
    outlook = container().queue_forecast.of(job) if job else WaitInfo()
    return StatusOut(
        **LectureRow.of(recording, job, emails[recording.user_id]).model_dump(),
        job_id=job.id if job else None,
        stage=job.stage if job else "",
        progress=job.progress if job else 0.0,
        seconds_left=outlook.seconds_left if job is None or job.state == JobState.QUEUED else job.seconds_left,
        queue_position=outlook.position,
        wait_reason=outlook.wait_reason,
        error=error.message if error else None,
        error_code=error.code if error else None,
        error_hint=error.hint if error else None,
        error_detail=error,
        warnings=job.warnings if job else [],
        metrics=job.metrics if job else {},
        pdf_url=urls.get("pdf"),
        subtitle_url=urls.get("srt"),
        downloads=urls,
    )


@status.post("/cancel/<video_id>")
@login_required
@status.input(CancelIn)
@status.output(CancelOut)
@status.doc(responses={404: "Not found"})
def cancel_lecture(video_id: str, json_data: CancelIn) -> Any:
    """Stop a recording's conversion. One that has ended stays as it is, or is deleted where `cleanup_completed` says so."""
    recording, job, _ = recordings.show(caller(), video_id)
    if job is not None and job.state in ACTIVE_STATES:
        state = user_jobs.cancel(caller(), job.id)
        log.info("cancel_asked", job_id=job.id, reason=json_data.reason[:200])
        said = "It is being stopped." if state == JobState.CANCELLING else "Cancelled."
        return CancelOut(message=said, video_id=recording.id, status=state)
    if json_data.cleanup_completed:
        recordings.delete(caller(), recording.id, container().store)
        return CancelOut(message="Deleted.", video_id=recording.id, status="deleted")
    state_now = status_of(job)
    return CancelOut(message=f"There is nothing to stop: it is {state_now}.", video_id=recording.id, status=state_now)


@status.delete("/videos/<video_id>")
@login_required
@status.output(MessageOut)
@status.doc(responses={404: "Not found"})
def delete_lecture(video_id: str) -> Any:
    """Delete a recording with everything made from it."""
    recordings.delete(caller(), video_id, container().store)
    return MessageOut(message="Deleted.")
