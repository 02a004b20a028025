"""`flask worker`: run the jobs of a server over HTTP, without its database or its files."""

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
from pipelines.remote_worker import RemoteWorker
from services.jobs.queue.worker_id import this_worker

log = structlog.get_logger(__name__)


@click.command("worker")
@click.argument("server")
@click.option("--name", default="", help="Name of this worker; made from host and process by default.")
@click.option("--every", "every_s", type=click.FloatRange(min=0.1), default=2.0, show_default=True, help="Seconds between two claims.")
@click.option("--work", type=click.Path(file_okay=False, path_type=Path), help="Folder to work in; DATA_DIR/remote by default.")
@with_appcontext
def worker(server: str, name: str, every_s: float, work: Path | None) -> None:
    """Run jobs of the Lectern at the address SERVER, whose JOB_EXECUTOR is `remote`. Both need the same WORKER_API_KEY."""
    services = current_app.extensions["lectern"]
    key = services.settings.worker_api_key.get_secret_value()
    if not key:
        raise click.ClickException("Set WORKER_API_KEY to the server's, or to a token of `flask service-token create` there.")
    own_name = name or this_worker().replace(":", ".").strip(".")[:60]
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    runner = RemoteWorker(ApiClient(server, key), own_name, services.engines, work or services.settings.data_dir / "remote")
    log.info("worker_ready", server=server, name=own_name)
    while not ending.is_set():
        try:
            if runner.run_next(ending.is_set):
                continue
        except errors.TransientError as away:
            log.warning("server_away", detail=away.detail)
        except errors.LecternError as refused:
            raise click.ClickException(str(refused)) from refused
        ending.wait(every_s)
