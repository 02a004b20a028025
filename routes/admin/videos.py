"""Everybody's recordings, for admins: as videos with their jobs, and as transcriptions."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response
from pydantic import BaseModel

from domain import JobState
from lib.paging import Page
from routes.caller import admins_only, caller
from routes.container import container
from routes.endpoints import Blueprint
from routes.file_responses import binary_response
from routes.links import send_artifact
from routes.list_responses import list_of
from routes.paging import PageQuery, page_response
from schemas.accounts import MessageOut
from schemas.admin import Query, RequeueIn
from schemas.admin_responses import AdminVideoOut, TranscriptionOut
from schemas.recordings import EventOut, EventsOut, JobOut
from services import accounts
from services.documents.aliases import canonical_format
from services.library import recordings as everybodys
from services.library import user_jobs
from services.operations import recordings as use_case
from services.operations.recordings import RecordingFilter

videos = Blueprint("videos", __name__, scope="admin", tag="Admin")


class VideosQuery(PageQuery):
    q: Query = ""
    user_id: Query = ""
    state: Literal["", "queued", "running", "succeeded", "failed", "cancelled"] = ""


class DeletedOut(MessageOut):
    deleted: list[str]
    s3_deletions: list[str]


class RequeuedOut(MessageOut):
    count: int


class JobDoneOut(BaseModel):
    success: bool = True
    message: str
    job: JobOut


@videos.get("/videos")
@admins_only
@videos.input(VideosQuery, location="query")
@videos.output(list_of(AdminVideoOut))
def list_videos(query_data: VideosQuery) -> Response:
    """Everybody's recordings, newest first, as a bare array; `q` is a part of a title, a file name or an address."""
    page = _page(query_data)
    emails = accounts.emails_of({recording.user_id for recording, _, _ in page.rows})
    rows = [AdminVideoOut.shown(recording, job, list(made), emails[recording.user_id]) for recording, job, made in page.rows]
    return page_response(rows, query_data, page.total)


@videos.get("/transcriptions")
@admins_only
@videos.input(VideosQuery, location="query")
@videos.output(list_of(TranscriptionOut))
def list_transcriptions(query_data: VideosQuery) -> Response:
    """Everybody's recordings as transcriptions, newest first, as a bare array."""
    page = _page(query_data)
    emails = accounts.emails_of({recording.user_id for recording, _, _ in page.rows})
    rows = [TranscriptionOut.of(recording, job, list(made), emails[recording.user_id]) for recording, job, made in page.rows]
    return page_response(rows, query_data, page.total)


@videos.delete("/videos/<video_id>")
@admins_only
@videos.output(DeletedOut)
@videos.doc(responses={404: "Not found"})
def delete_video(video_id: str) -> Any:
    """Delete anybody's recording with everything made from it; `deleted` names the files that go."""
    return _delete(video_id)


@videos.delete("/transcriptions/<video_id>")
@admins_only
@videos.output(DeletedOut)
@videos.doc(responses={404: "Not found"})
def delete_transcription(video_id: str) -> Any:
    """The same, in other clients' words."""
    return _delete(video_id)


@videos.post("/videos/<video_id>/requeue")
@admins_only
@videos.output(JobDoneOut)
@videos.doc(responses={404: "Not found", 409: "It has not failed and was not cancelled"})
def requeue_video(video_id: str) -> Any:
    """Try its newest job again, from the stage where it stopped."""
    job = use_case.requeue(caller(), video_id)
    return JobDoneOut(message="Queued again.", job=JobOut.of(job))


@videos.post("/videos/<video_id>/cancel")
@admins_only
@videos.output(JobDoneOut)
@videos.doc(responses={404: "Not found"})
def cancel_video(video_id: str) -> Any:
    """Stop its newest job; a finished one stays as it is."""
    job = JobOut.of(use_case.cancel(caller(), video_id))
    said = {JobState.CANCELLED: "Cancelled.", JobState.CANCELLING: "It is being stopped."}
    return JobDoneOut(message=said.get(JobState(job.state), f"There is nothing to stop: it has {job.state}."), job=job)


@videos.post("/videos/requeue-stuck")
@admins_only
@videos.input(RequeueIn)
@videos.output(RequeuedOut)
def requeue_stuck(json_data: RequeueIn) -> Any:
    """Try all failed jobs again whose error may pass, or those named. What a lost worker left is queued again by itself."""
    count = use_case.requeue_failed(caller(), json_data.job_ids)
    return RequeuedOut(message=f"{count} queued again.", count=count)


@videos.get("/videos/<video_id>/timeline")
@admins_only
@videos.output(EventsOut)
@videos.doc(responses={404: "Not found"})
def show_timeline(video_id: str) -> Any:
    """What happened to its newest job, in order."""
    _, job, _ = everybodys.show(caller(), video_id)
    return EventsOut(events=[EventOut.of(event) for event in user_jobs.events(caller(), job.id)] if job else [])


@videos.get("/download/<format_name>/<video_id>")
@admins_only
@videos.doc(responses={200: binary_response("The file"), 400: "Not ready yet", 404: "Not found"})
def download(format_name: str, video_id: str) -> Response:
    """One document of anybody's recording, as a file."""
    made = everybodys.find_artifact(caller(), video_id, canonical_format(format_name))
    return send_artifact(made, attachment=True)


def _delete(video_id: str) -> DeletedOut:
    gone = everybodys.delete(caller(), video_id, container().store)
    return DeletedOut(message="Deleted.", deleted=gone, s3_deletions=gone)


def _page(query: VideosQuery) -> Page[everybodys.Row]:
    return use_case.list_page(RecordingFilter(query.q, query.user_id, query.state), query.paging)
