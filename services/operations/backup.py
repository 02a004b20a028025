"""Backup and restore of all rows and stored objects in one archive, for SQLite and PostgreSQL.

The archive is a tar stream: `manifest.json`, `objects/KEY`..., `tables/NAME.jsonl`... Objects pass through the disk one at a time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Table, delete, func, insert, select, text
from sqlalchemy.engine import Connection

import errors
from config import VERSION
from database import Base, UtcDateTime, db, transaction
from lib.clock import iso, now
from migrations.upgrade import revision
from models import Artifact, PendingDeletion, Recording
from services.accounts.deletion import KEY_COLUMNS
from services.library import object_deletion
from services.storage import Store

_FORMAT = 1
_BATCH_ROWS = 500
_EXCLUDED_TABLES = (PendingDeletion.__tablename__,)
_SIGNING_KEY_FILE = "secret.key"
Report = Callable[[str], None]


class InvalidBackup(errors.BadRequest):
    """This backup cannot be restored here."""

    code = "not_a_backup"
    hint = "Restore it with the version that wrote it, then upgrade."


class InstallationNotEmpty(errors.Conflict):
    """This installation is not empty."""

    code = "not_empty"
    hint = "Restore into an empty installation, or use --replace to delete the existing data."


@dataclass
class BackupSummary:
    """Counts of what was written or restored; `missing`: keys of objects that were not in the store."""

    rows: dict[str, int] = field(default_factory=dict)
    objects: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)


def write_backup(target: IO[bytes], store: Store, data_dir: Path, report: Report = lambda _: None) -> BackupSummary:
    """Write the archive. Objects that disappear meanwhile are listed in `missing`."""
    summary = BackupSummary()
    with tempfile.TemporaryDirectory(dir=_temporary_folder(data_dir)) as name, tarfile.open(fileobj=target, mode="w|") as archive:
        folder = Path(name)
        with db.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            for table in _tables():
                summary.rows[table.name] = _dump(connection, table, folder / f"{table.name}.jsonl")
            keys = _storage_keys(connection)
            version = revision()
        manifest = {
            "format": _FORMAT,
            "lectern": VERSION,
            "revision": version,
            "made_at": iso(now()),
            "rows": summary.rows,
            "objects": len(keys),
        }
        _add_bytes(archive, "manifest.json", json.dumps(manifest, indent=1).encode())
        for key in keys:
            _add_object(archive, store, key, folder / "object", summary)
        if (data_dir / _SIGNING_KEY_FILE).exists():
            _add_bytes(archive, _SIGNING_KEY_FILE, (data_dir / _SIGNING_KEY_FILE).read_bytes())
        for table in _tables():
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


def restore_backup(source: IO[bytes], store: Store, data_dir: Path, *, replace: bool, report: Report = lambda _: None) -> BackupSummary:
    """Read an archive into this installation. Raises InvalidBackup, and InstallationNotEmpty unless `replace` is set.

    Objects are stored first, then all rows in one transaction: a restore that fails leaves the rows unchanged.
    """
    with db.engine.connect() as connection:
        if not replace and any(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _tables()):
            raise InstallationNotEmpty
        referenced = set(_storage_keys(connection))
    summary = BackupSummary()
    with tempfile.TemporaryDirectory(dir=_temporary_folder(data_dir)) as name:
        try:
            with tarfile.open(fileobj=source, mode="r|") as archive:
                hashes = _read_archive(archive, store, _RestoreContext(Path(name), data_dir, referenced), summary)
        except tarfile.TarError as error:
            raise InvalidBackup(str(error)) from error
        tables = {table.name: Path(name) / f"{table.name}.jsonl" for table in _tables()}
        if not all(path.exists() for path in tables.values()):
            raise InvalidBackup("The archive is incomplete.")
        _check_hashes(tables, hashes)
        with transaction() as session:
            old = set(_storage_keys(session.connection()))
            for table in reversed(_tables()):
                session.execute(delete(table))
            object_deletion.cancel(session, list(hashes))
            object_deletion.schedule(session, sorted(old - hashes.keys()))
            for table in _tables():
                summary.rows[table.name] = _load(session.connection(), table, tables[table.name])
                report(f"{table.name}: {summary.rows[table.name]} rows")
            _set_sequences(session.connection())
    object_deletion.try_run_due(store)
    report(f"{summary.objects} objects, {summary.bytes} bytes")
    return summary


@dataclass(frozen=True)
class _RestoreContext:
    """The destination of an archive; `referenced`: storage keys in existing rows."""

    folder: Path
    data_dir: Path
    referenced: set[str]


def _read_archive(archive: tarfile.TarFile, store: Store, to: _RestoreContext, summary: BackupSummary) -> dict[str, str]:
    """Put objects into the store and tables into the folder; return SHA-256 by key. Objects are deleted later unless rows follow."""
    folder, signing_key = to.folder, to.data_dir / _SIGNING_KEY_FILE
    hashes: dict[str, str] = {}
    first = True
    for member in archive:
        stream = archive.extractfile(member)
        if stream is None or (first and member.name != "manifest.json"):
            raise InvalidBackup(f"Unexpected member {member.name[:100]!r}.")
        if first:
            _check_manifest(json.load(stream))
        elif member.name.startswith("objects/"):
            key = member.name.removeprefix("objects/")
            path = folder / "object"
            hashes[key] = _copy(stream, path)
            summary.objects, summary.bytes = summary.objects + 1, summary.bytes + member.size
            if key not in to.referenced:
                with transaction() as session:
                    object_deletion.schedule(session, [key], after=object_deletion.UPLOAD_GRACE)
            store.put(path, key, "application/octet-stream")
            path.unlink(missing_ok=True)
        elif member.name.startswith("tables/"):
            _copy(stream, folder / Path(member.name).name)
        elif member.name == _SIGNING_KEY_FILE and not signing_key.exists():
            _copy(stream, signing_key)
            signing_key.chmod(0o600)
        first = False
    return hashes


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    if manifest.get("format") != _FORMAT:
        raise InvalidBackup(f"Unknown format {manifest.get('format')}.")
    if manifest.get("revision") != revision():
        raise InvalidBackup(f"It has database revision {manifest.get('revision')}, this installation has {revision()}.")


def _check_hashes(tables: Mapping[str, Path], hashes: Mapping[str, str]) -> None:
    """Raise InvalidBackup if the hash of an object differs from its row."""
    for table in (Recording.__tablename__, Artifact.__tablename__):
        for row in _read_rows(tables[table]):
            sha256 = hashes.get(row["storage_key"])
            if sha256 is not None and sha256 != row["sha256"]:
                raise InvalidBackup(f"{row['storage_key']} is damaged.")


def _tables() -> list[Table]:
    """Return the tables in dependency order, parents first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in _EXCLUDED_TABLES]


def _storage_keys(connection: Connection) -> list[str]:
    """Return the storage keys in all rows."""
    columns = [column for table in _tables() for column in table.columns if column.name in KEY_COLUMNS]
    return sorted({key for column in columns for key in connection.execute(select(column).where(column.is_not(None))).scalars() if key})


def _dump(connection: Connection, table: Table, path: Path) -> int:
    rows = connection.execution_options(yield_per=_BATCH_ROWS).execute(select(table).order_by(*table.primary_key.columns))
    number = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows.mappings():
            file.write(json.dumps(dict(row), default=_to_json, ensure_ascii=False) + "\n")
            number += 1
    return number


def _to_json(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written")


def _load(connection: Connection, table: Table, path: Path) -> int:
    number, batch = 0, []
    times = [column.name for column in table.columns if isinstance(column.type, UtcDateTime)]
    for row in _read_rows(path):
        batch.append({**row, **{name: dt.datetime.fromisoformat(row[name]) for name in times if row.get(name)}})
        number += 1
        if len(batch) == _BATCH_ROWS:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    return number


def _set_sequences(connection: Connection) -> None:
    """Continue PostgreSQL sequences after the restored ids; SQLite needs no such step."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables():
        key = table.autoincrement_column
        if key is not None:
            newest = select(func.max(key)).scalar_subquery()
            connection.execute(
                select(func.setval(func.pg_get_serial_sequence(table.name, key.name), func.coalesce(newest, 1), newest.is_not(None)))
            )


def _read_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _copy(stream: IO[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        while block := stream.read(1 << 20):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _temporary_folder(data_dir: Path) -> Path:
    """Return a folder on the file system of the local store, so that files are moved rather than copied."""
    folder = data_dir / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
