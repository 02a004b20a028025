"""Runs the stages of a pipeline: side by side where possible, resuming finished ones, with progress, cancellation and retries."""

from __future__ import annotations

import contextvars
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import errors
from lib import tracing
from lib.backoff import backoff_s
from lib.process import measure_usage
from lib.serialization import atomic_write
from pipelines.engines import Engines
from pipelines.run_prediction import predict_run_seconds
from pipelines.stage import InputsRejected, Stage, StageInput, Workspace, stamp_name
from pipelines.stage_cache import NullStageCache, StageCache
from pipelines.stage_metrics import StageMetrics
from pipelines.stage_timing import StageProgress, StageTiming

_RETRY_BACKOFF_S = 2.0


class Control(Protocol):
    """Receives the progress of a run and may stop it."""

    def check(self) -> None:
        """Raise Cancelled or LeaseLost when the run has to stop."""

    def progress(self, stages: Sequence[str], percent: float, seconds_left: float | None) -> None:
        """Take the running stages, the percentage of the whole, and the time left; None where it cannot be predicted."""


class StageError(Exception):
    """An error together with the stage that raised it."""

    def __init__(self, stage: str, error: BaseException) -> None:
        super().__init__(stage)
        self.stage, self.error = stage, error


def run_pipeline(
    stages: Sequence[Stage],
    work: Workspace,
    options: Mapping[str, Any],
    engines: Engines,
    control: Control,
    outputs: Sequence[str] = (),
    timing: StageTiming = StageTiming(),
    cache: StageCache | NullStageCache = NullStageCache(),
    on_made: Callable[[Sequence[str]], None] = lambda files: None,
) -> dict[str, StageMetrics]:
    """Run the stages whose `when` holds, at most `engines.cores` at once.

    Stages with a valid stamp in the workspace or in `cache` are not repeated, unless one of their `outputs` is missing. `on_made` gets
    the files of stages when they have ended, in this thread, and may move outputs away. Raises StageError.
    """
    run = _PipelineRun([stage for stage in stages if stage.when(options)], outputs, work, options, engines, control, timing, cache)
    return run.run(on_made)


class _PipelineRun:
    def __init__(
        self,
        stages: list[Stage],
        outputs: Sequence[str],
        work: Workspace,
        options: Mapping[str, Any],
        engines: Engines,
        control: Control,
        timing: StageTiming,
        cache: StageCache | NullStageCache,
    ) -> None:
        self._stages, self._work, self._options, self._engines, self._control = stages, work, options, engines, control
        self._outputs, self._timing, self._cache = frozenset(outputs), timing, cache
        self._makers = {name: stage for stage in stages for name in stage.makes}
        self._names_before_report = {stage.name: stage.name_before_report for stage in stages if stage.name_before_report}
        self._fractions = dict.fromkeys((stage.name for stage in stages), 0.0)
        self._expected_s = _expected_s(stages, timing)
        self._weights = _weights(stages, self._expected_s)
        self._running: dict[str, StageProgress] = {}
        self._completed_stages: set[str] = set()
        self._hashes: dict[str, str] = {}
        self._rejected_items: dict[str, str] = {}  # the parts of stages' outputs that are made again
        self._rejecting: set[str] = set()
        self._lock = threading.Lock()
        self._has_failed = threading.Event()
        self._start_s = time.monotonic()
        self._metrics: dict[str, StageMetrics] = {}

    def run(self, on_made: Callable[[Sequence[str]], None]) -> dict[str, StageMetrics]:
        waiting_stages, completed_stages = list(self._stages), set[str]()
        futures: dict[Future[None], Stage] = {}
        with ThreadPoolExecutor(self._slots, thread_name_prefix="stage") as pool:
            while waiting_stages or futures:
                for stage in [stage for stage in waiting_stages if self._needs(stage) <= completed_stages]:
                    waiting_stages.remove(stage)
                    futures[pool.submit(contextvars.copy_context().run, self._run_stage, stage)] = stage
                if not futures:
                    raise RuntimeError(f"no order for stages {[stage.name for stage in waiting_stages]}")
                ended_futures, _ = wait(futures, return_when=FIRST_COMPLETED)
                for future in ended_futures:
                    stage = futures.pop(future)
                    error = future.exception()
                    if isinstance(error, InputsRejected):
                        stages_to_repeat = self._reject_inputs(stage, error.item)
                        if stages_to_repeat:
                            completed_stages.difference_update(each.name for each in stages_to_repeat)
                            waiting_stages += [*stages_to_repeat, stage]
                            continue
                        error = error.error
                    if error is not None:
                        self._has_failed.set()
                        raise error if isinstance(error, StageError) else StageError(stage.name, error)
                    completed_stages.add(stage.name)
                    try:
                        on_made(stage.makes)
                    except BaseException as failure:
                        self._has_failed.set()
                        raise StageError(stage.name, failure) from failure
        return self._metrics

    def _reject_inputs(self, stage: Stage, item: str) -> list[Stage]:
        """Remove the stamps of the stages that made a stage's inputs. Return these stages the first time, then none."""
        makers = list({maker.name: maker for name in stage.needs if (maker := self._makers.get(name))}.values())
        for maker in makers:
            self._stamp_path(maker).unlink(missing_ok=True)
        if stage.name in self._rejecting:
            return []
        self._rejecting.add(stage.name)
        with self._lock:
            for each in (*makers, stage):
                self._fractions[each.name] = 0.0
                self._completed_stages.discard(each.name)
        self._rejected_items.update((maker.name, item) for maker in makers)
        return makers

    @property
    def _slots(self) -> int:
        return max(2, self._engines.cores)

    def _needs(self, stage: Stage) -> set[str]:
        return {self._makers[name].name for name in stage.needs if name in self._makers}

    def _run_stage(self, stage: Stage) -> None:
        self._check()
        fingerprint = self._fingerprint(stage)
        is_rejected = stage.name in self._rejected_items
        stamp = None if is_rejected else self._valid_stamp(stage, fingerprint) or self._restore_stamp(stage, fingerprint)
        if stamp is not None and all(self._work.has(name) for name in self._outputs.intersection(stage.makes)):
            self._hashes.update(stamp["outputs"])
            self._metrics[stage.name] = StageMetrics(**{**stamp["measure"], "ended_s": 0.0, "resumed": True})
            with self._lock:
                self._completed_stages.add(stage.name)
            self._report(stage, 1.0)
            return
        self._remake(stage.needs)
        self._execute(stage, fingerprint)

    def _execute(self, stage: Stage, fingerprint: str) -> None:
        start_s = time.monotonic()
        try:
            with measure_usage() as usage, tracing.span(f"stage {stage.name}"):
                self._run_with_retries(stage)
        finally:
            with self._lock:
                self._running.pop(stage.name, None)
                self._completed_stages.add(stage.name)
        end_s = time.monotonic()
        metrics = StageMetrics(round(end_s - start_s, 3), round(end_s - self._start_s, 3), round(usage.cpu_s, 3), usage.max_rss_bytes)
        missing = [name for name in stage.makes if not self._work.has(name)]
        if missing:
            raise errors.StageFailed(f"{stage.name} did not make {', '.join(missing)}.")
        hashes = {name: self._work.hash_of(name) for name in stage.makes}
        with atomic_write(self._stamp_path(stage)) as part:
            part.write_text(json.dumps({"fingerprint": fingerprint, "outputs": hashes, "measure": asdict(metrics)}))
        self._hashes.update(hashes)
        self._metrics[stage.name] = metrics
        self._cache.save(stage, fingerprint)
        self._report(stage, 1.0)

    def _run_with_retries(self, stage: Stage) -> None:
        """Retry transient errors; a timeout is left to the queue, so that other jobs run first."""
        if stage.checkpoint:
            self._cache.restore_checkpoint(stage)
        for attempt in range(1, stage.max_attempts + 1):
            try:
                stage.run(self._stage_input(stage))
                return
            except errors.LecternError as error:
                if not error.retryable or isinstance(error, errors.TimedOut) or attempt == stage.max_attempts:
                    raise
                self._sleep(backoff_s(attempt, _RETRY_BACKOFF_S))

    def _stage_input(self, stage: Stage) -> StageInput:
        progress = StageProgress(self._timing)
        with self._lock:
            self._running[stage.name] = progress
        self._report(stage, 0.0)

        def check() -> None:
            self._check()
            progress.raise_if_overdue()

        def report(done: float, total: float) -> None:
            check()
            fraction = min(1.0, max(0.0, done / total)) if total > 0 else 0.0
            progress.report(fraction)
            self._report(stage, fraction)
            if stage.checkpoint:
                self._cache.save_checkpoint(stage)

        return StageInput(self._work, self._options, self._engines, report, check, self._rejected_items.get(stage.name))

    def _sleep(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._check()
            time.sleep(0.1)

    def _remake(self, names: Sequence[str]) -> None:
        """Make those of these files that were deleted as scratch although their stages are finished."""
        for name in names:
            maker = self._makers.get(name)
            if maker and not self._work.has(name):
                self._remake(maker.needs)
                try:
                    self._execute(maker, self._fingerprint(maker))
                except Exception as error:
                    raise error if isinstance(error, StageError) else StageError(maker.name, error) from error

    def _check(self) -> None:
        if self._has_failed.is_set():
            raise errors.Cancelled("Another stage failed.")
        self._control.check()

    def _report(self, stage: Stage, fraction: float) -> None:
        with self._lock:
            self._fractions[stage.name] = fraction
            percent = 100 * sum(weight * self._fractions[name] for name, weight in self._weights.items())
            running = [self._shown_name(name, progress) for name, progress in self._running.items()]
            seconds_left = self._predict_seconds()
        self._control.progress(running, percent, seconds_left)

    def _shown_name(self, name: str, progress: StageProgress) -> str:
        return name if progress.has_reported else self._names_before_report.get(name, name)

    def _predict_seconds(self) -> float | None:
        expected_s = self._expected_s
        running = {name: progress.predict_stage_seconds(expected_s.get(name)) for name, progress in self._running.items()}
        known_stages = {*self._running, *self._completed_stages}
        needs_by_stage = {stage.name: self._needs(stage) for stage in self._stages if stage.name not in known_stages}
        return predict_run_seconds(needs_by_stage, running, expected_s, self._slots)

    def _fingerprint(self, stage: Stage) -> str:
        inputs = {name: self._hashes.get(name) or self._work.hash_of(name) for name in stage.needs}
        options = {name: self._options.get(name) for name in stage.uses}
        content = [stage.name, stage.version, options, inputs, self._engines.fingerprint(stage.engine)]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()

    def _stamp_path(self, stage: Stage) -> Path:
        return self._work.path(stamp_name(stage))

    def _restore_stamp(self, stage: Stage, fingerprint: str) -> dict[str, Any] | None:
        """Restore the stage from the cache. Return its stamp if the files have the hashes in the stamp, else None."""
        self._cache.restore(stage, fingerprint)
        stamp = self._valid_stamp(stage, fingerprint)
        if stamp is None or all(self._work.hash_of(name) == stamp["outputs"][name] for name in stage.persistent_outputs):
            return stamp
        self._stamp_path(stage).unlink()
        return None

    def _valid_stamp(self, stage: Stage, fingerprint: str) -> dict[str, Any] | None:
        path = self._stamp_path(stage)
        if not path.exists():
            return None
        stamp: dict[str, Any] = json.loads(path.read_text())
        return stamp if stamp["fingerprint"] == fingerprint and all(self._work.has(name) for name in stage.persistent_outputs) else None


def _expected_s(stages: Sequence[Stage], timing: StageTiming) -> dict[str, float]:
    """Return the expected wall seconds of the stages: measured ones, else typical ones where the length of the media is known."""
    typical = {stage.name: stage.typical_speed * timing.media_s for stage in stages if stage.typical_speed is not None and timing.media_s}
    return {**typical, **timing.expected_s}


def _weights(stages: Sequence[Stage], expected_s: Mapping[str, float]) -> dict[str, float]:
    """Each stage's share of the work: by its expected duration where all of them are known, else by its declared weight."""
    are_known = all(stage.name in expected_s for stage in stages)
    weights = {stage.name: max(0.01, expected_s[stage.name]) if are_known else stage.weight for stage in stages}
    total = sum(weights.values()) or 1.0
    return {name: weight / total for name, weight in weights.items()}
