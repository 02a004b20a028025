"""The port between the runner and a claimed job. Adapters: the database (database_session.py) and HTTP (http_session.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import errors
from pipelines.stage import Workspace
from pipelines.stage_cache import NullStageCache, StageCache
from pipelines.stage_metrics import StageMetrics
from pipelines.stage_timing import StageTiming
from services.jobs.job_kind import JobDetails, OutputKind


class JobSession(Protocol):
    """One attempt at a job.

    Every method that writes raises LeaseLost once another attempt has begun, and TransientError while the other side is away.
    The lease keeper's thread calls `check` every `check_every_s` seconds; instead it calls `heartbeat` once `heartbeat_every_s` have
    passed, and when other stages run than before.
    """

    job_id: str
    attempt: int
    pipeline: str
    traceparent: str
    lease_s: float
    check_every_s: float
    heartbeat_every_s: float
    keeps_workspace: bool  # for the next job of the same workspace; the scratch files are deleted all the same

    def load(self) -> JobDetails:
        """Return the details of the job: its options, inputs and workspace."""

    def fetch_inputs(self, details: JobDetails, work: Workspace) -> None:
        """Put the inputs into the workspace."""

    def stage_timing(self, details: JobDetails) -> StageTiming:
        """Return the expected durations and time limits of the stages."""

    def stage_cache(self, work: Workspace) -> StageCache | NullStageCache:
        """Return the cache in which finished stages are stored for other machines."""

    def check(self) -> None:
        """Raise Cancelled or LeaseLost if the run has to stop."""

    def heartbeat(self, stage: str, progress: float, seconds_left: float | None) -> None:
        """Renew the lease and report the progress. Raises Cancelled or LeaseLost."""

    def publish_early(self, files: Sequence[tuple[OutputKind, Path]]) -> bool:
        """Publish these outputs while the job is running. Return False if `publish` has to do it."""

    def publish(
        self,
        files: Sequence[tuple[OutputKind, Path]],
        empty: Sequence[str],
        check: Callable[[], None],
        *,
        warnings: Sequence[str],
        metrics: Mapping[str, Any],
    ) -> None:
        """Publish the outputs and let the job succeed. `empty` names the outputs without content."""

    def record_timings(self, media_s: float, stage_metrics: Mapping[str, StageMetrics], total_s: float) -> None:
        """Keep the durations of a successful run for later predictions; never fails the job."""

    def fail(self, error: errors.LecternError, *, stage: str, log: str) -> None:
        """End the attempt with an error."""

    def release(self) -> None:
        """Put the job back into the queue without counting the attempt."""

    def delete_cached_stages(self) -> None:
        """Delete the stages that were kept for other machines; never fails the job."""

    def still_exists(self) -> bool:
        """Whether the job has not been deleted, as far as is known."""
