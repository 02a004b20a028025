"""Runs a claimed job to its end: inputs, stages, publication, and the report of a failure. The same for local and remote workers."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

import errors
from lib import tracing
from lib.disk import is_disk_full
from pipelines.engines import Engines
from pipelines.job_session import JobSession
from pipelines.lease_keeper import LeaseKeeper, WorkerStopping
from pipelines.pipeline import Pipeline
from pipelines.runner import StageError, run_pipeline
from pipelines.stage import Stage, Workspace
from pipelines.stage_metrics import StageMetrics
from services.jobs.job_kind import JobDetails, OutputKind

log = structlog.get_logger(__name__)


class JobRunner:
    """Workspaces are `work_dir/WORKSPACE/PIPELINE`. Safe to use from several threads."""

    def __init__(self, pipelines: Mapping[str, Pipeline], engines: Engines, work_dir: Path) -> None:
        self._pipelines, self._engines, self._work_dir = pipelines, engines, work_dir

    def run(self, session: JobSession, should_stop: Callable[[], bool]) -> None:
        """Run the job of this session; its failures are reported to the session and not raised."""
        context = {"job_id": session.job_id, "attempt": session.attempt}
        span = tracing.span(f"job {session.pipeline}", session.traceparent, **context)
        with structlog.contextvars.bound_contextvars(**context), span:
            _JobRun(self._pipelines[session.pipeline], self._engines, self._work_dir, session, should_stop).run()


class _JobRun:
    """One attempt at a job."""

    def __init__(self, pipeline: Pipeline, engines: Engines, work_dir: Path, session: JobSession, should_stop: Callable[[], bool]) -> None:
        self._pipeline, self._engines, self._work_dir, self._session = pipeline, engines, work_dir, session
        self._keeper = LeaseKeeper(session, should_stop)
        self._work: Workspace | None = None
        self._inputs: Sequence[str] = ()
        self._phase = "load"  # where an error outside the stages happens
        self._published_names: set[str] = set()

    def run(self) -> None:
        start_s = time.monotonic()
        log.info("job_started", pipeline=self._pipeline.name)
        try:
            with self._keeper:
                self._execute()
            log.info("job_succeeded", seconds=round(time.monotonic() - start_s, 1))
        except StageError as failure:
            self._fail(failure.error, failure.stage)
        except Exception as error:
            self._fail(error, self._phase)

    def _execute(self) -> None:
        start_s = time.monotonic()
        details = self._session.load()
        work = self._workspace_of(details)
        with work.lock():
            details = self._fetch(details, work)
            work = self._workspace_of(details)
            timing, cache = self._session.stage_timing(details), self._session.stage_cache(work)
            outputs = self._pipeline.outputs(details.options)
            files = [output.file for output in outputs]

            def on_made(file_names: Sequence[str]) -> None:
                if self._pipeline.publishes_early:
                    self._publish_early([output for output in outputs if output.file in file_names], work)

            stage_metrics = run_pipeline(
                self._pipeline.stages, work, details.options, self._engines, self._keeper, files, timing, cache, on_made
            )
            self._phase = "publish"
            self._publish(details, work, stage_metrics)
            self._clean_up(work)
            self._session.delete_cached_stages()
        self._session.record_timings(details.media_s, stage_metrics, time.monotonic() - start_s)

    def _workspace_of(self, details: JobDetails) -> Workspace:
        self._inputs = [each.name for each in details.inputs]
        known_hashes = {each.name: each.sha256 for each in details.inputs if each.sha256}
        self._work = Workspace(self._work_dir / details.workspace / self._pipeline.name, known_hashes)
        return self._work

    def _fetch(self, details: JobDetails, work: Workspace) -> JobDetails:
        """Fetch the inputs. Return the details of those, which are newer ones if an input was replaced or removed meanwhile."""
        while True:
            self._phase = "fetch"
            try:
                self._session.fetch_inputs(details, work)
                return details
            except errors.NotFound:
                self._phase = "load"
                newer = self._session.load()
                if newer.inputs == details.inputs:
                    raise
                details = newer

    def _publish_early(self, outputs: Sequence[OutputKind], work: Workspace) -> None:
        """Publish these outputs, except those of which a renderer made nothing."""
        files = [(output, work.path(output.file)) for output in outputs if work.has(output.file) and work.path(output.file).stat().st_size]
        if files and self._session.publish_early(files):
            self._published_names.update(output.name for output, _ in files)

    def _publish(self, details: JobDetails, work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> None:
        self._keeper.check()
        outputs = [output for output in self._pipeline.outputs(details.options) if output.name not in self._published_names]
        files = [(output, work.path(output.file)) for output in outputs]
        self._session.publish(
            [(output, path) for output, path in files if path.stat().st_size > 0],
            [output.name for output, path in files if path.stat().st_size == 0],
            self._keeper.check,
            warnings=self._pipeline.warnings(work, details.options),
            metrics=_metrics(self._pipeline, work, stage_metrics),
        )

    def _clean_up(self, work: Workspace) -> None:
        if self._session.keeps_workspace:
            _delete_scratch(work, self._inputs, self._pipeline.stages)
        else:
            self._delete_workspace()

    def _fail(self, error: BaseException, stage: str) -> None:
        if isinstance(error, errors.LeaseLost):
            self._handle_lost_lease(stage)
            return
        cause = _as_lectern_error(error)
        is_stopping = isinstance(cause, WorkerStopping)
        releases = is_stopping or isinstance(cause, errors.InputChanged)
        tracing.add_attributes(ended=cause.code, stage=stage)
        if isinstance(cause, errors.DiskFull | errors.Cancelled) and not is_stopping:
            self._free_disk()
        trace = "".join(traceback.format_exception(error))
        is_unexpected = type(cause) is errors.StageFailed and cause is not error
        if is_unexpected:
            log.error("job_crashed", stage=stage, trace=trace)
        else:
            log.info("job_ended", stage=stage, code=cause.code, detail=cause.detail)
        try:
            if releases:
                self._session.release()
            else:
                self._session.fail(cause, stage=stage, log=trace)
        except errors.LeaseLost:
            self._handle_lost_lease(stage)
        except errors.TransientError as unreported:  # the lease runs out, and the job goes back into the queue
            log.warning("job_end_not_reported", error=str(unreported))

    def _handle_lost_lease(self, stage: str) -> None:
        """Another attempt has the job, or it was deleted; in the latter case delete its files."""
        is_deleted = not self._session.still_exists()
        if is_deleted:
            self._delete_files()
        log.log(logging.INFO if is_deleted else logging.WARNING, "job_deleted" if is_deleted else "job_lease_lost", stage=stage)

    def _free_disk(self) -> None:
        """Delete the files of a job that was cancelled or has filled the disk; other jobs need the space."""
        if not self._pipeline.resumes_after_cancel:
            self._delete_files()
        elif self._work is not None:
            self._clean_up(self._work)

    def _delete_files(self) -> None:
        self._session.delete_cached_stages()
        self._delete_workspace()

    def _delete_workspace(self) -> None:
        if self._work is not None:
            shutil.rmtree(self._work.root, ignore_errors=True)
            with contextlib.suppress(OSError):
                self._work.root.parent.rmdir()  # unless another pipeline uses it


def _metrics(pipeline: Pipeline, work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> dict[str, Any]:
    stages = {name: asdict(metrics) for name, metrics in stage_metrics.items()}
    return {"stages": stages, **pipeline.summary(work, stage_metrics)}


def _delete_scratch(work: Workspace, inputs: Sequence[str], stages: Sequence[Stage]) -> None:
    for name in [*inputs, *(name for stage in stages for name in stage.scratch)]:
        path = work.path(name)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _as_lectern_error(error: BaseException) -> errors.LecternError:
    if isinstance(error, errors.LecternError):
        return error
    if is_disk_full(error):
        return errors.DiskFull()
    if isinstance(error, OperationalError):
        return errors.TransientError("The database did not answer.")
    return errors.StageFailed(f"{type(error).__name__}: {error}")
