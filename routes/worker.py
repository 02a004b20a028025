"""The API of remote workers: claim, heartbeat, inputs, results and completion; and Thakii's documented callback."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection
from typing import Any

from flask import Response, request

import errors
from domain import JobState
from pipelines.registry import PIPELINES
from routes.container import container
from routes.endpoints import Blueprint
from routes.file_responses import range_responses, send_input
from routes.service_caller import service_required
from routes.urls import endpoint_url
from schemas.worker import AttemptRefIn, CallbackIn, ClaimedOut, ClaimIn, CompleteIn, DoneOut, FailIn, HeartbeatIn, InputIn, InputOut
from services.jobs.job_kind import JobInput
from services.library import receiving
from services.library.remote_jobs import AttemptRef, RemoteJobs
from services.storage import IncomingFile

worker = Blueprint("worker", __name__, scope="service", tag="Internal")
worker_root = Blueprint("worker_root", __name__, scope="service", tag="Internal")
_LEASE_LOST = {409: "Another attempt has the job, or it was cancelled: stop"}
_BLOCK_BYTES = 1 << 20


@worker.post("/claim")
@service_required("worker")
@worker.input(ClaimIn, arg_name="body")
@worker.output(ClaimedOut)
@worker.doc(responses={204: "No job may run now"})
def claim_job(body: ClaimIn) -> Any:
    """Claim the next job, or the named one if it may run now."""
    return claim_response(body.worker, body.job_id)


@worker.post("/jobs/<job_id>/heartbeat")
@service_required("worker")
@worker.input(HeartbeatIn, arg_name="body")
@worker.output(DoneOut)
@worker.doc(responses=_LEASE_LOST)
def heartbeat(job_id: str, body: HeartbeatIn) -> Any:
    """Renew the lease and report the progress; send it more often than every `lease_s` seconds."""
    return renew_lease(body.attempt_ref(job_id), body.stage, body.progress, body.seconds_left)


@worker.get("/jobs/<job_id>/inputs/<name>")
@service_required("worker")
@worker.input(InputIn, location="query", arg_name="query")
@worker.doc(responses={**range_responses("The input"), 409: "The file was replaced or removed since the claim: release the job"})
def read_input(job_id: str, name: str, query: InputIn) -> Response:
    """Read an input of a running job, such as its recording; ranges are supported."""
    return send_input(remote_jobs().input(job_id, name, query.sha256))


@worker.put("/jobs/<job_id>/results/<format_name>")
@service_required("worker")
@worker.input(AttemptRefIn, location="query", arg_name="query")
@worker.output(DoneOut)
@worker.doc(responses=_LEASE_LOST)
def upload_result(job_id: str, format_name: str, query: AttemptRefIn) -> Any:
    """Upload one result as the request's body; a second upload replaces the first."""
    settings, jobs = container().settings, remote_jobs()
    attempt_ref = query.attempt_ref(job_id)
    jobs.get_claim(attempt_ref)
    request.max_content_length = settings.max_upload_bytes
    with contextlib.closing(IncomingFile(receiving.incoming_folder(settings), settings.max_upload_bytes)) as sink:
        try:
            while block := request.stream.read(_BLOCK_BYTES):
                sink.write(block)
            jobs.receive(attempt_ref, format_name, sink.keep())
        finally:
            sink.discard()
    return DoneOut(job_id=job_id, state=JobState.RUNNING)


@worker.post("/jobs/<job_id>/complete")
@service_required("worker")
@worker.input(CompleteIn, arg_name="body")
@worker.output(DoneOut)
@worker.doc(responses={**_LEASE_LOST, 422: "The uploaded results differ from the report; the job keeps running"})
def complete(job_id: str, body: CompleteIn) -> Any:
    """Let the job succeed, after a check of every uploaded result."""
    outputs = [each.output() for each in body.outputs]
    remote_jobs().complete(body.attempt_ref(job_id), outputs, body.empty, warnings=body.warnings, metrics=body.metrics)
    return _job_response(job_id)


@worker.post("/jobs/<job_id>/fail")
@service_required("worker")
@worker.input(FailIn, arg_name="body")
@worker.output(DoneOut)
@worker.doc(responses=_LEASE_LOST)
def fail(job_id: str, body: FailIn) -> Any:
    """Report that the attempt failed; after a retryable error the job goes back into the queue."""
    remote_jobs().fail(body.attempt_ref(job_id), **body.model_dump(exclude={"worker", "attempt"}))
    return _job_response(job_id)


@worker.post("/jobs/<job_id>/release")
@service_required("worker")
@worker.input(AttemptRefIn, arg_name="body")
@worker.output(DoneOut)
@worker.doc(responses=_LEASE_LOST)
def release(job_id: str, body: AttemptRefIn) -> Any:
    """Put the job back into the queue because the worker shuts down; the attempt does not count."""
    remote_jobs().release(body.attempt_ref(job_id))
    return _job_response(job_id)


@worker_root.post("/worker/callback")
@service_required("callbacks")
@worker_root.input(CallbackIn, arg_name="body")
@worker_root.doc(responses={204: "The job may not run now", 404: "Not found", **_LEASE_LOST})
def callback(body: CallbackIn) -> Any:
    """Receive the reports of a worker that was notified by POST /process.

    Without `attempt` the report is for the attempt that the worker holds. `completed` without `outputs` takes every uploaded result.
    """
    jobs = remote_jobs()
    job_id = body.job_id or jobs.newest_job_of(body.video_id)
    attempt_ref = AttemptRef(job_id, body.attempt, body.worker) if body.attempt else jobs.attempt_of(job_id, body.worker)
    if attempt_ref is None:
        if body.status != "processing":
            raise errors.LeaseLost("No attempt of this worker is running.")
        response = claim_response(body.worker, job_id)
        return response if isinstance(response, Response) else response.model_dump()
    return apply_report(attempt_ref, body).model_dump()


def apply_report(attempt_ref: AttemptRef, body: CallbackIn) -> DoneOut:
    """Apply a worker's report to the attempt that it holds."""
    jobs = remote_jobs()
    if body.status == "processing" and not body.model_fields_set & {"stage", "progress", "seconds_left"}:
        return keep_alive(attempt_ref)
    if body.status == "processing":
        return renew_lease(attempt_ref, body.stage, body.progress, body.seconds_left)
    if body.status == "completed":
        outputs = [each.output() for each in body.outputs] or None
        jobs.complete(attempt_ref, outputs, body.empty, warnings=body.warnings, metrics=body.metrics)
    else:
        report = {"message": body.error, "stage": body.stage, "hint": "", "log": ""}
        jobs.fail(attempt_ref, code=body.code, retryable=body.retryable, **report)
    return _job_response(attempt_ref.job_id)


def remote_jobs() -> RemoteJobs:
    return RemoteJobs(PIPELINES, container().store, container().settings.data_dir)


def claim_response(worker_name: str, job_id: str | None, *, closed_pipelines: Collection[str] = ()) -> Any:
    """Claim a job, of no pipeline in `closed_pipelines`, and return a ClaimedOut, or an empty response with status 204."""
    settings = container().settings
    limits = dataclasses.replace(container().concurrency_limits, closed_pipelines=frozenset(closed_pipelines))
    claimed_job = remote_jobs().claim(worker_name, settings.lease_s, limits, job_id)
    if claimed_job is None:
        return Response(status=204)
    claim, details = claimed_job

    def link(view: str, **values: Any) -> str:
        return endpoint_url(f"worker.{view}", job_id=claim.job_id, **values)

    def link_to_input(each: JobInput) -> str:
        query = {"sha256": each.sha256} if each.sha256 else {}
        return link("read_input", name=each.name, **query)

    inputs = [InputOut(name=each.name, url=link_to_input(each), sha256=each.sha256) for each in details.inputs]
    by_name = {each.name: each for each in inputs}
    source, subtitles = by_name.get("source"), by_name.get("subtitles")
    return ClaimedOut(
        job_id=claim.job_id,
        video_id=claim.recording_id,
        attempt=claim.attempt,
        worker=worker_name,
        pipeline=claim.pipeline,
        options=dict(details.options),
        workspace=details.workspace,
        inputs=inputs,
        lease_s=settings.lease_s,
        duration_s=details.media_s,
        sha256=source.sha256 if source else "",
        source_url=source.url if source else None,
        subtitles_url=subtitles.url if subtitles else None,
        results_url=link("upload_result", format_name="FORMAT").removesuffix("FORMAT"),
        heartbeat_url=link("heartbeat"),
        complete_url=link("complete"),
        fail_url=link("fail"),
    )


def renew_lease(attempt_ref: AttemptRef, stage: str, progress: float, seconds_left: float | None) -> DoneOut:
    remote_jobs().heartbeat(attempt_ref, container().settings.lease_s, stage=stage, progress=progress, seconds_left=seconds_left)
    return DoneOut(job_id=attempt_ref.job_id, state=JobState.RUNNING)


def keep_alive(attempt_ref: AttemptRef) -> DoneOut:
    remote_jobs().keep_alive(attempt_ref, container().settings.lease_s)
    return DoneOut(job_id=attempt_ref.job_id, state=JobState.RUNNING)


def _job_response(job_id: str) -> DoneOut:
    return DoneOut(job_id=job_id, state=remote_jobs().state_of(job_id))
