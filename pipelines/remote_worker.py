"""Claims jobs of a server over HTTP and runs them in this process."""

from __future__ import annotations

from collections.abc import Callable

from lib.api_client import ApiClient
from pipelines.http_session import HttpJobSession
from pipelines.job_runner import JobRunner


class RemoteWorker:
    """`name` tells this worker from the server's other workers."""

    def __init__(self, api_client: ApiClient, name: str, runner: JobRunner) -> None:
        self._api_client, self._name, self._runner = api_client, name, runner

    def run_next(self, should_stop: Callable[[], bool]) -> bool:
        """Claim a job and run it to its end. Return False if none is waiting. Raises TransientError or ApiRefused if the claim fails."""
        job = self._api_client.call("POST", "/internal/worker/claim", worker=self._name)
        if job is None:
            return False
        self._runner.run(HttpJobSession(self._api_client, job), should_stop)
        return True
