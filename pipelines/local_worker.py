"""Claims jobs in the database and runs them in this process."""

from __future__ import annotations

import dataclasses
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from config import Settings
from lib.memory import read_memory
from pipelines.database_session import DatabaseJobSession
from pipelines.engines import Engines
from pipelines.job_runner import JobRunner
from pipelines.pipeline import Pipeline
from pipelines.registry import PIPELINES
from pipelines.run_settings import RunSettings
from pipelines.workspaces import work_folder
from services.jobs import queue
from services.jobs.scheduling.capacity import Capacity
from services.jobs.scheduling.scheduler import Lane, last_slot_reserved
from services.storage import Store


class LocalWorker:
    """Safe to use from several threads."""

    def __init__(
        self,
        app_context: Callable[[], AbstractContextManager[object]],
        pipelines: Mapping[str, Pipeline],
        store: Store,
        engines: Engines,
        work_dir: Path,
        settings: RunSettings,
    ) -> None:
        self._app_context, self._pipelines, self._store, self._work_dir, self._settings = app_context, pipelines, store, work_dir, settings
        self._runner = JobRunner(pipelines, engines, work_dir)
        self._download_pipelines = frozenset(each.name for each in pipelines.values() if each.is_download)
        self._claiming = threading.Lock()
        self._running, self._running_downloads = Counter[str](), Counter[str]()

    @classmethod
    def from_settings(
        cls, settings: Settings, app_context: Callable[[], AbstractContextManager[object]], store: Store, engines: Engines
    ) -> LocalWorker:
        return cls(app_context, PIPELINES, store, engines, work_folder(settings), RunSettings.from_settings(settings))

    def run_next(
        self, worker: str, should_stop: Callable[[], bool], job_id: str | None = None, on_claim: Callable[[], None] = lambda: None
    ) -> bool:
        """Claim the next job, or `job_id`, and run it to its end. Return False if there was none to run.

        `on_claim` is called between the two. Does not raise the errors of jobs.
        """
        with self._app_context():
            with self._claiming:
                claim = self._claim(worker, job_id)
                if claim is None:
                    return False
                running = self._running_downloads if self._is_separate(claim.pipeline) else self._running
                running[claim.lane] += 1
            try:
                on_claim()
                session = DatabaseJobSession(self._app_context, self._store, self._pipelines[claim.pipeline], claim, self._settings)
                self._runner.run(session, should_stop)
            finally:
                with self._claiming:
                    running[claim.lane] -= 1
        return True

    def _claim(self, worker: str, job_id: str | None) -> queue.Claim | None:
        only_short = job_id is None and last_slot_reserved(self._settings.slots, self._running[Lane.LONG])
        lanes = (Lane.SHORT,) if only_short else tuple(Lane)
        limits = dataclasses.replace(self._settings.concurrency, closed_pipelines=self._pipelines_without_slot())
        return queue.claim(worker, self._settings.lease_s, job_id, limits=limits, lanes=lanes, capacity=self._capacity())

    def _is_separate(self, pipeline: str) -> bool:
        """Whether jobs of this pipeline run in slots of their own."""
        return bool(self._settings.download_slots) and pipeline in self._download_pipelines

    def _pipelines_without_slot(self) -> frozenset[str]:
        """Return the pipelines of which no further job may start in this process: a slow download must not keep conversions waiting."""
        if not self._settings.download_slots:
            return frozenset()
        downloads = self._download_pipelines
        full_pipelines: frozenset[str] = downloads if self._running_downloads.total() >= self._settings.download_slots else frozenset()
        return full_pipelines | (self._pipelines.keys() - downloads if self._running.total() >= self._settings.slots else frozenset())

    def _capacity(self) -> Capacity:
        free = read_memory()
        folder = next(folder for folder in (self._work_dir, *self._work_dir.parents) if folder.exists())
        return Capacity(self._settings.capacity, shutil.disk_usage(folder).free, free.free, free.total)
