"""A job session on the database and the store: for the threads of a server and for Celery workers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError, NoResultFound, OperationalError

import errors
from database import end_read, session, transaction
from pipelines.run_settings import RunSettings
from pipelines.stage import Workspace
from pipelines.stage_cache import NullStageCache, StageCache, purge
from pipelines.stage_metrics import StageMetrics
from pipelines.stage_timing import StageTiming
from services.jobs import queue
from services.jobs.job_kind import JobDetails, JobKind, OutputKind
from services.jobs.scheduling import duration_model
from services.library import job_outputs
from services.storage import Store

log = structlog.get_logger(__name__)


class DatabaseJobSession:
    """Needs an app context. `check` and `heartbeat` open their own, because the lease keeper's thread calls them, and `publish_early`
    does, because stages run meanwhile and share the database session of this thread's context.
    """

    check_every_s = 0.25  # programs of a cancelled job end within this time
    heartbeat_every_s = 1.0
    keeps_workspace = True

    def __init__(
        self,
        app_context: Callable[[], AbstractContextManager[object]],
        store: Store,
        kind: JobKind,
        claim: queue.Claim,
        settings: RunSettings,
    ) -> None:
        self._app_context, self._store, self._kind, self._claim, self._settings = app_context, store, kind, claim, settings
        self.job_id, self.attempt, self.pipeline = claim.job_id, claim.attempt, claim.pipeline
        self.traceparent, self.lease_s = claim.traceparent, settings.lease_s

    def load(self) -> JobDetails:
        try:
            details = self._kind.read(self._claim)
        except NoResultFound:
            queue.check(self._claim)  # a job that was deleted meanwhile has lost its lease, as all of its rows
            raise
        end_read()
        return details

    def fetch_inputs(self, details: JobDetails, work: Workspace) -> None:
        for each in details.inputs:
            self._store.fetch(each.storage_key, work.path(each.name))

    def stage_timing(self, details: JobDetails) -> StageTiming:
        models = duration_model.load(session(), self.pipeline)
        end_read()  # no transaction stays open while the stages run
        stage_seconds = {stage: model.predict(details.media_s) for stage, model in models.items() if stage != duration_model.TOTAL}
        limits = self._settings
        return StageTiming(details.media_s, stage_seconds, limits.base_timeout_s, limits.timeout_per_media_s, limits.stall_s)

    def stage_cache(self, work: Workspace) -> StageCache | NullStageCache:
        if not self._settings.several_machines:
            return NullStageCache()
        cache = StageCache(self._app_context, self._store, self._claim, work)
        end_read()  # as above
        return cache

    def check(self) -> None:
        with self._app_context():
            queue.check(self._claim)

    def heartbeat(self, stage: str, progress: float, seconds_left: float | None) -> None:
        with self._app_context():
            queue.heartbeat(self._claim, self.lease_s, stage=stage, progress=progress, seconds_left=seconds_left)

    def publish_early(self, files: Sequence[tuple[OutputKind, Path]]) -> bool:
        with self._app_context():
            job_outputs.publish_early(self._claim, self._kind, files, self._store)
        return True

    def publish(
        self,
        files: Sequence[tuple[OutputKind, Path]],
        empty: Sequence[str],
        check: Callable[[], None],
        *,
        warnings: Sequence[str],
        metrics: Mapping[str, Any],
    ) -> None:
        check()
        data_dir = self._settings.data_dir
        job_outputs.publish(self._claim, self._kind, files, self._store, data_dir=data_dir, warnings=warnings, metrics=metrics)

    def record_timings(self, media_s: float, stage_metrics: Mapping[str, StageMetrics], total_s: float) -> None:
        durations = {name: metrics.wall_s for name, metrics in stage_metrics.items() if not metrics.resumed}
        if len(durations) == len(stage_metrics):
            durations[duration_model.TOTAL] = round(total_s, 3)
        try:
            with transaction() as session:
                duration_model.record(session, self.pipeline, media_s, durations)
        except (OperationalError, IntegrityError) as error:  # the latter: another run inserted the same row
            log.warning("timings_not_recorded", error=str(error.orig))

    def fail(self, error: errors.LecternError, *, stage: str, log: str) -> None:
        with _transient():
            queue.fail(self._claim, error, stage=stage, log=log)

    def release(self) -> None:
        with _transient():
            queue.release(self._claim)

    def delete_cached_stages(self) -> None:
        if self._settings.several_machines:
            with contextlib.suppress(OperationalError):  # the janitor deletes them later
                purge(self._store, self.job_id)

    def still_exists(self) -> bool:
        try:
            return queue.still_exists(self._claim)
        except OperationalError:
            return True


@contextlib.contextmanager
def _transient() -> Iterator[None]:
    end_read()
    try:
        yield
    except OperationalError as error:
        raise errors.TransientError(f"The database does not answer ({error.orig}).") from error
