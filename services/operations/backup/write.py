"""Write a backup."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from sqlalchemy import text

import errors
from config import VERSION
from database import db
from lib.clock import iso, now
from migrations.upgrade import revision
from services.operations.backup.archive import FORMAT, SIGNING_KEY_FILE, BackupSummary, Report, temporary_folder
from services.operations.backup.tables import all_tables, dump_table, storage_keys
from services.storage import Store


def write_backup(target: IO[bytes], store: Store, data_dir: Path, report: Report = lambda _: None) -> BackupSummary:
    """Write the archive. Objects that disappear meanwhile are listed in `missing`."""
    summary = BackupSummary()
    with tempfile.TemporaryDirectory(dir=temporary_folder(data_dir)) as name, tarfile.open(fileobj=target, mode="w|") as archive:
        folder = Path(name)
        with db.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            for table in all_tables():
                summary.rows[table.name] = dump_table(connection, table, folder / f"{table.name}.jsonl")
            keys = storage_keys(connection)
            version = revision()
        manifest = {
            "format": FORMAT,
            "lectern": VERSION,
            "revision": version,
            "made_at": iso(now()),
            "rows": summary.rows,
            "objects": len(keys),
        }
        _add_bytes(archive, "manifest.json", json.dumps(manifest, indent=1).encode())
        for key in keys:
            _add_object(archive, store, key, folder / "object", summary)
        if (data_dir / SIGNING_KEY_FILE).exists():
            _add_bytes(archive, SIGNING_KEY_FILE, (data_dir / SIGNING_KEY_FILE).read_bytes())
        for table in all_tables():
            archive.add(folder / f"{table.name}.jsonl", f"tables/{table.name}.jsonl")
            report(f"{table.name}: {summary.rows[table.name]} rows")
    report(f"{summary.objects} objects, {summary.bytes} bytes")
    return summary


def _add_object(archive: tarfile.TarFile, store: Store, key: str, path: Path, summary: BackupSummary) -> None:
    try:
        store.fetch(key, path)
    except errors.NotFound:
        summary.missing.append(key)
        return
    with path.open("rb") as file:
        member = tarfile.TarInfo(f"objects/{key}")
        member.size = path.stat().st_size
        archive.addfile(member, file)
    summary.objects, summary.bytes = summary.objects + 1, summary.bytes + member.size
    path.unlink()


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
