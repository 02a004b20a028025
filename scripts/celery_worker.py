"""A Celery worker of one's own for demos, benches and tests: `celery -A wsgi.celery worker`, ended when done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scripts.program import Program


class CeleryWorker(Program):
    """`settings` are environment variables, DATA_DIR among them; `app` is as Celery's -A names it."""

    def __init__(self, settings: Mapping[str, str], log_file: Path, *options: str, app: str = "wsgi.celery") -> None:
        alone = ["--without-gossip", "--without-mingle", "--hostname", f"{log_file.stem}@%h"]
        super().__init__(["-m", "celery", "-A", app, "worker", *alone, *options], settings, log_file)
