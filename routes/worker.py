"""The API of remote workers: claim, heartbeat, inputs, results and completion; and Thakii's documented callback."""

from __future__ import annotations

import contextlib
from typing import Any

from flask import Response, request, url_for

import errors
from domain import JobState
from routes.container import container
from routes.endpoints import Blueprint
from routes.file_responses import binary_response
from routes.links import base_url, send_recording, send_subtitles
from routes.service_caller import services_only
from schemas.worker import AttemptRefIn, CallbackIn, ClaimedOut, ClaimIn, CompleteIn, DoneOut, FailIn, HeartbeatIn
from services.jobs import queue
from services.library import remote_work, uploads
from services.library.remote_work import AttemptRef
from services.storage import IncomingFile

worker = Blueprint("worker", __name__, scope="service", tag="Internal")
worker_root = Blueprint("worker_root", __name__, scope="service", tag="Internal")
_LOST = {409: "Another attempt has the job, or it was cancelled: stop"}
_BLOCK_BYTES = 1 << 20


@worker.post("/claim")
@services_only("worker")
@worker.input(ClaimIn, arg_name="given")
@worker.output(ClaimedOut)
@worker.doc(responses={204: "Nothing to do now"})
def claim_job(given: ClaimIn) -> Any:
    """Take the next job, or the one that is named if it may run now."""
    return _claim(given.worker, given.job_id)


@worker.post("/jobs/<job_id>/heartbeat")
@services_only("worker")
@worker.input(HeartbeatIn, arg_name="given")
@worker.output(DoneOut)
@worker.doc(responses=_LOST)
def beat(job_id: str, given: HeartbeatIn) -> Any:
    """Keep the job and say how far it is; oftener than every `lease_s` seconds."""
    return _beat(given.attempt_ref(job_id), given.stage, given.progress, given.seconds_left)


@worker.get("/jobs/<job_id>/source")
@services_only("worker")
@worker.doc(
    responses={200: binary_response("The recording"), 206: binary_response("A range of it"), 404: "Not found", 416: "No such range"}
)
def source(job_id: str) -> Response:
    """The recording; ranges are answered."""
    return send_recording(remote_work.recording_of_running_job(job_id))


@worker.get("/jobs/<job_id>/subtitles")
@services_only("worker")
@worker.doc(
    responses={200: binary_response("The subtitles"), 206: binary_response("A range of them"), 404: "Not found", 416: "No such range"}
)
def subtitles(job_id: str) -> Response:
    """The subtitles that came with the recording."""
    found = remote_work.recording_of_running_job(job_id)
    if found.subtitles_key is None:
        raise errors.NotFound("subtitles")
    return send_subtitles(found)


@worker.put("/jobs/<job_id>/results/<format_name>")
@services_only("worker")
@worker.input(AttemptRefIn, location="query", arg_name="given")
@worker.output(DoneOut)
@worker.doc(responses=_LOST)
def send_result(job_id: str, format_name: str, given: AttemptRefIn) -> Any:
    """Send one document as the body; again if need be."""
    settings = container().settings
    attempt_ref = given.attempt_ref(job_id)
    remote_work.check_held(attempt_ref)
    request.max_content_length = settings.max_upload_bytes
    with contextlib.closing(IncomingFile(uploads.incoming_folder(settings), settings.max_upload_bytes)) as sink:
        try:
            while block := request.stream.read(_BLOCK_BYTES):
                sink.write(block)
            remote_work.receive(attempt_ref, format_name, sink.keep(), container().store)
        finally:
            sink.discard()
    return DoneOut(job_id=job_id, state=JobState.RUNNING)


@worker.post("/jobs/<job_id>/complete")
@services_only("worker")
@worker.input(CompleteIn, arg_name="given")
@worker.output(DoneOut)
@worker.doc(responses={**_LOST, 422: "The results are not what is said of them; the job goes on"})
def complete(job_id: str, given: CompleteIn) -> Any:
    """End the job well: each result is looked at first."""
    outputs = [each.output() for each in given.outputs]
    attempt_ref = given.attempt_ref(job_id)
    remote_work.complete(attempt_ref, outputs, given.empty, container().store, warnings=given.warnings, metrics=given.metrics)
    return _done(job_id)


@worker.post("/jobs/<job_id>/fail")
@services_only("worker")
@worker.input(FailIn, arg_name="given")
@worker.output(DoneOut)
@worker.doc(responses=_LOST)
def fail(job_id: str, given: FailIn) -> Any:
    """End the attempt badly; what may pass goes back into the queue."""
    remote_work.fail(given.attempt_ref(job_id), **given.model_dump(exclude={"worker", "attempt"}))
    return _done(job_id)


@worker.post("/jobs/<job_id>/release")
@services_only("worker")
@worker.input(AttemptRefIn, arg_name="given")
@worker.output(DoneOut)
@worker.doc(responses=_LOST)
def release(job_id: str, given: AttemptRefIn) -> Any:
    """Give the job back unharmed: the worker shuts down."""
    queue.release(remote_work.held(given.attempt_ref(job_id)))
    container().executor.wake()
    return _done(job_id)


@worker_root.post("/worker/callback")
@services_only("callbacks")
@worker_root.input(CallbackIn, arg_name="given")
@worker_root.doc(responses={204: "It may not run now", 404: "Not found", **_LOST})
def callback(given: CallbackIn) -> Any:
    """What a worker that was asked by POST /process answers with."""
    job_id = given.job_id or remote_work.newest_job_of(given.video_id)
    if given.attempt is None:
        if given.status != "processing":
            raise errors.ValidationFailed("attempt: say it as it was told when the job was claimed.")
        claimed = _claim(given.worker, job_id)
        return claimed if isinstance(claimed, Response) else claimed.model_dump()
    attempt_ref = AttemptRef(job_id, given.attempt, given.worker)
    if given.status == "processing":
        return _beat(attempt_ref, given.stage, given.progress, given.seconds_left).model_dump()
    if given.status == "completed":
        outputs = [each.output() for each in given.outputs]
        remote_work.complete(attempt_ref, outputs, given.empty, container().store, warnings=given.warnings, metrics=given.metrics)
    else:
        failed = {"message": given.error, "stage": given.stage, "hint": "", "log": ""}
        remote_work.fail(attempt_ref, code=given.code, retryable=given.retryable, **failed)
    return _done(job_id).model_dump()


def _claim(name: str, job_id: str | None) -> Any:
    settings = container().settings
    found = remote_work.claim(name, settings.lease_s, container().concurrency_limits, job_id)
    if found is None:
        return Response(status=204)
    mine, recording = found

    def link(endpoint: str, **more: Any) -> str:
        return base_url() + url_for(f"worker.{endpoint}", job_id=mine.job_id, **more)

    return ClaimedOut(
        job_id=mine.job_id,
        video_id=recording.id,
        attempt=mine.attempt,
        worker=name,
        pipeline=mine.pipeline,
        options=remote_work.options_of(mine, recording),
        lease_s=settings.lease_s,
        duration_s=recording.duration_s,
        sha256=recording.sha256,
        source_url=link("source"),
        subtitles_url=link("subtitles") if recording.subtitles_key else None,
        results_url=link("send_result", format_name="FORMAT").removesuffix("FORMAT"),
        heartbeat_url=link("beat"),
        complete_url=link("complete"),
        fail_url=link("fail"),
    )


def _beat(attempt_ref: AttemptRef, stage: str, progress: float, seconds_left: float | None) -> DoneOut:
    mine = remote_work.held(attempt_ref)
    queue.heartbeat(mine, container().settings.lease_s, stage=stage, progress=min(progress, 99.0), seconds_left=seconds_left)
    return DoneOut(job_id=attempt_ref.job_id, state=JobState.RUNNING)


def _done(job_id: str) -> DoneOut:
    return DoneOut(job_id=job_id, state=remote_work.state_of(job_id))
