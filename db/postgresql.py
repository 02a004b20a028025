"""Transactions of PostgreSQL connections. Nothing here affects SQLite."""

from __future__ import annotations

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED, ISOLATION_LEVEL_REPEATABLE_READ
from sqlalchemy.engine import Connection


def begin(connection: Connection, *, is_write: bool) -> None:
    """Choose the isolation of the transaction that the next statement begins.

    All reads of a transaction that only reads see the same commits, as on SQLite; by default, each statement of PostgreSQL sees newer
    ones (https://www.postgresql.org/docs/current/transaction-iso.html). Writes keep the default: they lock rows and read them again.
    """
    if connection.dialect.name != "postgresql":
        return
    level = ISOLATION_LEVEL_READ_COMMITTED if is_write else ISOLATION_LEVEL_REPEATABLE_READ
    driver_connection = connection.connection.driver_connection
    if driver_connection.isolation_level != level:  # type: ignore[union-attr]
        driver_connection.isolation_level = level  # type: ignore[union-attr]  # sent with BEGIN
