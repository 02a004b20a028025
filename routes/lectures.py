"""Recordings at their documented root paths: list, status, cancel, delete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog
from flask import Response
from pydantic import Field

from domain import ACTIVE_STATES, JobState
from lib.clock import iso, now
from lib.paging import Page
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.paging import PageQuery, page_response
from routes.urls import artifact_url
from schemas.accounts import MessageOut
from schemas.lectures import CancelIn, CancelOut, LectureRow, ListOut, StatusOut, status_of
from schemas.recordings import ErrorOut
from services import accounts
from services.jobs.scheduling.forecast import WaitInfo
from services.library import recordings, user_jobs

if TYPE_CHECKING:
    from models import Recording

log = structlog.get_logger(__name__)
lectures = Blueprint("lectures", __name__, scope="content", tag="Lectures")


class ListQuery(PageQuery):
    all: bool = Field(False, description="Those of all users; for admins.")


class LecturesQuery(ListQuery):
    mine: bool = Field(False, description="For admins: only their own recordings instead of those of all users.")


@lectures.get("/list")
@login_required
@lectures.input(LecturesQuery, location="query")
@lectures.output(ListOut)
def list_lectures(query_data: LecturesQuery) -> Response:
    """List the caller's recordings, newest first; for admins those of all users, unless `mine` is set."""
    page = recordings.list_page(caller(), query_data.paging, everybody=query_data.all or (caller().is_admin and not query_data.mine))
    return _list_response(page, query_data)


@lectures.get("/list/<user_id>")
@login_required
@lectures.input(PageQuery, location="query")
@lectures.output(ListOut)
@lectures.doc(responses={404: "Not found"})
def list_of_user(user_id: str, query_data: PageQuery) -> Response:
    """List the recordings of a user, newest first: the caller, or any user for admins."""
    return _list_response(recordings.list_page_of(caller(), user_id, query_data.paging), query_data)


def _list_response(page: Page[recordings.RecordingRow], query: PageQuery) -> Response:
    emails = _owner_emails(row.recording for row in page.rows)
    rows = [LectureRow.of(row.recording, row.job, emails[row.recording.user_id]) for row in page.rows]
    body = ListOut(videos=rows, total=page.total, timestamp=iso(now()))
    return page_response(body, query, page.total)


def _owner_emails(recordings: Iterable[Recording]) -> dict[str, str]:
    """Return the addresses of the recordings' owners by user id; the caller's is known."""
    owners = {each.user_id for each in recordings} - {caller().user_id}
    return {caller().user_id: caller().email, **(accounts.emails_of(owners) if owners else {})}


@lectures.get("/status/<video_id>")
@login_required
@lectures.output(StatusOut)
@lectures.doc(responses={404: "Not found"})
def show_status(video_id: str) -> Any:
    """Show the progress of a recording's conversion, and links to its documents."""
    recording, job, artifacts = recordings.get_row(caller(), video_id)
    emails = _owner_emails([recording])
    urls = {artifact.format: artifact_url(artifact) for artifact in artifacts}
    error = ErrorOut.of(job)
    wait = container().queue_forecast.of(job) if job else WaitInfo()
    return StatusOut(
        **LectureRow.of(recording, job, emails[recording.user_id]).model_dump(),
        job_id=job.id if job else None,
        stage=job.stage if job else "",
        progress=job.progress if job else 0.0,
        seconds_left=wait.seconds_left if job is None or job.state == JobState.QUEUED else job.seconds_left,
        queue_position=wait.position,
        wait_reason=wait.wait_reason,
        error=error.message if error else None,
        error_code=error.code if error else None,
        error_hint=error.hint if error else None,
        error_detail=error,
        warnings=job.warnings if job else [],
        metrics=job.metrics if job else {},
        pdf_url=urls.get("pdf"),
        subtitle_url=urls.get("srt"),
        downloads=urls,
        pdf_ready="pdf" in urls,
        download_url=urls.get("pdf"),
        size=recording.size_bytes,
        user_id=recording.user_id,
    )


@lectures.post("/cancel/<video_id>")
@login_required
@lectures.input(CancelIn)
@lectures.output(CancelOut)
@lectures.doc(responses={404: "Not found"})
def cancel_lecture(video_id: str, json_data: CancelIn) -> Any:
    """Cancel a recording's conversion. A finished recording is not changed, or deleted if `cleanup_completed` is true."""
    recording, job, _ = recordings.get_row(caller(), video_id)
    if job is not None and job.state in ACTIVE_STATES:
        state = user_jobs.cancel(caller(), job.id, reason=json_data.reason)
        log.info("cancel_requested", job_id=job.id, reason=json_data.reason[:200])
        message = "Cancelling." if state == JobState.CANCELLING else "Cancelled."
        return CancelOut(message=message, video_id=recording.id, status=state)
    if json_data.cleanup_completed:
        recordings.delete(caller(), recording.id, container().store)
        return CancelOut(message="Deleted.", video_id=recording.id, status="deleted")
    status = status_of(job)
    return CancelOut(message=f"Nothing to cancel: the recording is {status}.", video_id=recording.id, status=status)


@lectures.delete("/videos/<video_id>")
@login_required
@lectures.output(MessageOut)
@lectures.doc(responses={404: "Not found"})
def delete_lecture(video_id: str) -> Any:
    """Delete a recording and its documents."""
    recordings.delete(caller(), video_id, container().store)
    return MessageOut(message="Deleted.")
