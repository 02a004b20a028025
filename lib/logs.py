"""Configuration of structured logs: one line per event, with request and job ids."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import sys
from typing import Any, TextIO

import structlog

_SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# One list for the process: loggers keep the one of their first line, and tests that capture lines change it.
_PROCESSORS: list[Any] = [*_SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


class UnlockedHandler(logging.StreamHandler[TextIO]):
    """Writes each record with one system call and no lock.

    A thread that writes releases Python's global lock and waits to get it back. If it held the lock of its handler meanwhile, as in
    `logging.StreamHandler`, all other requests would wait with it. The kernel keeps the lines apart: always in files, up to PIPE_BUF bytes
    in pipes; longer lines take the lock, so that they are not mixed with each other.
    """

    def handle(self, record: logging.LogRecord) -> bool:
        if not self.filter(record):
            return False
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}{self.terminator}".encode(errors="backslashreplace")
            if len(line) <= select.PIPE_BUF:
                self._write(line)
            else:
                with self.lock or contextlib.nullcontext():
                    self._write(line)
        except Exception:
            self.handleError(record)

    def _write(self, line: bytes) -> None:
        descriptor = self.stream.fileno()
        while line:
            line = line[os.write(descriptor, line) :]


def configure_logs(level: str) -> None:
    """Send structlog and standard logging to standard error, as JSON, or in colour on a terminal."""
    terminal = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = UnlockedHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED_PROCESSORS,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if terminal else [structlog.processors.format_exc_info]),
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("botocore", "urllib3", "alembic", "faster_whisper"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.getLogger("googleapiclient").setLevel(max(logging.ERROR, root.level))  # our errors report refusals
