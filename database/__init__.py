"""The typed base of all tables, the engine, read sessions and write transactions (`with transaction() as session`)."""

from database.base import Base, UtcDateTime
from database.engine import db, init_database
from database.notifications import notify_after_commit, subscribe
from database.transactions import allow_migration_writes, end_read, session, transaction

__all__ = [
    "Base",
    "UtcDateTime",
    "allow_migration_writes",
    "db",
    "end_read",
    "init_database",
    "notify_after_commit",
    "session",
    "subscribe",
    "transaction",
]
