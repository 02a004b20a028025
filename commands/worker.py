"""`flask worker`: run jobs of a server over HTTP, without access to its database or files."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext

import errors
from lib.api_client import ApiClient
from pipelines.job_runner import JobRunner
from pipelines.registry import PIPELINES
from pipelines.remote_worker import RemoteWorker
from services.jobs.queue.worker_id import this_worker

log = structlog.get_logger(__name__)


@click.command("worker")
@click.argument("server")
@click.option("--name", default="", help="Name of this worker; host and process id by default.")
@click.option(
    "--every",
    "every_s",
    type=click.FloatRange(min=0.1),
    default=2.0,
    show_default=True,
    help="Seconds between two claims while no job is waiting.",
)
@click.option("--work", type=click.Path(file_okay=False, path_type=Path), help="Folder for workspaces; DATA_DIR/remote by default.")
@with_appcontext
def worker(server: str, name: str, every_s: float, work: Path | None) -> None:
    """Run jobs of the Lectern server at the URL SERVER. Its JOB_EXECUTOR must be `remote`; both need the same WORKER_API_KEY."""
    container = current_app.extensions["lectern"]
    key = container.settings.worker_api_key.get_secret_value()
    if not key:
        raise click.ClickException("Set WORKER_API_KEY to the server's key, or to a token created there with `flask service-token create`.")
    worker_name = name or this_worker().replace(":", ".").strip(".")[:60]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    runner = JobRunner(PIPELINES, container.engines, work or container.settings.data_dir / "remote")
    remote_worker = RemoteWorker(ApiClient(server, key), worker_name, runner)
    log.info("worker_ready", server=server, name=worker_name)
    while not stop.is_set():
        try:
            if remote_worker.run_next(stop.is_set):
                continue
        except errors.TransientError as error:
            log.warning("server_unavailable", detail=error.detail)
        except errors.LecternError as error:
            raise click.ClickException(str(error)) from error
        stop.wait(every_s)
