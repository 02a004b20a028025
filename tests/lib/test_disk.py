"""A full disk is told from other troubles, whoever says it, and leaves nothing open or behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

import errors
from lib.disk import disk_errors, has_no_room
from services.storage import IncomingFile

FULL = Path("/dev/full")  # answers every write with "no space left on device" (full(4))


def test_a_full_disk_is_told_from_other_troubles(tmp_path: Path) -> None:
    with pytest.raises(errors.DiskFull), disk_errors():
        FULL.write_bytes(b"x")
    with pytest.raises(FileNotFoundError), disk_errors():
        (tmp_path / "nowhere" / "file").write_bytes(b"x")
    assert not has_no_room(ValueError())


def test_a_database_file_that_cannot_grow_is_a_full_disk(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}", poolclass=StaticPool)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (x TEXT)"))
        connection.execute(text("PRAGMA max_page_count = 2"))  # SQLite then answers as on a full disk (SQLITE_FULL)
        with pytest.raises(DBAPIError) as full:
            connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": "x" * 100_000})
        with pytest.raises(DBAPIError) as other:
            connection.execute(text("INSERT INTO nothing VALUES (1)"))
    engine.dispose()
    assert has_no_room(full.value)
    assert not has_no_room(other.value)


@pytest.mark.parametrize("size", [10, 1 << 20], ids=["fits a buffer", "does not"])
def test_an_upload_on_a_full_disk_is_refused_and_goes(tmp_path: Path, size: int) -> None:
    sink = IncomingFile(tmp_path, max_bytes=1 << 30)
    sink._file.close()
    sink._file = FULL.open("wb")
    with pytest.raises(errors.DiskFull):
        sink.write(b"x" * size)
        sink.keep()
    sink.discard()
    assert sink._file.closed
    assert list(tmp_path.iterdir()) == []
