"""Jobs of remote workers: claim, heartbeat, upload of outputs, completion, failure and release.

Every call names the job, the attempt and the worker (`AttemptRef`); once another attempt has begun, none of them changes anything.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

import errors
from database import end_read, notify_after_commit, session, transaction
from domain import JobState
from models import Job, Recording
from services.jobs import queue
from services.jobs.job_kind import JobDetails, JobInput, JobKind, OutputKind, StoredOutput
from services.jobs.scheduling.scheduler import ConcurrencyLimits
from services.library import job_outputs, object_deletion
from services.storage import Store


class OutputsWrong(errors.ValidationFailed):
    """The uploaded results differ from what the worker reports."""

    code = "outputs_wrong"
    hint = "Upload each result again, then complete the job with the sizes and SHA-256 sums of the uploaded files."


class RemoteFailure(errors.StageFailed):
    """The remote worker reports a failure."""

    def __init__(self, code: str, detail: str, hint: str, *, retryable: bool) -> None:
        super().__init__(detail, hint=hint)
        self.code, self.retryable = code, retryable


@dataclass(frozen=True)
class AttemptRef:
    """An attempt as a remote worker names it. `worker` is the name that it gave when it claimed the job."""

    job_id: str
    attempt: int
    worker: str

    @property
    def worker_id(self) -> str:
        """The worker in the job's row; no process of this machine has such a name."""
        return f"remote:{self.worker}"


@dataclass(frozen=True)
class ReportedOutput:
    """An uploaded output as the worker describes it; `name` is one of the job's outputs."""

    name: str
    size_bytes: int
    sha256: str


class RemoteJobs:
    """The server's side of the worker protocol."""

    def __init__(self, kinds: Mapping[str, JobKind], store: Store, data_dir: Path) -> None:
        self._kinds, self._store, self._data_dir = kinds, store, data_dir

    def claim(
        self, worker: str, lease_s: float, limits: ConcurrencyLimits, job_id: str | None = None
    ) -> tuple[queue.Claim, JobDetails] | None:
        """Claim the next job, or `job_id` if it may run now."""
        claim = queue.claim(AttemptRef("", 0, worker).worker_id, lease_s, job_id, limits=limits)
        return None if claim is None else (claim, self._kinds[claim.pipeline].read(claim))

    def get_claim(self, attempt_ref: AttemptRef) -> queue.Claim:
        """Return the claim of an attempt that is still running. Raises LeaseLost."""
        end_read()
        job = session().get(Job, attempt_ref.job_id, populate_existing=True)
        if job is None or (job.attempt, job.worker, job.state) != (attempt_ref.attempt, attempt_ref.worker_id, JobState.RUNNING):
            raise errors.LeaseLost
        claim = _claim_of(job)
        end_read()
        return claim

    def heartbeat(self, attempt_ref: AttemptRef, lease_s: float, *, stage: str, progress: float, seconds_left: float | None) -> None:
        """Renew the lease and write the progress. Raises LeaseLost or Cancelled."""
        queue.heartbeat(self.get_claim(attempt_ref), lease_s, stage=stage, progress=min(progress, 99.0), seconds_left=seconds_left)

    def keep_alive(self, attempt_ref: AttemptRef, lease_s: float) -> None:
        """Renew the lease and leave the progress as it is. Raises LeaseLost or Cancelled."""
        claim = self.get_claim(attempt_ref)
        job = session().get_one(Job, attempt_ref.job_id)
        queue.heartbeat(claim, lease_s, stage=job.stage, progress=job.progress, seconds_left=job.seconds_left)

    def input(self, job_id: str, name: str, sha256: str = "") -> JobInput:
        """Return an input of a running job. `sha256`: that of the claim, "" if any will do. Raises NotFound and InputChanged."""
        job = session().get(Job, job_id, populate_existing=True)
        if job is None or job.state != JobState.RUNNING:
            raise errors.NotFound("job")
        details = self._kinds[job.pipeline].load(_claim_of(job))
        for each in details.inputs:
            if each.name == name:
                if sha256 and each.sha256 != sha256:
                    raise errors.InputChanged(f"The file is {name}.")
                return each
        if sha256:
            raise errors.InputChanged(f"The file is {name}.")
        raise errors.NotFound(f"There is no file {name}.")

    def receive(self, attempt_ref: AttemptRef, output_name: str, file: Path) -> None:
        """Store one output under the attempt's prefix. Raises LeaseLost and ValidationFailed."""
        claim = self.get_claim(attempt_ref)
        output = self._expected_outputs(claim).get(output_name)
        if output is None:
            raise errors.ValidationFailed(f"The job has no output {output_name}.")
        key = job_outputs.key_of(claim, output)
        with transaction() as session:
            queue.fence(session, claim)
            object_deletion.schedule(session, [key], after=object_deletion.UPLOAD_GRACE)
        try:
            self._store.put(file, key, output.content_type)
            queue.confirm(claim)
        except BaseException:
            object_deletion.delete_now(self._store, [key])
            raise

    def complete(
        self,
        attempt_ref: AttemptRef,
        outputs: Sequence[ReportedOutput] | None,
        empty: Collection[str],
        *,
        warnings: Sequence[str],
        metrics: Mapping[str, Any],
    ) -> None:
        """Compare every output with its reported size and hash, then publish them and let the job succeed.

        `outputs` is None if the worker reports no sizes and hashes: then all that it has uploaded are published. `empty` names the
        outputs without any content, such as subtitles of a silent recording.
        """
        claim = self.get_claim(attempt_ref)
        kinds = self._expected_outputs(claim)
        if outputs is None:
            stored_outputs = self._list_uploads(claim, kinds.values())
            _check_names(kinds, [output.kind.name for output in stored_outputs], empty)
        else:
            _check_names(kinds, [output.name for output in outputs], empty)
            stored_outputs = [self._check_output(claim, kinds[output.name], output) for output in outputs]
        kind = self._kinds[claim.pipeline]
        job_outputs.publish_stored(claim, kind, stored_outputs, self._store, data_dir=self._data_dir, warnings=warnings, metrics=metrics)

    def fail(self, attempt_ref: AttemptRef, *, code: str, message: str, hint: str, stage: str, log: str, retryable: bool) -> None:
        """End the attempt with the error that the worker reports, or as cancelled if the user has cancelled the job."""
        claim = self.get_claim(attempt_ref)
        is_cancelled = session().get_one(Job, claim.job_id, populate_existing=True).cancel_requested
        error = errors.Cancelled() if is_cancelled else RemoteFailure(code, message, hint, retryable=retryable)
        queue.fail(claim, error, stage=stage, log=log)

    def release(self, attempt_ref: AttemptRef) -> None:
        """Put the job back into the queue without counting the attempt."""
        claim = self.get_claim(attempt_ref)
        with transaction():
            queue.release(claim)
            notify_after_commit(queue.JOBS_WAITING)

    def state_of(self, job_id: str) -> str:
        """Return the current state of a job."""
        end_read()
        return session().get_one(Job, job_id, populate_existing=True).state

    def newest_job_of(self, recording_id: str | None) -> str:
        """Return the id of a recording's newest job. Raises NotFound."""
        newest = select(Job.id).where(Job.recording_id == recording_id).order_by(Job.created_at.desc()).limit(1)
        job_id = session().execute(newest).scalar_one_or_none() if recording_id else None
        if job_id is None:
            raise errors.NotFound("job")
        return job_id

    def attempt_of(self, job_id: str, worker: str) -> AttemptRef | None:
        """Return the running attempt of a job that this worker holds, or None."""
        end_read()
        job = session().get(Job, job_id, populate_existing=True)
        attempt_ref = AttemptRef(job_id, job.attempt if job is not None else 0, worker)
        holds = job is not None and (job.worker, job.state) == (attempt_ref.worker_id, JobState.RUNNING)
        return attempt_ref if holds else None

    def recording_of(self, job_id: str) -> Recording | None:
        return session().execute(select(Recording).join(Job, Job.recording_id == Recording.id).where(Job.id == job_id)).scalar_one_or_none()

    def pending(self, pipeline: str, limit: int) -> Sequence[Recording]:
        """Return the recordings of queued jobs of a pipeline, the oldest job first."""
        query = select(Recording).join(Job, Job.recording_id == Recording.id)
        query = query.where(Job.state == JobState.QUEUED, Job.pipeline == pipeline)
        return session().execute(query.order_by(Job.queued_at, Job.id).limit(limit)).scalars().all()

    def recover_stale(self) -> int:
        """Requeue the jobs whose lease has expired and return their number; the server does this every few seconds too."""
        return queue.rescue_orphaned()

    def _list_uploads(self, claim: queue.Claim, kinds: Iterable[OutputKind]) -> list[StoredOutput]:
        """Return the outputs that this attempt has uploaded."""
        outputs = []
        for kind in kinds:
            with contextlib.suppress(errors.NotFound):
                outputs.append(self._measure(claim, kind))
        return outputs

    def _measure(self, claim: queue.Claim, kind: OutputKind) -> StoredOutput:
        """Read an uploaded output for its size and SHA-256. Raises NotFound."""
        key, digest, size_bytes = job_outputs.key_of(claim, kind), hashlib.sha256(), 0
        for block in self._store.read(key):
            digest.update(block)
            size_bytes += len(block)
        return StoredOutput(kind, key, size_bytes, digest.hexdigest())

    def _expected_outputs(self, claim: queue.Claim) -> dict[str, OutputKind]:
        return {output.name: output for output in self._kinds[claim.pipeline].outputs(claim.options)}

    def _check_output(self, claim: queue.Claim, kind: OutputKind, reported_output: ReportedOutput) -> StoredOutput:
        """Read the stored file and compare it with the report. Raises OutputsWrong."""
        try:
            output = self._measure(claim, kind)
        except errors.NotFound:
            raise OutputsWrong(f"The {kind.name} was not uploaded.") from None
        if (output.size_bytes, output.sha256) != (reported_output.size_bytes, reported_output.sha256):
            raise OutputsWrong(f"The uploaded {kind.name} has {output.size_bytes} bytes and the SHA-256 {output.sha256}.")
        return output


def _check_names(kinds: Mapping[str, OutputKind], names: Sequence[str], empty: Collection[str]) -> None:
    """Raise OutputsWrong unless each expected output is named once, as a result or as empty, and there is a result."""
    required_names = {name for name, kind in kinds.items() if not kind.is_optional}
    is_complete = required_names <= {*names, *empty} <= set(kinds) and len(set(names)) == len(names) and not set(names) & set(empty)
    if not is_complete or (required_names and not required_names & set(names)):
        raise OutputsWrong(f"The job has the outputs {', '.join(sorted(required_names))}: report each as a result or as empty.")


def _claim_of(job: Job) -> queue.Claim:
    return queue.Claim(
        *(job.id, job.attempt, job.worker or "", job.user_id, job.recording_id, job.pipeline, dict(job.options), job.created_at),
        lane=job.lane,
    )
