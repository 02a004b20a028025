"""Finished stages in storage, so that a job goes on where it was on another machine than the one that it began on.

An object holds a stage's outputs and, last, its stamp; its key names the stage's fingerprint, so an object is right or not asked for.
Every object is doomed before it is put (services/library/object_deletion.py): what nobody clears goes by itself.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath

import structlog
from sqlalchemy.exc import OperationalError

import errors
from database import transaction
from pipelines.stage import Stage, Workspace, stamp_name
from services.jobs import queue
from services.library import object_deletion
from services.storage import Store, keys

log = structlog.get_logger(__name__)
_KEPT = dt.timedelta(days=1)  # as long as a workspace that nobody touches
_CHECKPOINT_S = 20.0
_TYPE = "application/x-tar"
_MISSED = (errors.LecternError, OperationalError, OSError, tarfile.TarError)


class StageCache:
    """For one attempt at a job. Keeping and bringing only save work: where they fail, the stage runs again."""

    def __init__(self, in_app: Callable[[], AbstractContextManager[object]], store: Store, claim: queue.Claim, work: Workspace) -> None:
        self._in_app, self._store, self._claim, self._work = in_app, store, claim, work
        self._there = set(object_deletion.scheduled(keys.kept_stages(claim.job_id)))
        self._checkpointed = (0.0, 0)  # when, and how many bytes
        self._lock = threading.Lock()

    def save(self, stage: Stage, fingerprint: str) -> None:
        """Put a finished stage's outputs and stamp into the store. Raises LeaseLost."""
        parcel = self._work.path(f".{stage.name}.tar")
        try:
            with tarfile.open(parcel, "w") as tar:
                for name in [*stage.kept, stamp_name(stage)]:
                    tar.add(self._work.path(name), name)
            self._put(parcel, self._key(stage, fingerprint))
        except errors.LeaseLost:
            raise
        except _MISSED as error:
            log.warning("stage_not_kept", stage=stage.name, error=str(error))
        finally:
            parcel.unlink(missing_ok=True)

    def restore(self, stage: Stage, fingerprint: str) -> None:
        """Make a stage's outputs and stamp appear, if somebody has kept them."""
        if (key := self._key(stage, fingerprint)) not in self._there:
            return
        parcel = self._work.path(f".{stage.name}.tar")
        try:
            self._store.fetch(key, parcel)
            _unpack(parcel, stage, self._work.root)
            log.info("stage_brought", stage=stage.name)
        except _MISSED as error:
            self._work.path(stamp_name(stage)).unlink(missing_ok=True)
            log.warning("stage_not_brought", stage=stage.name, error=str(error))
        finally:
            parcel.unlink(missing_ok=True)

    def save_checkpoint(self, stage: Stage) -> None:
        """Now and then, put what a long stage has done so far into the store. Raises LeaseLost."""
        path = self._work.path(stage.checkpoint)
        with self._lock:
            at, size = self._checkpointed
            if not path.exists() or time.monotonic() - at < _CHECKPOINT_S or path.stat().st_size == size:
                return
            self._checkpointed = (time.monotonic(), path.stat().st_size)
        copy = self._work.path(f".{stage.checkpoint}.copy")
        try:
            shutil.copyfile(path, copy)
            self._put(copy, self._checkpoint_key(stage))
        except errors.LeaseLost:
            raise
        except _MISSED as error:
            log.warning("checkpoint_not_kept", stage=stage.name, error=str(error))
        finally:
            copy.unlink(missing_ok=True)

    def restore_checkpoint(self, stage: Stage) -> None:
        path = self._work.path(stage.checkpoint)
        if path.exists() or self._checkpoint_key(stage) not in self._there:
            return
        try:
            self._store.fetch(self._checkpoint_key(stage), path)
        except _MISSED as error:
            log.warning("checkpoint_not_brought", stage=stage.name, error=str(error))

    def _put(self, source: Path, key: str) -> None:
        with self._in_app():
            with transaction() as writing:
                queue.fence(writing, self._claim)
                object_deletion.schedule(writing, [key], after=_KEPT)
            self._store.put(source, key, _TYPE)
            try:
                queue.confirm(self._claim)
            except errors.LeaseLost:
                object_deletion.delete_now(self._store, [key])  # whoever has the job now may have ended it, and cleared before this was put
                raise

    def _key(self, stage: Stage, fingerprint: str) -> str:
        return f"{keys.kept_stages(self._claim.job_id)}{stage.name}-{fingerprint[:24]}.tar"

    def _checkpoint_key(self, stage: Stage) -> str:
        return f"{keys.kept_stages(self._claim.job_id)}{stage.checkpoint}"


class NullStageCache:
    """Where one machine does everything, its folder is enough."""

    def save(self, stage: Stage, fingerprint: str) -> None:
        pass

    def restore(self, stage: Stage, fingerprint: str) -> None:
        pass

    def save_checkpoint(self, stage: Stage) -> None:
        pass

    def restore_checkpoint(self, stage: Stage) -> None:
        pass


def purge(store: Store, job_id: str) -> None:
    """The job has ended: what was kept for it goes."""
    with transaction() as writing:
        object_deletion.expedite(writing, keys.kept_stages(job_id))
    object_deletion.run_due_now(store)


def _unpack(parcel: Path, stage: Stage, root: Path) -> None:
    expected = {*stage.makes, stamp_name(stage)}
    with tarfile.open(parcel) as tar:
        members = tar.getmembers()
        if any(PurePosixPath(member.name).parts[0] not in expected for member in members):
            raise tarfile.TarError("it holds something else")
        for name in stage.makes:
            path = root / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        tar.extractall(root, members, filter="data")
