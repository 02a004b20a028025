"""The app of `wsgi.py` with one more pipeline: `gunicorn tests.pipelines.countdown_app:app`, and the same for Celery and Flask."""

from __future__ import annotations

from typing import Any

import wsgi
from pipelines.registry import PIPELINES
from tests.pipelines.countdown import COUNTDOWN

PIPELINES[COUNTDOWN.name] = COUNTDOWN
app = wsgi.app


def __getattr__(name: str) -> Any:
    return getattr(wsgi, name)
