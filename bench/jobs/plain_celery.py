"""A Celery app without Lectern: its task only increments a counter."""

from __future__ import annotations

import os

import redis
from celery import Celery

celery = Celery("plain", broker=os.environ.get("CELERY_BROKER_URL"))
celery.conf.task_ignore_result = True
celery.conf.task_acks_late = True
celery.conf.worker_prefetch_multiplier = 1
_COUNTER = redis.Redis.from_url(os.environ["CELERY_BROKER_URL"]) if "CELERY_BROKER_URL" in os.environ else None


@celery.task
def count() -> None:
    assert _COUNTER is not None
    _COUNTER.incr("bench:finished")
