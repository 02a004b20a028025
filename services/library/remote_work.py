"""Jobs for remote workers: claim, heartbeat, upload of results, completion and failure.

A worker names job, attempt and itself in every call (`Hold`); once another attempt has begun, none of its calls changes anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy import select

import errors
from database import end_read, session, transaction
from domain import JobState
from models import Artifact, Job, Recording
from services.documents import FORMATS
from services.jobs import queue
from services.jobs.scheduling.scheduler import ConcurrencyLimits
from services.library import artifacts, object_deletion
from services.storage import Store, keys


class OutputsWrong(errors.ValidationFailed):
    """The results are not what the worker says they are."""

    code = "outputs_wrong"
    hint = "Send each result again, then complete the job with the sizes and SHA-256 sums of what was sent."


class RemoteFailure(errors.StageFailed):
    """The worker could not do it."""

    def __init__(self, code: str, detail: str, hint: str, *, retryable: bool) -> None:
        super().__init__(detail, hint=hint)
        self.code, self.retryable = code, retryable


@dataclass(frozen=True)
class AttemptRef:
    """What a worker names in every call. `worker` as it named itself when it claimed the job."""

    job_id: str
    attempt: int
    worker: str

    @property
    def row_name(self) -> str:
        """As the job's row names its worker: no process of this machine is ever called so."""
        return f"remote:{self.worker}"


@dataclass(frozen=True)
class Output:
    """A result that was sent: `format` is one of FORMATS."""

    format: str
    size_bytes: int
    sha256: str


def claim(worker: str, lease_s: float, rules: ConcurrencyLimits, job_id: str | None = None) -> tuple[queue.Claim, Recording] | None:
    """The next job, or `job_id` if it may run now, for this worker."""
    taken = queue.claim(AttemptRef("", 0, worker).row_name, lease_s, job_id, rules=rules)
    if taken is None:
        return None
    return taken, session().get_one(Recording, taken.recording_id)


def held(attempt_ref: AttemptRef) -> queue.Claim:
    """The attempt that this worker is at. Raises LeaseLost."""
    end_read()
    job = session().get(Job, attempt_ref.job_id, populate_existing=True)
    if job is None or (job.attempt, job.worker, job.state) != (attempt_ref.attempt, attempt_ref.row_name, JobState.RUNNING):
        raise errors.LeaseLost
    options = dict(job.options)
    return queue.Claim(
        job.id, job.attempt, attempt_ref.row_name, job.user_id, job.recording_id, job.pipeline, options, job.created_at, lane=job.lane
    )  # fmt: skip


def check_held(attempt_ref: AttemptRef) -> None:
    """Check the lease before a long request body arrives; no transaction stays open. Raises LeaseLost."""
    held(attempt_ref)
    end_read()


def state_of(job_id: str) -> str:
    """Return the present state of a job."""
    end_read()
    return session().get_one(Job, job_id).state


def recording_of_running_job(job_id: str) -> Recording:
    """Return the recording of a job that runs; a worker may read no other. Raises NotFound."""
    running = select(Recording).join(Job, Job.recording_id == Recording.id).where(Job.id == job_id, Job.state == JobState.RUNNING)
    recording = session().execute(running).scalar_one_or_none()
    if recording is None:
        raise errors.NotFound("job")
    return recording


def newest_job_of(recording_id: str | None) -> str:
    """Return the id of a recording's newest job. Raises NotFound."""
    newest = select(Job.id).where(Job.recording_id == recording_id).order_by(Job.created_at.desc()).limit(1)
    job_id = session().execute(newest).scalar_one_or_none() if recording_id else None
    if job_id is None:
        raise errors.NotFound("job")
    return job_id


def options_of(claim: queue.Claim, recording: Recording) -> dict[str, Any]:
    """All that the stages may ask for."""
    base_url = str(claim.options.get("base_url") or "")
    return {
        **claim.options,
        "title": recording.title,
        "created_on": claim.created_at.date().isoformat(),
        "source_name": recording.filename,
        "source_url": recording.source_url or (f"{base_url}/watch/{recording.id}" if base_url else ""),
        "has_subtitles": recording.subtitles_key is not None,
    }


def receive(attempt_ref: AttemptRef, format_name: str, file: Path, store: Store) -> None:
    """Keep one result under the attempt's own prefix. Raises LeaseLost and ValidationFailed."""
    mine = held(attempt_ref)
    key = _key(mine, format_name)
    with transaction() as writing:
        queue.fence(writing, mine)
        object_deletion.schedule(writing, [key], after=object_deletion.UNFINISHED)
    try:
        store.put(file, key, FORMATS[format_name].content_type)
        queue.confirm(mine)
    except BaseException:
        object_deletion.delete_now(store, [key])
        raise


def complete(
    attempt_ref: AttemptRef,
    outputs: Sequence[Output],
    empty: Collection[str],
    store: Store,
    *,
    warnings: Sequence[str],
    metrics: Mapping[str, Any],
) -> None:
    """Look whether every result is there, with the size and the hash that the worker says, and only then let the job succeed.

    `empty`: formats of which there is nothing, such as subtitles of a silent recording.
    """
    mine = held(attempt_ref)
    wanted, told = set(mine.options.get("formats") or ()), {each.format for each in outputs}
    if told | set(empty) != wanted or len(told) != len(outputs) or not told or told & set(empty):
        raise OutputsWrong(f"Wanted are {', '.join(sorted(wanted))}, each as a result or as empty.")
    recording = session().get_one(Recording, mine.recording_id)
    stem = PurePath(recording.filename).stem
    end_read()
    rows = [_checked(mine, each, stem, store) for each in outputs]
    artifacts.publish_received(mine, rows, store, warnings=warnings, metrics=metrics)


def fail(attempt_ref: AttemptRef, *, code: str, message: str, hint: str, stage: str, log: str, retryable: bool) -> None:
    """End the attempt with the worker's own words, or as cancelled where that was asked for."""
    mine = held(attempt_ref)
    end_read()
    if session().get_one(Job, mine.job_id).cancel_requested:
        queue.fail(mine, errors.Cancelled(), stage=stage, log=log)
        return
    queue.fail(mine, RemoteFailure(code, message, hint, retryable=retryable), stage=stage, log=log)


def _key(mine: queue.Claim, format_name: str) -> str:
    kind = FORMATS.get(format_name)
    if kind is None or format_name not in (mine.options.get("formats") or ()):
        raise errors.ValidationFailed(f"The job does not want {format_name}.")
    return keys.attempt(mine.job_id, mine.attempt, f"{format_name}.{kind.extension}")


def _checked(mine: queue.Claim, output: Output, stem: str, store: Store) -> Artifact:
    key, kind = _key(mine, output.format), FORMATS[output.format]
    digest, size = hashlib.sha256(), 0
    try:
        for block in store.read(key):
            digest.update(block)
            size += len(block)
    except errors.NotFound:
        raise OutputsWrong(f"The {output.format} was not sent.") from None
    if (size, digest.hexdigest()) != (output.size_bytes, output.sha256):
        raise OutputsWrong(f"The {output.format} that was sent has {size} bytes and the SHA-256 {digest.hexdigest()}.")
    return Artifact(
        recording_id=mine.recording_id,
        job_id=mine.job_id,
        format=output.format,
        filename=f"{stem}.{kind.extension}",
        storage_key=key,
        content_type=kind.content_type,
        size_bytes=size,
        sha256=output.sha256,
    )
