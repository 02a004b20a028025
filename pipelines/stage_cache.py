"""Finished stages in storage, so that another machine can continue a job.

An object holds a stage's outputs and, last, its stamp. Its key contains the stage's fingerprint, so an outdated object is never read.
The deletion of each object is scheduled before it is stored (services/library/object_deletion.py), so none stays behind.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tarfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath

import structlog
from sqlalchemy.exc import OperationalError

import errors
from database import transaction
from pipelines import growing_folder
from pipelines.growing_folder import GrowingFolder
from pipelines.stage import Stage, Workspace, stamp_name
from services.jobs import queue
from services.library import object_deletion
from services.storage import Store, keys

log = structlog.get_logger(__name__)
_RETENTION = dt.timedelta(days=1)  # the same as for an unused workspace
_CHECKPOINT_S = 20.0
_CONTENT_TYPE = "application/x-tar"
_TOLERATED_ERRORS = (errors.LecternError, OperationalError, OSError, tarfile.TarError)


class StageCache:
    """The cache of one attempt at a job. Where saving or restoring fails, the stage runs again."""

    def __init__(
        self, app_context: Callable[[], AbstractContextManager[object]], store: Store, claim: queue.Claim, work: Workspace
    ) -> None:
        self._app_context, self._store, self._claim, self._work = app_context, store, claim, work
        self._cached_keys = set(object_deletion.list_scheduled(keys.cached_stages(claim.job_id)))
        self._last_checkpoint = (0.0, 0)  # time and size of the last saved checkpoint
        self._folders: dict[str, tuple[GrowingFolder, int]] = {}  # and the number of archives of each
        self._lock = threading.Lock()

    def save(self, stage: Stage, fingerprint: str) -> None:
        """Store the outputs and the stamp of a finished stage. Raises LeaseLost."""
        archive = self._work.path(f".{stage.name}.tar")
        try:
            with tarfile.open(archive, "w") as tar:
                for name in [*stage.persistent_outputs, stamp_name(stage)]:
                    tar.add(self._work.path(name), name)
            self._put(archive, self._key(stage, fingerprint))
        except errors.LeaseLost:
            raise
        except _TOLERATED_ERRORS as error:
            log.warning("stage_not_cached", stage=stage.name, error=str(error))
        finally:
            archive.unlink(missing_ok=True)

    def restore(self, stage: Stage, fingerprint: str) -> None:
        """Put the cached outputs and the stamp of a stage into the workspace, if there are any."""
        if (key := self._key(stage, fingerprint)) not in self._cached_keys:
            return
        archive = self._work.path(f".{stage.name}.tar")
        try:
            self._store.fetch(key, archive)
            _unpack(archive, stage, self._work.root)
            log.info("stage_restored", stage=stage.name)
        except _TOLERATED_ERRORS as error:
            self._work.path(stamp_name(stage)).unlink(missing_ok=True)
            log.warning("stage_not_restored", stage=stage.name, error=str(error))
        finally:
            archive.unlink(missing_ok=True)

    def save_checkpoint(self, stage: Stage) -> None:
        """Store the checkpoint of a long stage, at intervals: a file, or the new files of a folder. Raises LeaseLost."""
        path = self._work.path(stage.checkpoint)
        with self._lock:
            at, size = self._last_checkpoint
            if not path.exists() or time.monotonic() - at < _CHECKPOINT_S or (path.is_file() and path.stat().st_size == size):
                return
            self._last_checkpoint = (time.monotonic(), path.stat().st_size)
        copy = self._work.path(f".{stage.checkpoint}.copy")
        try:
            if path.is_dir():
                self._save_folder(stage, path, copy)
            else:
                shutil.copyfile(path, copy)
                self._put(copy, self._checkpoint_key(stage))
        except errors.LeaseLost:
            raise
        except _TOLERATED_ERRORS as error:
            log.warning("checkpoint_not_cached", stage=stage.name, error=str(error))
        finally:
            copy.unlink(missing_ok=True)

    def _save_folder(self, stage: Stage, path: Path, archive: Path) -> None:
        folder, count = self._folders.pop(stage.name, (GrowingFolder(path), 0))
        if folder.pack(archive):
            self._put(archive, f"{self._checkpoint_key(stage)}-{self._claim.attempt:06}-{count:06}.tar")
            count += 1
        self._folders[stage.name] = folder, count  # after an error the next archive has everything

    def restore_checkpoint(self, stage: Stage) -> None:
        """Put the checkpoint of a stage into the workspace, if there is one and the workspace has none."""
        path, key = self._work.path(stage.checkpoint), self._checkpoint_key(stage)
        archives = sorted(each for each in self._cached_keys if each.startswith(f"{key}-"))
        if path.exists() or not (archives or key in self._cached_keys):
            return
        try:
            if archives:
                self._restore_folder(path, archives)
            else:
                self._store.fetch(key, path)
        except _TOLERATED_ERRORS as error:
            log.warning("checkpoint_not_restored", stage=stage.name, error=str(error))

    def _restore_folder(self, path: Path, archives: Sequence[str]) -> None:
        part, archive = path.with_name(f".{path.name}.part"), path.with_name(f".{path.name}.tar")
        shutil.rmtree(part, ignore_errors=True)
        try:
            for key in archives:
                self._store.fetch(key, archive)
                growing_folder.unpack(archive, part)
            part.rename(path)
        finally:
            archive.unlink(missing_ok=True)
            shutil.rmtree(part, ignore_errors=True)

    def _put(self, source: Path, key: str) -> None:
        with self._app_context():
            with transaction() as session:
                queue.fence(session, self._claim)
                object_deletion.schedule(session, [key], after=_RETENTION)
            self._store.put(source, key, _CONTENT_TYPE)
            try:
                queue.confirm(self._claim)
            except errors.LeaseLost:  # the job may have ended and purged its cache before this object was stored
                with transaction() as session:
                    object_deletion.schedule(session, [key])
                object_deletion.try_run_due(self._store)
                raise

    def _key(self, stage: Stage, fingerprint: str) -> str:
        return f"{keys.cached_stages(self._claim.job_id)}{stage.name}-{fingerprint[:24]}.tar"

    def _checkpoint_key(self, stage: Stage) -> str:
        return f"{keys.cached_stages(self._claim.job_id)}{stage.checkpoint}"


class NullStageCache:
    """Caches nothing: on a single machine the workspace is enough."""

    def save(self, stage: Stage, fingerprint: str) -> None:
        pass

    def restore(self, stage: Stage, fingerprint: str) -> None:
        pass

    def save_checkpoint(self, stage: Stage) -> None:
        pass

    def restore_checkpoint(self, stage: Stage) -> None:
        pass


def purge(store: Store, job_id: str) -> None:
    """Delete the cached stages of a job that has ended."""
    with transaction() as session:
        object_deletion.expedite(session, keys.cached_stages(job_id))
    object_deletion.try_run_due(store)


def _unpack(archive: Path, stage: Stage, root: Path) -> None:
    names = {*stage.makes, stamp_name(stage)}
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
        if any(PurePosixPath(member.name).parts[0] not in names for member in members):
            raise tarfile.TarError("unexpected members")
        for name in stage.makes:
            path = root / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        tar.extractall(root, members, filter="data")
