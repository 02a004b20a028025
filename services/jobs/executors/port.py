"""What runs jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class RunNext(Protocol):
    """Claim the next job, or `job_id`, and run it; return False if there was none. `on_claim` is called after the claim."""

    def __call__(
        self, worker: str, stopping: Callable[[], bool], job_id: str | None = None, on_claim: Callable[[], None] = ...
    ) -> bool: ...


class JobExecutor(Protocol):
    """`is_needed`: whether no job begins while what stands behind it is away."""

    name: str
    is_needed: bool

    def wake(self) -> None:
        """There may be work. Harmless when there is none: claiming decides."""

    def shut_down(self, wait_s: float) -> None:
        """Take no new job, give running ones `wait_s` seconds to end, then have them put back into the queue."""

    def check(self) -> str:
        """What stands behind it, in a few words. Raises TransientError while that is away: jobs wait meanwhile."""
