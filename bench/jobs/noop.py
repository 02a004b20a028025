"""Jobs that do nothing: they are claimed and finished without a pipeline. Also a Celery app that runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from database import transaction
from services.jobs import queue

_LEASE_S = 60.0


def claim_and_finish(
    worker: str, should_stop: Callable[[], bool], job_id: str | None = None, on_claim: Callable[[], None] = lambda: None
) -> bool:
    claim = queue.claim(worker, _LEASE_S, job_id=job_id)
    if claim is None:
        return False
    on_claim()
    with transaction() as session:
        queue.succeed(session, claim, warnings=[], metrics={})
    return True


def __getattr__(name: str) -> Any:
    if name != "celery":
        raise AttributeError(name)
    from app import create_app
    from pipelines.local_worker import LocalWorker

    LocalWorker.run_next = lambda _, *arguments: claim_and_finish(*arguments)  # type: ignore[assignment,method-assign]
    return create_app().extensions["celery"]
