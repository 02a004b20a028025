"""A background thread that repeats one step until it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import structlog
from sqlalchemy.exc import OperationalError

import errors

log = structlog.get_logger(__name__)


class BackgroundLoop:
    """Runs `step` inside `context()`: first at the first `wake`, then after each `wake` and `every_s` seconds after the last run.

    Without `every_s` it runs after a `wake` only. A failing step is logged and the loop continues; an outage (LecternError,
    OperationalError) is logged once, at its start. `on_stop` runs in the thread when the loop ends.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], object],
        *,
        context: Callable[[], AbstractContextManager[object]],
        every_s: float | None = None,
        on_stop: Callable[[], object] = lambda: None,
    ) -> None:
        self._name, self._step, self._context, self._every_s, self._on_stop = name, step, context, every_s, on_stop
        self._woken = threading.Event()
        self._idle = True
        self._outage: str | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.stopping = False

    def start(self) -> None:
        """Start the thread unless it runs already or the loop was stopped."""
        with self._lock:
            if self._thread is None and not self.stopping:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def wake(self) -> None:
        """Run the step without waiting for the interval."""
        self._woken.set()

    def idle(self) -> None:
        """Called within a step: wait for the next `wake`, however long that takes."""
        self._idle = True

    def stop_soon(self) -> None:
        """End the loop before its next step. Takes no lock: a signal handler may call it."""
        self.stopping = True

    def stop(self, timeout_s: float = 10) -> None:
        """End the loop and wait for the step that is running."""
        with self._lock:
            self.stopping = True
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            self._woken.wait(None if self._idle else self._every_s)
            self._woken.clear()
            if self.stopping:
                break
            self._idle = False
            with self._context():
                self._run_step()
        self._on_stop()

    def _run_step(self) -> None:
        try:
            self._step()
            self._outage = None
        except errors.LecternError as error:
            self._log_outage(error.code, error.detail)
        except OperationalError as error:
            self._log_outage("database_away", str(error.orig))
        except Exception:
            log.exception("background_loop_failed", loop=self._name)

    def _log_outage(self, code: str, detail: str) -> None:
        if code != self._outage:
            log.warning("background_loop_waits", loop=self._name, code=code, detail=detail)
        self._outage = code
