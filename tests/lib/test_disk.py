"""A full disk is distinguished from other errors and leaves no open or partial files."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

import errors
from lib.disk import disk_errors, is_disk_full
from services.storage import IncomingFile

FULL = Path("/dev/full")  # fails every write with "no space left on device" (full(4))


def test_a_full_disk_is_distinguished_from_other_errors(tmp_path: Path) -> None:
    with pytest.raises(errors.DiskFull), disk_errors():
        FULL.write_bytes(b"x")
    with pytest.raises(FileNotFoundError), disk_errors():
        (tmp_path / "nowhere" / "file").write_bytes(b"x")
    assert not is_disk_full(ValueError())


def test_a_database_file_that_cannot_grow_is_a_full_disk(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}", poolclass=StaticPool)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (x TEXT)"))
        connection.execute(text("PRAGMA max_page_count = 2"))  # SQLite then fails with SQLITE_FULL
        with pytest.raises(DBAPIError) as full:
            connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": "x" * 100_000})
        with pytest.raises(DBAPIError) as other:
            connection.execute(text("INSERT INTO nothing VALUES (1)"))
    engine.dispose()
    assert is_disk_full(full.value)
    assert not is_disk_full(other.value)


@pytest.mark.parametrize("size", [10, 1 << 20], ids=["fits into the buffer", "larger than the buffer"])
def test_an_upload_to_a_full_disk_is_rejected_and_removed(tmp_path: Path, size: int) -> None:
    sink = IncomingFile(tmp_path, max_bytes=1 << 30)
    sink._file.close()
    sink._file = FULL.open("wb")
    with pytest.raises(errors.DiskFull):
        sink.write(b"x" * size)
        sink.keep()
    sink.discard()
    assert sink._file.closed
    assert list(tmp_path.iterdir()) == []
