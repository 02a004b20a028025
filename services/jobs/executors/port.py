"""What runs jobs."""

from __future__ import annotations

from typing import Protocol


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
