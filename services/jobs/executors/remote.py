"""Leaves jobs to remote workers, which claim them at /internal/worker; a worker whose address is set is notified of each job."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import select

import errors
from config import Settings
from database import end_read, session
from lib import http_client
from lib.hosts import join_url
from models import Job
from services.jobs.executors.dispatcher import Dispatcher
from services.jobs.scheduling.scheduler import Lane
from services.jobs.scheduling.stager import Stager


class RemoteExecutor:
    name = "remote"
    is_required = False

    def __init__(
        self, app_context: Callable[[], AbstractContextManager[object]], stager: Stager, *, worker_url: str, public_url: str, key: str
    ) -> None:
        self._worker_url, self._public_url, self._key = worker_url.rstrip("/"), public_url, key
        self._dispatcher = Dispatcher(app_context, self, stager) if worker_url else None

    @classmethod
    def from_settings(cls, settings: Settings, app_context: Callable[[], AbstractContextManager[object]]) -> RemoteExecutor:
        return cls(
            app_context,
            Stager.from_settings(settings),
            worker_url=settings.worker_service_url,
            public_url=settings.public_url,
            key=settings.worker_api_key.get_secret_value(),
        )

    def wake(self) -> None:
        if self._dispatcher is not None:
            self._dispatcher.wake()

    def shut_down(self, wait_s: float) -> None:
        """Running jobs are in other programs: they continue."""
        if self._dispatcher is not None:
            self._dispatcher.stop(wait_s)

    def check(self) -> str:
        if self._dispatcher is None:
            return "remote workers poll"
        response = http_client.get_excerpt(f"{self._worker_url}/health", allow_private=True)
        if response.status >= 500:
            raise errors.TransientError(f"{self._worker_url}/health answers {response.status}. Jobs wait until it is healthy.")
        return f"remote workers poll, and {self._worker_url} is notified"

    def send(self, job_id: str, lane: Lane) -> None:
        """Notify the worker by `POST /process`; it claims the job at the callback address, if the job may run."""
        video_id = session().execute(select(Job.recording_id).where(Job.id == job_id)).scalar_one_or_none()
        end_read()
        payload = {
            "job_id": job_id,
            "video_id": video_id,
            "callback_url": join_url(self._public_url, "/worker/callback"),
            "claim_url": join_url(self._public_url, "/internal/worker/claim"),
        }
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        response = http_client.post(f"{self._worker_url}/process", json.dumps(payload).encode(), headers, allow_private=True)
        if not 200 <= response.status < 300:
            raise errors.TransientError(f"{self._worker_url}/process answers {response.status}.")

    def count_waiting(self, lane: Lane) -> int:
        """Unknown: jobs that are not claimed in time are sent again."""
        return 0
