"""Publish the outputs of a job: all of them or none, unless its kind publishes each as soon as it is there.

Outputs are stored under the attempt's own prefix. One fenced transaction names them as results; a second one ends the job after
`after_record` of its kind. A crash between the two costs an attempt that resumes every stage and publishes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from database import end_read, transaction
from lib.hashing import sha256_of
from services.jobs import queue
from services.jobs.job_kind import JobKind, OutputKind, StoredOutput, accept
from services.jobs.queue import history
from services.jobs.queue.recording_lock import lock_recording
from services.library import object_deletion, reserved_storage
from services.storage import Store, keys

EARLY_EVENT = "documents_ready"


def publish(
    claim: queue.Claim,
    kind: JobKind,
    files: Sequence[tuple[OutputKind, Path]],
    store: Store,
    *,
    data_dir: Path,
    warnings: Sequence[str],
    metrics: Mapping[str, Any],
) -> None:
    """Store the files, name them as results and let the job succeed. Raises LeaseLost, and then leaves nothing behind."""
    publish_stored(claim, kind, _put(claim, files, store), store, data_dir=data_dir, warnings=warnings, metrics=metrics)


def publish_early(claim: queue.Claim, kind: JobKind, files: Sequence[tuple[OutputKind, Path]], store: Store) -> None:
    """Store these files and publish them as results while the job is running; adds an event. Raises LeaseLost."""
    outputs = _put(claim, files, store)
    _record(claim, kind, outputs, {}, store)
    with transaction() as session:
        queue.fence(session, claim)
        history.append(session, claim.job_id, claim.user_id, EARLY_EVENT, {"formats": [output.kind.name for output in outputs]})


def _put(claim: queue.Claim, files: Sequence[tuple[OutputKind, Path]], store: Store) -> list[StoredOutput]:
    """Store the files under the attempt's prefix."""
    outputs = [StoredOutput(output, key_of(claim, output), path.stat().st_size, sha256_of(path)) for output, path in files]
    new_keys = [output.storage_key for output in outputs]
    with transaction() as session:
        queue.fence(session, claim)
        object_deletion.schedule(session, new_keys, after=object_deletion.UPLOAD_GRACE)
    try:
        for output, (_, path) in zip(outputs, files, strict=True):
            queue.confirm(claim)
            store.put(path, output.storage_key, output.kind.content_type)
    except BaseException:
        object_deletion.delete_now(store, new_keys)
        raise
    return outputs


def publish_stored(
    claim: queue.Claim,
    kind: JobKind,
    outputs: Sequence[StoredOutput],
    store: Store,
    *,
    data_dir: Path,
    warnings: Sequence[str],
    metrics: Mapping[str, Any],
) -> None:
    """Do the same for files that are in the store already. `data_dir` has the uploads that count against the user's quota."""
    try:
        if kind.check is not accept:
            kind.check(claim, outputs, reserved_storage.of_user(data_dir, claim.user_id, store))
            end_read()
    except BaseException:
        object_deletion.delete_now(store, [output.storage_key for output in outputs])
        raise
    _record(claim, kind, outputs, metrics, store)
    with transaction() as session:
        lock_recording(session, claim.recording_id)
        queue.succeed(session, claim, warnings=warnings, metrics=metrics)
        kind.finish(session, claim, metrics)


def _record(claim: queue.Claim, kind: JobKind, outputs: Sequence[StoredOutput], metrics: Mapping[str, Any], store: Store) -> None:
    """Name stored outputs as results, and call `after_record`. Raises LeaseLost."""
    try:
        with transaction() as session:
            lock_recording(session, claim.recording_id)
            queue.fence(session, claim)
            kind.record(session, claim, outputs, metrics)
    except BaseException:
        object_deletion.delete_now(store, [output.storage_key for output in outputs])
        raise
    object_deletion.try_run_due(store)
    kind.after_record(claim, store)


def key_of(claim: queue.Claim, output: OutputKind) -> str:
    """Return the key of an output under the attempt's prefix."""
    return keys.attempt(claim.job_id, claim.attempt, f"{output.name}.{output.extension}")
