"""gunicorn's configuration; options at the command line take precedence."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from types import FrameType
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from config import load_settings
from lib import metrics_folder, slow_clients

log = structlog.get_logger("lectern.server")
metrics_folder.create()
settings = load_settings()
bind = f"0.0.0.0:{settings.port}"
worker_class = "lib.slow_clients.SlowClientWorker"
slow_clients.TRUSTED_PROXIES = settings.trusted_proxies
worker_connections = 4000  # those that wait for a request need no thread
workers = 1
threads = 64 + settings.max_event_streams + settings.max_waiting_requests  # started on demand; each of these occupies one
timeout = 120
graceful_timeout = int(settings.drain_s) + 20  # jobs end or are released within it
keepalive = 5
wsgi_app = "wsgi:app"
control_socket_disable = True  # one path for all servers of a user, and a thread in the process that forks
worker_tmp_dir = "/dev/shm"  # noqa: S108 (gunicorn's advice: its heartbeat file must not wait for a disk)


def on_starting(server: Any) -> None:
    metrics_folder.clean()


def on_exit(server: Any) -> None:
    if not server.reexec_pid:  # else the server that takes over counts there
        metrics_folder.remove()


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def post_worker_init(worker: Any) -> None:
    """Run migrations and recovery and start the janitor once this worker can serve."""
    container = worker.app.callable.extensions["lectern"]
    try:
        container.make_ready()
    except OperationalError as error:  # a worker that exits here would stop the whole server
        log.warning("not_ready", code="database_away", detail=str(error.orig))
        threading.Thread(target=_make_ready_later, args=(container,), name="make ready", daemon=True).start()

    def end_gracefully(number: int, frame: FrameType | None) -> None:
        container.end_streams()  # they would stay open until graceful_timeout
        threading.Thread(target=container.executor.shut_down, args=(settings.drain_s,), name="drain", daemon=True).start()
        worker.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, end_gracefully)
    signal.siginterrupt(signal.SIGTERM, False)


def _make_ready_later(container: Any) -> None:
    """Wait until the database responds; `/health` returns 503 until then."""
    while True:
        time.sleep(2)
        with contextlib.suppress(OperationalError):
            container.make_ready()
            log.info("ready")
            return


def worker_int(worker: Any) -> None:
    _stop(worker)


def worker_exit(server: Any, worker: Any) -> None:
    _stop(worker)


def _stop(worker: Any) -> None:
    if worker.app.callable is not None:  # it has started
        worker.app.callable.extensions["lectern"].shut_down(settings.drain_s)
