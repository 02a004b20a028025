"""Runs one claimed job to its end: workspace, stages, publication, and what is written when it fails."""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError

import errors
from database import end_read, session, transaction
from lib import tracing
from lib.disk import is_disk_full
from lib.memory import read_memory
from models import Recording
from pipelines import outputs
from pipelines.database_lease_keeper import DatabaseLeaseKeeper
from pipelines.engines import Engines
from pipelines.lease_keeper import WorkerStopping
from pipelines.registry import PIPELINES
from pipelines.runner import StageError, StageMetrics, run_pipeline
from pipelines.stage import Workspace
from pipelines.stage_cache import NullStageCache, StageCache, purge
from pipelines.stage_timing import StageTiming
from services.jobs import queue
from services.jobs.scheduling import duration_model
from services.jobs.scheduling.capacity import Capacity, CapacityLimits
from services.jobs.scheduling.scheduler import ConcurrencyLimits, Lane, last_slot_reserved
from services.library import artifacts
from services.library.remote_work import options_of
from services.storage import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RunnerSettings:
    """`slots`: jobs that this process runs at once; where there are several, one is kept for short jobs.

    Where there are `several_machines`, finished stages are kept in storage until the job has ended.
    A stage is ended after `timeout_floor_s + timeout_factor * media seconds`, and after `stall_s` without any progress.
    """

    lease_s: float
    slots: int = 1
    turns: ConcurrencyLimits = ConcurrencyLimits()
    room: CapacityLimits = CapacityLimits()
    timeout_floor_s: float = 1800.0
    timeout_factor: float = 6.0
    stall_s: float = 1800.0
    several_machines: bool = False


class JobRunner:
    """Claims jobs and runs them; safe to use from several threads."""

    def __init__(self, app: Flask, store: Store, engines: Engines, work_dir: Path, rules: RunnerSettings) -> None:
        self._app, self._store, self._engines, self._work_dir, self._rules = app, store, engines, work_dir, rules
        self._claiming = threading.Lock()
        self._running = Counter[str]()

    def run_next(
        self, worker: str, stopping: Callable[[], bool], job_id: str | None = None, claimed: Callable[[], None] = lambda: None
    ) -> bool:
        """Claim one job (`job_id` alone, if it is given), call `claimed` and run it; -> False when there is none to run.

        Needs an app context. Raises nothing a job could cause.
        """
        with self._claiming:
            claim = self._claim(worker, job_id)
            if claim is None:
                return False
            self._running[claim.lane] += 1
        try:
            claimed()
            about = {"job_id": claim.job_id, "attempt": claim.attempt}
            traced = tracing.span(f"job {claim.pipeline}", claim.traceparent, **about)
            with structlog.contextvars.bound_contextvars(**about), traced:
                self._run(claim, stopping)
        finally:
            with self._claiming:
                self._running[claim.lane] -= 1
        return True

    def _claim(self, worker: str, job_id: str | None) -> queue.Claim | None:
        only_short = job_id is None and last_slot_reserved(self._rules.slots, self._running[Lane.LONG])
        lanes = (Lane.SHORT,) if only_short else tuple(Lane)
        return queue.claim(worker, self._rules.lease_s, job_id, rules=self._rules.turns, lanes=lanes, room=self._room())

    def _room(self) -> Capacity:
        left = read_memory()
        there = next(folder for folder in (self._work_dir, *self._work_dir.parents) if folder.exists())
        return Capacity(self._rules.room, shutil.disk_usage(there).free, left.free, left.total)

    def _run(self, claim: queue.Claim, stopping: Callable[[], bool]) -> None:
        pulse = DatabaseLeaseKeeper(self._app, claim, self._rules.lease_s, stopping)
        started = time.monotonic()
        log.info("job_started", pipeline=claim.pipeline)
        try:
            with pulse:
                self._convert(claim, pulse)
            log.info("job_succeeded", seconds=round(time.monotonic() - started, 1))
        except StageError as fault:
            self._fail(claim, fault.error, fault.stage)
        except Exception as error:
            self._fail(claim, error, "publish")

    def _convert(self, claim: queue.Claim, pulse: DatabaseLeaseKeeper) -> None:
        started = time.monotonic()
        recording = artifacts.recording_of(claim)
        stages = PIPELINES[claim.pipeline]
        inputs = {"source": recording.storage_key} | ({"subtitles": recording.subtitles_key} if recording.subtitles_key else {})
        options = options_of(claim, recording)
        work = Workspace(self._work_dir / recording.id / claim.pipeline, {"source": recording.sha256})
        stem, media_s = Path(recording.filename).stem, recording.duration_s
        pace = self._pace(claim, recording)
        end_read()  # no transaction stays open while the stages run
        shelf = StageCache(self._app.app_context, self._store, claim, work) if self._rules.several_machines else NullStageCache()
        with work.locked():
            for name, key in inputs.items():
                self._store.fetch(key, work.path(name))
            wanted = outputs.expected(work, options["formats"])
            metrics = run_pipeline(stages, work, options, self._engines, pulse, [each.path.name for each in wanted], pace, shelf)
            pulse.check()
            warnings, told = outputs.warnings(work, options["formats"]), outputs.metrics(work, metrics)
            made = [each for each in wanted if each.path.stat().st_size > 0]
            artifacts.publish(claim, made, self._store, stem=stem, warnings=warnings, metrics=told)
            outputs.delete_scratch(work, stages)
            self._clear_shelf(claim)
        _record_timings(claim.pipeline, media_s, metrics, time.monotonic() - started)

    def _pace(self, claim: queue.Claim, recording: Recording) -> StageTiming:
        media_s = recording.duration_s
        expected = {
            stage: speed.predict(media_s)
            for stage, speed in duration_model.load(session(), claim.pipeline).items()
            if stage != duration_model.WHOLE
        }
        return StageTiming(media_s, expected, self._rules.timeout_floor_s, self._rules.timeout_factor, self._rules.stall_s)

    def _fail(self, claim: queue.Claim, error: BaseException, stage: str) -> None:
        end_read()
        if isinstance(error, errors.LeaseLost):
            self._release(claim, stage)
            return
        known = _as_lectern_error(error)
        tracing.add_attributes(ended=known.code, stage=stage)
        if isinstance(known, errors.DiskFull | errors.Cancelled) and not isinstance(known, WorkerStopping):
            self._free_files(claim)  # others need the room now
        trace = "".join(traceback.format_exception(error))
        if type(known) is errors.StageFailed and known is not error:
            log.error("job_crashed", stage=stage, trace=trace)
        else:
            log.info("job_ended", stage=stage, code=known.code, detail=known.detail)
        try:
            if isinstance(known, WorkerStopping):
                queue.release(claim)
            else:
                queue.fail(claim, known, stage=stage, log=trace)
        except errors.LeaseLost:
            self._release(claim, stage)
        except OperationalError as away:
            log.warning("database_away", error=str(away.orig))  # the lease runs out, and the janitor gives the job to somebody

    def _release(self, claim: queue.Claim, stage: str) -> None:
        """Another has the job now, or it was deleted: then nobody needs its files."""
        try:
            deleted = not queue.still_exists(claim)
        except OperationalError:
            deleted = False
        if deleted:
            self._free_files(claim)
        log.log(logging.INFO if deleted else logging.WARNING, "job_deleted" if deleted else "job_lease_lost", stage=stage)

    def _clear_shelf(self, claim: queue.Claim) -> None:
        if self._rules.several_machines:
            with contextlib.suppress(OperationalError):  # then it goes by itself
                purge(self._store, claim.job_id)

    def _free_files(self, claim: queue.Claim) -> None:
        self._clear_shelf(claim)
        folder = self._work_dir / str(claim.recording_id)
        shutil.rmtree(folder / claim.pipeline, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.rmdir()  # unless another pipeline works on the recording


def _record_timings(pipeline: str, media_s: float, metrics: Mapping[str, StageMetrics], whole_s: float) -> None:
    """Remember what was measured; a database that is away is no reason to fail now."""
    walls = {name: each.wall_s for name, each in metrics.items() if not each.resumed}
    if len(walls) == len(metrics):
        walls[duration_model.WHOLE] = round(whole_s, 3)
    try:
        with transaction() as writing:
            duration_model.record(writing, pipeline, media_s, walls)
    except (OperationalError, IntegrityError) as away:  # the latter: another run was the first at the same moment
        log.warning("speed_not_kept", error=str(away.orig))


def _as_lectern_error(error: BaseException) -> errors.LecternError:
    if isinstance(error, errors.LecternError):
        return error
    if is_disk_full(error):
        return errors.DiskFull()
    if isinstance(error, OperationalError):
        return errors.TransientError("The database did not answer.")
    return errors.StageFailed(f"{type(error).__name__}: {error}")
