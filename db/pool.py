"""The pool of database connections."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

import errors

log = structlog.get_logger(__name__)


class BoundedPool(QueuePool):
    """A pool that raises DatabaseBusy when no connection becomes free in time."""

    __module__ = "sqlalchemy.pool"  # the name of its logger

    def limit_wait(self, timeout_s: float) -> None:
        """Set the longest wait. The option `pool_timeout` is rounded to whole seconds (sqlalchemy.engine.engine_from_config)."""
        self._timeout = timeout_s

    def _do_get(self) -> Any:
        try:
            return super()._do_get()
        except PoolTimeout:
            log.warning("database_busy", pool=self.status())
            raise errors.DatabaseBusy from None
