"""Rows of all tables as JSON lines."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.engine import Connection

from database import Base, UtcDateTime
from models import MultipartUpload, PendingDeletion
from services.accounts.deletion import KEY_COLUMNS

_BATCH_ROWS = 500
_EXCLUDED_TABLES = (PendingDeletion.__tablename__, MultipartUpload.__tablename__)


def all_tables() -> list[Table]:
    """Return the tables in dependency order, parents first, without those that are derived from others."""
    return [table for table in Base.metadata.sorted_tables if table.name not in _EXCLUDED_TABLES and not table.info.get("is_derived")]


def storage_keys(connection: Connection) -> list[str]:
    """Return the storage keys in all rows."""
    columns = [column for table in all_tables() for column in table.columns if column.name in KEY_COLUMNS]
    return sorted({key for column in columns for key in connection.execute(select(column).where(column.is_not(None))).scalars() if key})


def dump_table(connection: Connection, table: Table, path: Path) -> int:
    """Write all rows to a file; return their number."""
    rows = connection.execution_options(yield_per=_BATCH_ROWS).execute(select(table).order_by(*table.primary_key.columns))
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows.mappings():
            file.write(json.dumps(dict(row), default=_to_json, ensure_ascii=False) + "\n")
            count += 1
    return count


def _to_json(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written")


def load_table(connection: Connection, table: Table, path: Path) -> int:
    """Insert the rows of a file; return their number."""
    count, batch = 0, []
    times = [column.name for column in table.columns if isinstance(column.type, UtcDateTime)]
    for row in read_rows(path):
        batch.append({**row, **{name: dt.datetime.fromisoformat(row[name]) for name in times if row.get(name)}})
        count += 1
        if len(batch) == _BATCH_ROWS:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    return count


def set_sequences(connection: Connection) -> None:
    """Continue PostgreSQL sequences after the restored ids; SQLite needs no such step."""
    if connection.dialect.name != "postgresql":
        return
    for table in all_tables():
        key = table.autoincrement_column
        if key is not None:
            newest = select(func.max(key)).scalar_subquery()
            connection.execute(
                select(func.setval(func.pg_get_serial_sequence(table.name, key.name), func.coalesce(newest, 1), newest.is_not(None)))
            )


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
