"""Runs a pipeline: what can run side by side does; finished stages are not repeated; progress, cancel and retry live here."""

from __future__ import annotations

import contextvars
import hashlib
import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import errors
from lib import tracing
from lib.backoff import backoff_s
from lib.process import metered
from lib.serialization import replacing
from pipelines.engines import Engines
from pipelines.stage import Stage, StageInput, Workspace, stamp_name
from pipelines.stage_cache import NullStageCache, StageCache
from pipelines.stage_timing import StageProgress, StageTiming, seconds_left

_RETRY_PAUSE_S = 2.0


class Control(Protocol):
    """Who watches a run."""

    def check(self) -> None:
        """Raise Cancelled or LeaseLost when the run has to stop."""

    def progress(self, stages: Sequence[str], percent: float, seconds_left: float | None) -> None:
        """`stages` are running now; `percent` of the whole is done; `seconds_left` is None where nothing like it was measured."""


@dataclass(frozen=True)
class StageMetrics:
    """What one stage took. `ended_s` counts from the run's start; `cpu_s` and `max_rss_bytes` are its children's."""

    wall_s: float
    ended_s: float
    cpu_s: float
    max_rss_bytes: int
    resumed: bool = False


class StageError(Exception):
    """Carries an error together with the stage it came from."""

    def __init__(self, stage: str, error: BaseException) -> None:
        super().__init__(stage)
        self.stage, self.error = stage, error


def run_pipeline(
    stages: Sequence[Stage],
    work: Workspace,
    options: Mapping[str, Any],
    engines: Engines,
    control: Control,
    wanted: Sequence[str] = (),
    pace: StageTiming = StageTiming(),
    shelf: StageCache | NullStageCache = NullStageCache(),
) -> dict[str, StageMetrics]:
    """Run the stages whose `when` holds, at most `engines.cores` at once, until every file in `wanted` stands there.

    What `shelf` has is not run again.

    Raises StageFault.
    """
    return _Run([stage for stage in stages if stage.when(options)], work, options, engines, control, pace, shelf).to_the_end(wanted)


class _Run:
    def __init__(
        self,
        stages: list[Stage],
        work: Workspace,
        options: Mapping[str, Any],
        engines: Engines,
        control: Control,
        pace: StageTiming,
        shelf: StageCache | NullStageCache,
    ) -> None:
        self._stages, self._work, self._options, self._engines, self._control = stages, work, options, engines, control
        self._pace, self._shelf = pace, shelf
        self._makers = {name: stage for stage in stages for name in stage.makes}
        self._fractions = dict.fromkeys((stage.name for stage in stages), 0.0)
        self._weights = _weights(stages, pace.expected_s)
        self._running: dict[str, StageProgress] = {}
        self._done: set[str] = set()
        self._hashes: dict[str, str] = {}
        self._lock = threading.Lock()
        self._broken = threading.Event()
        self._started = time.monotonic()
        self.metrics: dict[str, StageMetrics] = {}

    def to_the_end(self, wanted: Sequence[str]) -> dict[str, StageMetrics]:
        waiting, done = list(self._stages), set[str]()
        futures: dict[Future[None], Stage] = {}
        with ThreadPoolExecutor(self._slots, thread_name_prefix="stage") as pool:
            while waiting or futures:
                for stage in [stage for stage in waiting if self._needs(stage) <= done]:
                    waiting.remove(stage)
                    futures[pool.submit(contextvars.copy_context().run, self._run_stage, stage)] = stage
                if not futures:
                    raise RuntimeError(f"no order for stages {[stage.name for stage in waiting]}")
                finished, _ = wait(futures, return_when=FIRST_COMPLETED)
                for future in finished:
                    stage = futures.pop(future)
                    error = future.exception()
                    if error is not None:
                        self._broken.set()
                        raise error if isinstance(error, StageError) else StageError(stage.name, error)
                    done.add(stage.name)
        self._make_again(wanted)
        return self.metrics

    @property
    def _slots(self) -> int:
        return max(2, self._engines.cores)

    def _needs(self, stage: Stage) -> set[str]:
        return {self._makers[name].name for name in stage.needs if name in self._makers}

    def _run_stage(self, stage: Stage) -> None:
        self._check()
        fingerprint = self._fingerprint(stage)
        stamp = self._valid_stamp(stage, fingerprint) or self._stamp_from_shelf(stage, fingerprint)
        if stamp is not None:
            self._hashes.update(stamp["outputs"])
            self.metrics[stage.name] = StageMetrics(**{**stamp["measure"], "ended_s": 0.0, "resumed": True})
            with self._lock:
                self._done.add(stage.name)
            self._publish(stage, 1.0)
            return
        self._make_again(stage.needs)
        self._execute(stage, fingerprint)

    def _execute(self, stage: Stage, fingerprint: str) -> None:
        started = time.monotonic()
        try:
            with metered() as usage, tracing.span(f"stage {stage.name}"):
                self._with_retries(stage)
        finally:
            with self._lock:
                self._running.pop(stage.name, None)
                self._done.add(stage.name)
        ended = time.monotonic()
        measure = StageMetrics(round(ended - started, 3), round(ended - self._started, 3), round(usage.cpu_s, 3), usage.max_rss_bytes)
        missing = [name for name in stage.makes if not self._work.has(name)]
        if missing:
            raise errors.StageFailed(f"{stage.name} did not make {', '.join(missing)}.")
        outputs = {name: self._work.hash_of(name) for name in stage.makes}
        with replacing(self._stamp_path(stage)) as part:
            part.write_text(json.dumps({"fingerprint": fingerprint, "outputs": outputs, "measure": asdict(measure)}))
        self._hashes.update(outputs)
        self.metrics[stage.name] = measure
        self._shelf.save(stage, fingerprint)
        self._publish(stage, 1.0)

    def _with_retries(self, stage: Stage) -> None:
        """What took too long is not tried again here but by the queue: others have waited meanwhile."""
        if stage.checkpoint:
            self._shelf.restore_checkpoint(stage)
        for attempt in range(1, stage.max_attempts + 1):
            try:
                stage.run(self._begin(stage))
                return
            except errors.LecternError as error:
                if not error.retryable or isinstance(error, errors.TimedOut) or attempt == stage.max_attempts:
                    raise
                self._sleep(backoff_s(attempt, _RETRY_PAUSE_S))

    def _begin(self, stage: Stage) -> StageInput:
        watch = StageProgress(self._pace)
        with self._lock:
            self._running[stage.name] = watch
        self._publish(stage, 0.0)

        def check() -> None:
            self._check()
            watch.check()

        def report(done: float, total: float) -> None:
            check()
            fraction = min(1.0, max(0.0, done / total)) if total > 0 else 0.0
            watch.report(fraction)
            self._publish(stage, fraction)
            if stage.checkpoint:
                self._shelf.save_checkpoint(stage)

        return StageInput(self._work, self._options, self._engines, report, check)

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._check()
            time.sleep(0.1)

    def _make_again(self, names: Sequence[str]) -> None:
        """Scratch files of finished stages were thrown away: make those that are needed once more."""
        for name in names:
            maker = self._makers.get(name)
            if maker and not self._work.has(name):
                self._make_again(maker.needs)
                try:
                    self._execute(maker, self._fingerprint(maker))
                except Exception as error:
                    raise error if isinstance(error, StageError) else StageError(maker.name, error) from error

    def _check(self) -> None:
        if self._broken.is_set():
            raise errors.Cancelled("Another stage failed.")
        self._control.check()

    def _publish(self, stage: Stage, fraction: float) -> None:
        with self._lock:
            self._fractions[stage.name] = fraction
            percent = 100 * sum(weight * self._fractions[name] for name, weight in self._weights.items())
            running = list(self._running)
            seconds_left = self._seconds_left()
        self._control.progress(running, percent, seconds_left)

    def _seconds_left(self) -> float | None:
        expected = self._pace.expected_s
        running = {name: watch.seconds_left(expected.get(name)) for name, watch in self._running.items()}
        under_way = {*self._running, *self._done}
        waiting = {stage.name: self._needs(stage) for stage in self._stages if stage.name not in under_way}
        return seconds_left(waiting, running, expected, self._slots)

    def _fingerprint(self, stage: Stage) -> str:
        inputs = {name: self._hashes.get(name) or self._work.hash_of(name) for name in stage.needs}
        told = [stage.name, stage.version, {name: self._options.get(name) for name in stage.uses}, inputs, self._engines.names(stage.name)]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()

    def _stamp_path(self, stage: Stage) -> Any:
        return self._work.path(stamp_name(stage))

    def _stamp_from_shelf(self, stage: Stage, fingerprint: str) -> dict[str, Any] | None:
        self._shelf.restore(stage, fingerprint)
        stamp = self._valid_stamp(stage, fingerprint)
        if stamp is None or all(self._work.hash_of(name) == stamp["outputs"][name] for name in stage.makes if name not in stage.scratch):
            return stamp
        self._stamp_path(stage).unlink()
        return None

    def _valid_stamp(self, stage: Stage, fingerprint: str) -> dict[str, Any] | None:
        path = self._stamp_path(stage)
        if not path.exists():
            return None
        stamp: dict[str, Any] = json.loads(path.read_text())
        kept = [name for name in stage.makes if name not in stage.scratch]
        return stamp if stamp["fingerprint"] == fingerprint and all(self._work.has(name) for name in kept) else None


def _weights(stages: Sequence[Stage], expected_s: Mapping[str, float]) -> dict[str, float]:
    """Each stage's share of the work: by what it took in the past where all have been measured, else by its own word."""
    measured = all(stage.name in expected_s for stage in stages)
    weights = {stage.name: max(0.01, expected_s[stage.name]) if measured else stage.weight for stage in stages}
    total = sum(weights.values()) or 1.0
    return {name: weight / total for name, weight in weights.items()}
