"""A large library: one recording is converted, and its rows are copied."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import uuid
from pathlib import Path
from typing import Any

from scripts.client import Client
from scripts.program import PROJECT

_TABLES = {"recordings": "id", "jobs": "recording_id", "artifacts": "recording_id"}


def fill_library(client: Client, database: Path, count: int) -> None:
    """Convert a short lecture with all its documents, and write `count` copies: "Lecture 0", "Lecture 1" and so on, the last one newest."""
    recording_id = _convert(client)
    with contextlib.closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        connection.row_factory = sqlite3.Row
        rows = {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table} WHERE {column} = ?", [recording_id])]
            for table, column in _TABLES.items()
        }
        created_at = rows["recordings"][0]["created_at"]
        for number in range(count):
            ids = {row["id"]: str(uuid.uuid4()) for table in rows for row in rows[table]}
            facts = {"title": f"Lecture {number}", "short_code": f"b{number}", "created_at": _later(created_at, number)}
            for table, originals in rows.items():
                for row in originals:
                    copy = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in row.items()}
                    _insert(connection, table, copy | facts if table == "recordings" else copy)


def _convert(client: Client) -> str:
    with (PROJECT / "samples" / "tiny.mp4").open("rb") as video, (PROJECT / "samples" / "tiny.srt").open("rb") as subtitles:
        files = {"file": ("tiny.mp4", video), "subtitles": ("tiny.srt", subtitles)}
        response = client.http.post(f"{client.url}/upload", files=files, timeout=300)
    response.raise_for_status()
    recording_id: str = response.json()["video_id"]
    client.wait(recording_id)
    return recording_id


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join("?" for _ in row)
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def _later(moment: str, seconds: int) -> str:
    return str(dt.datetime.fromisoformat(moment) + dt.timedelta(seconds=seconds + 1))
