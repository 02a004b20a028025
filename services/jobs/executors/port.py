"""The port of job executors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class RunNext(Protocol):
    """Claim the next job, or `job_id`, and run it; return False if there was none. `on_claim` is called after the claim."""

    def __call__(
        self, worker: str, should_stop: Callable[[], bool], job_id: str | None = None, on_claim: Callable[[], None] = ...
    ) -> bool: ...


class JobExecutor(Protocol):
    """`is_required`: whether no job can start while its backend is down."""

    name: str
    is_required: bool

    def wake(self) -> None:
        """Start work if jobs are queued; harmless at any time and from any thread."""

    def shut_down(self, wait_s: float) -> None:
        """Claim no further job, wait up to `wait_s` seconds for the running ones, then put them back into the queue."""

    def check(self) -> str:
        """Describe the backend in a few words. Raises TransientError while it is down: jobs wait meanwhile."""
