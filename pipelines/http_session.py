"""A job session over HTTP: for remote workers, which reach neither the database nor the store."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import errors
from lib.api_client import ApiClient, ApiRefused
from lib.backoff import backoff_s
from lib.hashing import sha256_of
from pipelines.stage import Workspace
from pipelines.stage_cache import NullStageCache, StageCache
from pipelines.stage_metrics import StageMetrics
from pipelines.stage_timing import StageTiming
from services.jobs.job_kind import JobDetails, JobInput, OutputKind

_MAX_ATTEMPTS = 5
_MAX_LOG_CHARS = 20_000
_MAX_MESSAGE_CHARS = 2000


class HttpJobSession:
    """`job` is the server's response to the claim. Heartbeats are sent three times per lease, and at least every two seconds."""

    heartbeat_every_s = 0.0
    keeps_workspace = False  # no other job of this recording is expected here, and no janitor runs
    traceparent = ""

    def __init__(self, api_client: ApiClient, job: Mapping[str, Any]) -> None:
        self._api_client, self._job = api_client, job
        self._attempt_ref = {"worker": job["worker"], "attempt": job["attempt"]}
        self.job_id, self.attempt, self.pipeline, self.lease_s = job["job_id"], job["attempt"], job["pipeline"], job["lease_s"]
        self.check_every_s = min(2.0, self.lease_s / 3)

    def load(self) -> JobDetails:
        inputs = [JobInput(each["name"], each["url"], each["name"], sha256=each["sha256"]) for each in self._job["inputs"]]
        return JobDetails(self._job["options"], self._job["workspace"], inputs, self._job["duration_s"])

    def fetch_inputs(self, details: JobDetails, work: Workspace) -> None:
        for each in details.inputs:
            # The server's own address may not be reachable from here.
            path = f"/internal/worker/jobs/{self.job_id}/inputs/{quote(each.name)}"
            query = {"sha256": each.sha256} if each.sha256 else {}
            _or_lease_lost(functools.partial(self._api_client.download, path, work.path(each.name), **query))

    def stage_timing(self, details: JobDetails) -> StageTiming:
        return StageTiming()

    def stage_cache(self, work: Workspace) -> StageCache | NullStageCache:
        return NullStageCache()

    def check(self) -> None:
        """Do nothing: every heartbeat tells whether the run has to stop."""

    def heartbeat(self, stage: str, progress: float, seconds_left: float | None) -> None:
        try:
            self._post("heartbeat", stage=stage, progress=progress, seconds_left=seconds_left)
        except ApiRefused as refused:
            if refused.api_code == errors.Cancelled.code:
                raise errors.Cancelled from refused
            raise errors.LeaseLost(str(refused)) from refused

    def publish_early(self, files: Sequence[tuple[OutputKind, Path]]) -> bool:
        return False

    def publish(
        self,
        files: Sequence[tuple[OutputKind, Path]],
        empty: Sequence[str],
        check: Callable[[], None],
        *,
        warnings: Sequence[str],
        metrics: Mapping[str, Any],
    ) -> None:
        for output, path in files:
            check()
            self._upload(output.name, path)
        outputs = [{"format": output.name, "size_bytes": path.stat().st_size, "sha256": sha256_of(path)} for output, path in files]
        body = {"outputs": outputs, "empty": list(empty), "warnings": list(warnings), "metrics": dict(metrics)}
        self._with_retries(lambda: self._post("complete", **body))

    def record_timings(self, media_s: float, stage_metrics: Mapping[str, StageMetrics], total_s: float) -> None:
        """Do nothing: the speed of a remote machine says nothing about the server's."""

    def fail(self, error: errors.LecternError, *, stage: str, log: str) -> None:
        message = f"{error.message} {error.detail}".strip()[:_MAX_MESSAGE_CHARS]
        body = {"code": error.code, "message": message, "hint": error.hint, "retryable": error.retryable}
        self._with_retries(lambda: self._post("fail", stage=stage, log=log[-_MAX_LOG_CHARS:], **body))

    def release(self) -> None:
        self._with_retries(lambda: self._post("release"))

    def delete_cached_stages(self) -> None:
        """Do nothing: a remote worker keeps no stages in the store."""

    def still_exists(self) -> bool:
        return True

    def _upload(self, output_name: str, path: Path) -> None:
        url = f"/internal/worker/jobs/{self.job_id}/results/{output_name}"
        self._with_retries(lambda: self._api_client.upload(url, path, **self._attempt_ref))

    def _post(self, action: str, **body: Any) -> None:
        self._api_client.call("POST", f"/internal/worker/jobs/{self.job_id}/{action}", **self._attempt_ref, **body)

    def _with_retries(self, call: Callable[[], object]) -> None:
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                _or_lease_lost(call)
                return
            except errors.TransientError:
                if attempt == _MAX_ATTEMPTS:
                    raise
                time.sleep(backoff_s(attempt, 1.0, max_s=self.lease_s / 4))


def _or_lease_lost(call: Callable[[], object]) -> None:
    """Raise LeaseLost where the server refuses the call: the job is no longer this attempt's, or the server cannot use its results."""
    try:
        call()
    except ApiRefused as refused:
        if refused.api_code == errors.InputChanged.code:
            raise errors.InputChanged(refused.detail) from refused
        raise errors.LeaseLost(str(refused)) from refused
