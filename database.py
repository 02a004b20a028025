"""The typed base of all tables, the engine, read sessions and write transactions (`with transaction() as session`)."""

from db.base import Base, UtcDateTime
from db.engine import background_context, background_engine, db, dispose_connections, engine, init_database
from db.hooks import Hook, run_hooks, set_hooks
from db.notifications import notify_after_commit, subscribe
from db.statements import changed_rows, insert_into
from db.transactions import allow_migration_writes, end_read, in_transaction, release_connection, session, transaction

__all__ = [
    "Base",
    "Hook",
    "UtcDateTime",
    "allow_migration_writes",
    "background_context",
    "background_engine",
    "changed_rows",
    "db",
    "dispose_connections",
    "end_read",
    "engine",
    "in_transaction",
    "init_database",
    "insert_into",
    "notify_after_commit",
    "release_connection",
    "run_hooks",
    "session",
    "set_hooks",
    "subscribe",
    "transaction",
]
