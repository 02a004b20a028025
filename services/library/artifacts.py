"""Publishing what a job made: all at once or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session

from database import end_read, session, transaction
from domain import JobState
from lib.hashing import sha256_of
from models import Artifact, Job, Recording
from services.jobs import queue
from services.library import object_deletion
from services.storage import Store, keys


@dataclass(frozen=True)
class Result:
    """A finished file of a job, still in its workspace. `extension` without its dot."""

    format: str
    extension: str
    content_type: str
    path: Path


def publish(
    claim: queue.Claim, results: Sequence[Result], store: Store, *, stem: str, warnings: Sequence[str], metrics: Mapping[str, Any]
) -> None:
    """Put the files under the attempt's own prefix, name them the winners in one transaction, move them to their keys, end the job.

    Raises LeaseLost, and leaves nothing behind, where another attempt has taken over.
    """
    assert claim.recording_id is not None
    rows = [_describe(claim, result, stem) for result in results]
    new_keys = [row.storage_key for row in rows]
    with transaction() as writing:
        queue.fence(writing, claim)
        object_deletion.schedule(writing, new_keys, after=object_deletion.UNFINISHED)
    try:
        for row, result in zip(rows, results, strict=True):
            queue.confirm(claim)
            store.put(result.path, row.storage_key, row.content_type)
        _name_winners(claim, rows)
    except BaseException:
        object_deletion.delete_now(store, new_keys)
        raise
    _end(claim, store, warnings, metrics)


def publish_received(
    claim: queue.Claim, rows: Sequence[Artifact], store: Store, *, warnings: Sequence[str], metrics: Mapping[str, Any]
) -> None:
    """`publish`, where the files stand under the attempt's prefix already."""
    try:
        _name_winners(claim, rows)
    except BaseException:
        object_deletion.delete_now(store, [row.storage_key for row in rows])
        raise
    _end(claim, store, warnings, metrics)


def _name_winners(claim: queue.Claim, rows: Sequence[Artifact]) -> None:
    with transaction() as writing:
        queue.fence(writing, claim)
        formats = [row.format for row in rows]
        old = writing.execute(select(Artifact).where(Artifact.recording_id == claim.recording_id, Artifact.format.in_(formats)))
        object_deletion.schedule(writing, [key for each in old.scalars() for key in _drop(writing, each)])
        object_deletion.cancel(writing, [row.storage_key for row in rows])
        writing.flush()
        writing.add_all(rows)


def _end(claim: queue.Claim, store: Store, warnings: Sequence[str], metrics: Mapping[str, Any]) -> None:
    object_deletion.run_due_now(store)
    _promote(store, Artifact.job_id == claim.job_id)
    with transaction() as writing:
        queue.succeed(writing, claim, warnings=warnings, metrics=metrics)


def promote_left_over(store: Store) -> int:
    """End what a crash left half-way: winners of jobs that nobody runs any more get their documented keys; -> how many."""
    running = select(Job.id).where(Job.state == JobState.RUNNING)
    return _promote(store, Artifact.job_id.not_in(running))


def _promote(store: Store, which: ColumnElement[bool]) -> int:
    waiting = select(Artifact.id, Artifact.recording_id, Artifact.format, Artifact.storage_key)
    end_read()
    found = session().execute(waiting.where(Artifact.storage_key.startswith("jobs/"), which)).all()
    end_read()
    for each in found:
        key = keys.document(each.recording_id, each.format, PurePosixPath(each.storage_key).name.partition(".")[2])
        store.move(each.storage_key, key)
        with transaction() as writing:
            mine = update(Artifact).where(Artifact.id == each.id, Artifact.storage_key == each.storage_key).values(storage_key=key)
            moved = cast("CursorResult[Any]", writing.execute(mine)).rowcount
            if not moved and writing.execute(select(Artifact.id).where(Artifact.storage_key == key)).first() is None:
                object_deletion.schedule(writing, [key])  # the recording was deleted meanwhile
    return len(found)


def recording_of(claim: queue.Claim) -> Recording:
    return session().get_one(Recording, claim.recording_id)


def _describe(claim: queue.Claim, result: Result, stem: str) -> Artifact:
    return Artifact(
        recording_id=claim.recording_id,
        job_id=claim.job_id,
        format=result.format,
        filename=f"{stem}.{result.extension}",
        storage_key=keys.attempt(claim.job_id, claim.attempt, f"{result.format}.{result.extension}"),
        content_type=result.content_type,
        size_bytes=result.path.stat().st_size,
        sha256=sha256_of(result.path),
    )


def _drop(writing: Session, old: Artifact) -> list[str]:
    """Remove a replaced row; -> its key, unless the new document is going to be moved over it."""
    writing.delete(old)
    return [old.storage_key] if old.storage_key.startswith("jobs/") else []
