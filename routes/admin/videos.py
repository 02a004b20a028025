"""Recordings of all users, for admins: as videos with their jobs, and as transcriptions."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response
from pydantic import BaseModel, Field

from domain import JobState
from lib.paging import Page
from routes.caller import admin_required, caller
from routes.container import container
from routes.endpoints import Blueprint
from routes.file_responses import InlineQuery, binary_response, send_artifact, send_markdown
from routes.list_responses import list_of
from routes.paging import PageQuery, page_response
from schemas.accounts import MessageOut
from schemas.admin.common import Query
from schemas.admin.videos import AdminVideoOut, RequeueIn, TranscriptionOut
from schemas.recordings import EventOut, EventsOut, JobOut
from services import accounts
from services.documents.aliases import canonical_format
from services.library import recordings as library
from services.library import user_jobs
from services.operations import recordings as use_case
from services.operations.recordings import RecordingFilter
from services.transcripts.reading import prompts_of

videos = Blueprint("videos", __name__, scope="admin", tag="Admin")


class VideosQuery(PageQuery):
    q: Query = ""
    user_id: Query = ""
    state: Literal["", "queued", "running", "succeeded", "failed", "cancelled"] = ""


class DeletedOut(MessageOut):
    firestore: str = Field("deleted", description="Thakii's name for the deletion of the recording's row.")
    deleted: list[str]
    s3_deletions: list[str]


class RefusedJobOut(BaseModel):
    job_id: str
    code: str
    message: str


class RequeuedOut(MessageOut):
    count: int
    refused: list[RefusedJobOut] = Field(description="The jobs that can't be retried now, such as those that nobody can pay for.")

    @classmethod
    def of(cls, result: use_case.RetriedJobs) -> RequeuedOut:
        refused_jobs = [
            RefusedJobOut(job_id=job_id, code=error.code, message=error.message) for job_id, error in result.errors_by_job.items()
        ]
        refused_note = f", {len(refused_jobs)} refused" if refused_jobs else ""
        return cls(message=f"{len(result.job_ids)} queued again{refused_note}.", count=len(result.job_ids), refused=refused_jobs)


class JobChangedOut(BaseModel):
    success: bool = True
    message: str
    job: JobOut


@videos.get("/videos")
@admin_required
@videos.input(VideosQuery, location="query")
@videos.output(list_of(AdminVideoOut))
def list_videos(query_data: VideosQuery) -> Response:
    """List the recordings of all users, newest first, as a bare array; `q` is a part of a title, a file name or an address."""
    page = _page(query_data)
    emails = accounts.emails_of({row.recording.user_id for row in page.rows})
    rows = [AdminVideoOut.of_row(row, emails[row.recording.user_id]) for row in page.rows]
    return page_response(rows, query_data, page.total)


@videos.get("/transcriptions")
@admin_required
@videos.input(VideosQuery, location="query")
@videos.output(list_of(TranscriptionOut))
def list_transcriptions(query_data: VideosQuery) -> Response:
    """List the recordings of all users as transcriptions, newest first, as a bare array."""
    page = _page(query_data)
    emails = accounts.emails_of({row.recording.user_id for row in page.rows})
    prompts = prompts_of([row.recording.id for row in page.rows])
    stages = library.stages_seen(page.rows)
    rows = [
        TranscriptionOut.of(row, emails[row.recording.user_id], prompts.get(row.recording.id, {}), stages.get(row.recording.id, ()))
        for row in page.rows
    ]
    return page_response(rows, query_data, page.total)


@videos.delete("/videos/<video_id>")
@admin_required
@videos.output(DeletedOut)
@videos.doc(responses={404: "Not found"})
def delete_video(video_id: str) -> Any:
    """Delete a recording and its documents; `deleted` lists the deleted files."""
    return _delete(video_id)


@videos.delete("/transcriptions/<video_id>")
@admin_required
@videos.output(DeletedOut)
@videos.doc(responses={404: "Not found"})
def delete_transcription(video_id: str) -> Any:
    """Delete a recording and its documents, like `DELETE /videos/{id}`."""
    return _delete(video_id)


@videos.post("/videos/<video_id>/requeue")
@admin_required
@videos.output(JobChangedOut)
@videos.doc(responses={404: "Not found", 409: "The job is neither failed nor cancelled"})
def requeue_video(video_id: str) -> Any:
    """Retry a recording's newest job from the stage where it stopped."""
    job = use_case.retry_newest_job(caller(), video_id)
    return JobChangedOut(message="Queued again.", job=JobOut.of(job))


@videos.post("/videos/<video_id>/cancel")
@admin_required
@videos.output(JobChangedOut)
@videos.doc(responses={404: "Not found"})
def cancel_video(video_id: str) -> Any:
    """Cancel a recording's newest job; a finished one is not changed."""
    job = JobOut.of(use_case.cancel_newest_job(caller(), video_id))
    messages = {JobState.CANCELLED: "Cancelled.", JobState.CANCELLING: "Cancelling."}
    return JobChangedOut(message=messages.get(JobState(job.state), f"Nothing to cancel: the job has {job.state}."), job=job)


@videos.post("/videos/<video_id>/hide")
@admin_required
@videos.output(MessageOut)
@videos.doc(responses={404: "Not found"})
def hide_video(video_id: str) -> Any:
    """Hide a recording: viewers, links and players no longer reach it; its owner and admins do."""
    use_case.set_hidden(caller(), video_id, is_hidden=True)
    return MessageOut(message="Hidden.")


@videos.post("/videos/<video_id>/unhide")
@admin_required
@videos.output(MessageOut)
@videos.doc(responses={404: "Not found"})
def unhide_video(video_id: str) -> Any:
    """Let viewers reach a hidden recording again, according to its visibility."""
    use_case.set_hidden(caller(), video_id, is_hidden=False)
    return MessageOut(message="Shown again.")


@videos.post("/videos/requeue-stuck")
@admin_required
@videos.input(RequeueIn)
@videos.output(RequeuedOut)
def requeue_stuck(json_data: RequeueIn) -> Any:
    """Retry the listed failed jobs; without a list, all with a retryable error. Jobs of lost workers are requeued automatically.

    A job that can't be paid for is in `refused` and does not stop the others.
    """
    return RequeuedOut.of(use_case.retry_failed_jobs(caller(), json_data.job_ids or None))


@videos.get("/videos/<video_id>/timeline")
@admin_required
@videos.output(EventsOut)
@videos.doc(responses={404: "Not found"})
def show_timeline(video_id: str) -> Any:
    """List the events of a recording's newest job, in order."""
    job = library.get_row(caller(), video_id).job
    return EventsOut(events=[EventOut.of(event) for event in user_jobs.events_of_job(caller(), job.id)] if job else [])


@videos.get("/download/<format_name>/<video_id>")
@admin_required
@videos.input(InlineQuery, location="query")
@videos.doc(responses={200: binary_response("The file"), 400: "Not ready yet", 404: "Not found"})
def download(format_name: str, video_id: str, query_data: InlineQuery) -> Response:
    """Download a document of any user's recording."""
    artifact = library.find_artifact(caller(), video_id, canonical_format(format_name))
    return send_markdown(artifact) if artifact.format == "md" else send_artifact(artifact, query_data)


def _delete(video_id: str) -> DeletedOut:
    keys = library.delete(caller(), video_id, container().store)
    return DeletedOut(message="Deleted.", deleted=keys, s3_deletions=keys)


def _page(query: VideosQuery) -> Page[library.RecordingRow]:
    return use_case.list_page(RecordingFilter(query.q, query.user_id, query.state), query.paging)
