"""A Celery worker for demos, benches and tests: `celery -A wsgi.celery worker`, stopped at the end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scripts.program import Program


class CeleryWorker(Program):
    """`settings` are environment variables and include DATA_DIR; `app` is the value of Celery's option -A."""

    def __init__(self, settings: Mapping[str, str], log_file: Path, *options: str, app: str = "wsgi.celery") -> None:
        isolation = ["--without-gossip", "--without-mingle", "--hostname", f"{log_file.stem}@%h"]
        super().__init__(["-m", "celery", "-A", app, "worker", *isolation, *options], settings, log_file)
