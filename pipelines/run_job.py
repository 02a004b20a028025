"""Runs one claimed job to its end: workspace, stages, publication, and what is written when it fails."""

from __future__ import annotations

import json
import shutil
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

import errors
from database import session
from pipelines.engines import Engines
from pipelines.registry import PIPELINES
from pipelines.runner import Measure, StageFault, run_pipeline
from pipelines.stage import Stage, Workspace
from pipelines.stages.documents import document_name
from services import artifacts
from services.documents import FORMATS
from services.jobs import queue
from services.storage import Store
from services.tools import metrics
from services.tools.disk import has_no_room

log = structlog.get_logger(__name__)
_BEAT_S = 1.0
_INPUTS = ("source", "subtitles")


class Stopping(errors.Cancelled):
    """This worker is shutting down; the job goes back into the queue."""


class JobRunner:
    """Claims jobs and runs them; safe to use from several threads."""

    def __init__(self, app: Flask, store: Store, engines: Engines, work_dir: Path, lease_s: float) -> None:
        self._app, self._store, self._engines, self._work_dir, self._lease_s = app, store, engines, work_dir, lease_s

    def run_next(
        self, worker: str, stopping: Callable[[], bool], job_id: str | None = None, claimed: Callable[[], None] = lambda: None
    ) -> bool:
        """Claim one job (`job_id` alone, if it is given), call `claimed` and run it; -> False when there is none to run.

        Needs an app context. Raises nothing a job could cause.
        """
        claim = queue.claim(worker, self._lease_s, job_id)
        if claim is None:
            return False
        claimed()
        with structlog.contextvars.bound_contextvars(job_id=claim.job_id, attempt=claim.attempt):
            self._run(claim, stopping)
        return True

    def _run(self, claim: queue.Claim, stopping: Callable[[], bool]) -> None:
        pulse = _Pulse(self._app, claim, self._lease_s, stopping)
        started = time.monotonic()
        log.info("job_started", pipeline=claim.pipeline)
        try:
            with pulse:
                self._convert(claim, pulse)
            log.info("job_succeeded", seconds=round(time.monotonic() - started, 1))
        except StageFault as fault:
            self._end_badly(claim, fault.error, fault.stage)
        except Exception as error:
            self._end_badly(claim, error, "publish")

    def _convert(self, claim: queue.Claim, pulse: _Pulse) -> None:
        recording = artifacts.recording_of(claim)
        stages = PIPELINES[claim.pipeline]
        inputs = {"source": recording.storage_key} | ({"subtitles": recording.subtitles_key} if recording.subtitles_key else {})
        base_url = str(claim.options.get("base_url") or "")
        options = {
            **claim.options,
            "title": recording.title,
            "created_on": claim.created_at.date().isoformat(),
            "source_name": recording.filename,
            "source_url": recording.source_url or (f"{base_url}/watch/{recording.id}" if base_url else ""),
            "has_subtitles": recording.subtitles_key is not None,
        }
        work = Workspace(self._work_dir / recording.id / claim.pipeline, {"source": recording.sha256})
        stem = Path(recording.filename).stem
        session().rollback()  # no transaction stays open while the stages run
        with work.locked():
            for name, key in inputs.items():
                self._store.fetch(key, work.path(name))
            results = _results(work, options["formats"])
            measures = run_pipeline(stages, work, options, self._engines, pulse, [each.path.name for each in results])
            pulse.check()
            warnings = _warnings(work, options["formats"])
            summary = json.loads(work.path("summary.json").read_text())
            plain = {"stages": {name: asdict(each) for name, each in measures.items()}, "seconds": _seconds(measures), **summary}
            made = [each for each in results if each.path.stat().st_size > 0]
            artifacts.publish(claim, made, self._store, stem=stem, warnings=warnings, measures=plain)
            for name, each in measures.items():
                if not each.resumed:
                    metrics.STAGES.labels(name).observe(each.wall_s)
            _throw_away_scratch(work, stages)

    def _end_badly(self, claim: queue.Claim, error: BaseException, stage: str) -> None:
        session().rollback()
        if isinstance(error, errors.LeaseLost):
            log.warning("job_lease_lost", stage=stage)
            return
        known = _known(error)
        if isinstance(known, errors.DiskFull):
            shutil.rmtree(self._work_dir / str(claim.recording_id), ignore_errors=True)  # others need the room now
        trace = "".join(traceback.format_exception(error))
        if type(known) is errors.StageFailed and known is not error:
            log.error("job_crashed", stage=stage, trace=trace)
        else:
            log.info("job_ended", stage=stage, code=known.code, detail=known.detail)
        try:
            if isinstance(known, Stopping):
                queue.release(claim)
            else:
                queue.fail(claim, known, stage=stage, log=trace)
                if not isinstance(known, errors.Cancelled):
                    metrics.FAILURES.labels(known.code).inc()
        except errors.LeaseLost:
            log.warning("job_lease_lost", stage=stage)
        except OperationalError as away:
            log.warning("database_away", error=str(away.orig))  # the lease runs out, and the janitor gives the job to somebody


class _Pulse:
    """Watches a run: keeps the lease, writes progress once a second, and learns of cancellation."""

    def __init__(self, app: Flask, claim: queue.Claim, lease_s: float, stopping: Callable[[], bool]) -> None:
        self._app, self._claim, self._lease_s, self._stopping = app, claim, lease_s, stopping
        self._stage, self._percent, self._first_percent = "", 0.0, 0.0
        self._started = time.monotonic()
        self._last_beat = time.monotonic()
        self._stop: errors.LecternError | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def __enter__(self) -> _Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def check(self) -> None:
        if self._stop is not None:
            raise self._stop
        if self._stopping():
            raise Stopping
        if time.monotonic() - self._last_beat > self._lease_s:
            raise errors.LeaseLost("No heartbeat got through.")

    def progress(self, stages: Sequence[str], percent: float) -> None:
        if not self._percent:
            self._first_percent = percent
        self._stage = " + ".join(stages) or self._stage
        self._percent = max(self._percent, percent)

    def _seconds_left(self) -> float | None:
        gained = self._percent - self._first_percent
        if gained < 2:
            return None
        return round((time.monotonic() - self._started) * (100 - self._percent) / gained, 1)

    def _beat(self) -> None:
        while not self._ended.wait(_BEAT_S):
            with self._app.app_context():
                try:
                    queue.heartbeat(
                        self._claim,
                        self._lease_s,
                        stage=self._stage[:40],
                        progress=round(min(self._percent, 99.0), 1),
                        seconds_left=self._seconds_left(),
                    )
                    self._last_beat = time.monotonic()
                except (errors.Cancelled, errors.LeaseLost) as stop:
                    self._stop = stop
                    return
                except Exception as error:
                    log.warning("heartbeat_failed", error=f"{type(error).__name__}: {error}")


def _known(error: BaseException) -> errors.LecternError:
    if isinstance(error, errors.LecternError):
        return error
    if has_no_room(error):
        return errors.DiskFull()
    if isinstance(error, OperationalError):
        return errors.TransientError("The database did not answer.")
    return errors.StageFailed(f"{type(error).__name__}: {error}")


def _results(work: Workspace, formats: Sequence[str]) -> list[artifacts.Result]:
    kinds = [FORMATS[name] for name in formats]
    return [artifacts.Result(kind.name, kind.extension, kind.content_type, work.path(document_name(kind.name))) for kind in kinds]


def _warnings(work: Workspace, formats: Sequence[str]) -> list[str]:
    said = [line for name in formats for line in json.loads(work.path(f"{name}.warnings.json").read_text())]
    return list(dict.fromkeys(said))


def _seconds(measures: Mapping[str, Measure]) -> dict[str, float]:
    """Wall time until the notes stood there, and from then until the last document did."""
    rendered = [each.ended_s for name, each in measures.items() if name.startswith("document_")]
    notes = measures["notes"].ended_s
    return {"conversion": notes, "rendering": round(max([*rendered, notes]) - notes, 3)}


def _throw_away_scratch(work: Workspace, stages: Sequence[Stage]) -> None:
    for name in [*_INPUTS, *(name for stage in stages for name in stage.scratch)]:
        path = work.path(name)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
