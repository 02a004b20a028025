"""This app's own pipelines as an outside worker: jobs, recordings and results go over HTTP, and no database is near."""

from __future__ import annotations

import contextlib
import shutil
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

import errors
from lib.api_client import ApiClient, ApiRefused
from lib.backoff import backoff_s
from lib.hashing import sha256_of
from pipelines import outputs
from pipelines.engines import Engines
from pipelines.lease_keeper import LeaseKeeper, WorkerStopping
from pipelines.registry import PIPELINES
from pipelines.runner import StageError, run_pipeline
from pipelines.stage import Workspace

log = structlog.get_logger(__name__)
_TRIES = 5


class RemoteWorker:
    """`name` tells this worker from others at the same server. Its folder keeps what is done, should it be started again."""

    def __init__(self, api_client: ApiClient, name: str, engines: Engines, folder: Path) -> None:
        self._api_client, self._name, self._engines, self._folder = api_client, name, engines, folder

    def run_next(self, stopping: Callable[[], bool]) -> bool:
        """Claim one job and run it; -> False when none waits. Raises TransientError and PeerRefused where claiming fails."""
        job = self._api_client.call("POST", "/internal/worker/claim", worker=self._name)
        if job is None:
            return False
        with structlog.contextvars.bound_contextvars(job_id=job["job_id"], attempt=job["attempt"]):
            self._run(job, stopping)
        return True

    def _run(self, job: Mapping[str, Any], stopping: Callable[[], bool]) -> None:
        log.info("job_started", pipeline=job["pipeline"])
        line = HttpLeaseKeeper(self._api_client, job, stopping)
        try:
            with line:
                self._convert(job, line)
            log.info("job_succeeded")
        except StageError as fault:
            self._fail(line, fault.error, fault.stage)
        except Exception as error:
            self._fail(line, error, "publish")

    def _convert(self, job: Mapping[str, Any], line: HttpLeaseKeeper) -> None:
        stages, options = PIPELINES[job["pipeline"]], job["options"]
        work = Workspace(self._folder / job["video_id"] / job["pipeline"], {"source": job["sha256"]})
        with work.locked():
            self._api_client.download(_path(job["source_url"]), work.path("source"))
            if job["subtitles_url"]:
                self._api_client.download(_path(job["subtitles_url"]), work.path("subtitles"))
            wanted = outputs.expected(work, options["formats"])
            metrics = run_pipeline(stages, work, options, self._engines, line, [each.path.name for each in wanted])
            made = [each for each in wanted if each.path.stat().st_size > 0]
            for each in made:
                line.check()
                line.send(each.format, each.path)
            files = [{"format": each.format, "size_bytes": each.path.stat().st_size, "sha256": sha256_of(each.path)} for each in made]
            empty = [each.format for each in wanted if each not in made]
            said = outputs.warnings(work, options["formats"])
            line.tell("complete", outputs=files, empty=empty, warnings=said, metrics=outputs.metrics(work, metrics))
        shutil.rmtree(work.root, ignore_errors=True)

    def _fail(self, line: HttpLeaseKeeper, error: BaseException, stage: str) -> None:
        with contextlib.suppress(errors.LecternError):
            if isinstance(error, WorkerStopping):
                log.info("job_given_back")
                line.tell("release")
            elif isinstance(error, errors.LeaseLost | ApiRefused):
                log.warning("job_lost", error=str(error))
            else:
                known = error if isinstance(error, errors.LecternError) else errors.StageFailed(f"{type(error).__name__}: {error}")
                log.info("job_ended", stage=stage, code=known.code, detail=known.detail)
                trace = "".join(traceback.format_exception(error))[-20_000:]
                message = f"{known.message} {known.detail}".strip()[:2000]
                told = {"code": known.code, "message": message, "hint": known.hint, "retryable": known.retryable}
                line.tell("fail", stage=stage, log=trace, **told)


class HttpLeaseKeeper(LeaseKeeper):
    """Keeps in touch with the server about one job: beats thrice in a lease, and learns whether to stop."""

    def __init__(self, api_client: ApiClient, job: Mapping[str, Any], stopping: Callable[[], bool]) -> None:
        super().__init__(min(2.0, job["lease_s"] / 3), job["lease_s"], stopping)
        self._api_client, self._job = api_client, job
        self._hold = {"worker": job["worker"], "attempt": job["attempt"]}
        self._now: dict[str, Any] = {"stage": "", "progress": 0.0, "seconds_left": None}

    def progress(self, stages: Sequence[str], percent: float, seconds_left: float | None) -> None:
        stage = " + ".join(stages)[:40] or self._now["stage"]
        self._now = {"stage": stage, "progress": round(min(percent, 99.0), 1), "seconds_left": seconds_left}

    def send(self, format_name: str, path: Path) -> None:
        address = f"/internal/worker/jobs/{self._job['job_id']}/results/{format_name}"
        self._patiently(lambda: self._api_client.upload(address, path, **self._hold))

    def tell(self, what: str, **told: Any) -> None:
        address = f"/internal/worker/jobs/{self._job['job_id']}/{what}"
        self._patiently(lambda: self._api_client.call("POST", address, **self._hold, **told))

    def _patiently(self, call: Callable[[], object]) -> None:
        for attempt in range(1, _TRIES + 1):
            try:
                call()
                return
            except errors.TransientError:
                if attempt == _TRIES:
                    raise
                time.sleep(backoff_s(attempt, 1.0, max_s=self._lease_s / 4))

    def renew(self) -> None:
        try:
            self._api_client.call("POST", f"/internal/worker/jobs/{self._job['job_id']}/heartbeat", **self._hold, **self._now)
        except ApiRefused as refused:
            raise (errors.Cancelled() if refused.api_code == errors.Cancelled.code else errors.LeaseLost(str(refused))) from refused
        self.renewed()


def _path(url: str) -> str:
    """The server may know itself by another name than the one that this worker reaches it by."""
    return urlsplit(url).path
