"""Runs the migrations on the app's database engine; Alembic loads this file."""

from __future__ import annotations

from alembic import context

import models  # noqa: F401 (fills the metadata)
from database import Base, UtcDateTime, allow_migration_writes, db
from migrations.upgrade import is_compared


def render_item(kind, item, _autogen):  # type: ignore[no-untyped-def]
    """Render our types as SQLAlchemy's, so that migrations do not depend on the code of the app."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


with allow_migration_writes(), db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render_item,
        include_name=is_compared,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
