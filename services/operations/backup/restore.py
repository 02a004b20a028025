"""Restore a backup."""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import delete, select

import errors
from database import db, transaction
from migrations.upgrade import revision
from models import Artifact, Recording
from services.library import object_deletion
from services.operations.backup.archive import FORMAT, SIGNING_KEY_FILE, BackupSummary, Report, temporary_folder
from services.operations.backup.tables import all_tables, load_table, read_rows, set_sequences, storage_keys
from services.search import outdated
from services.storage import Store


class BackupVersionMismatch(errors.BadRequest):
    """This backup was written by another version of Lectern."""

    code = "backup_version_mismatch"
    hint = "Restore it with the version that wrote it, then upgrade."


class DamagedBackup(errors.BadRequest):
    """The backup is damaged or incomplete."""

    code = "damaged_backup"
    hint = "Use another copy of the backup."


class InstallationNotEmpty(errors.Conflict):
    """This installation is not empty."""

    code = "not_empty"
    hint = "Restore into an empty installation, or use --replace to delete the existing data."


def restore_backup(source: IO[bytes], store: Store, data_dir: Path, *, replace: bool, report: Report = lambda _: None) -> BackupSummary:
    """Restore an archive into this installation. Raises BackupVersionMismatch or DamagedBackup.

    Raises InstallationNotEmpty if there are rows, unless `replace` is set. Objects are stored first, then all rows in one transaction:
    a restore that fails leaves the rows unchanged.
    """
    with db.engine.connect() as connection:
        if not replace and any(connection.execute(select(table).limit(1)).first() for table in all_tables()):
            raise InstallationNotEmpty
        referenced_keys = set(storage_keys(connection))
    summary = BackupSummary()
    with tempfile.TemporaryDirectory(dir=temporary_folder(data_dir)) as name:
        try:
            with tarfile.open(fileobj=source, mode="r|") as archive:
                hashes = _read_archive(archive, store, _RestoreContext(Path(name), data_dir, referenced_keys, report), summary)
        except tarfile.TarError as error:
            raise DamagedBackup(str(error)) from error
        tables = {table.name: Path(name) / f"{table.name}.jsonl" for table in all_tables()}
        if not all(path.exists() for path in tables.values()):
            raise DamagedBackup("Tables are missing.")
        _check_hashes(tables, hashes)
        with transaction() as session:
            old_keys = set(storage_keys(session.connection()))
            for table in reversed(all_tables()):
                session.execute(delete(table))
            object_deletion.cancel(session, list(hashes))
            object_deletion.schedule(session, sorted(old_keys - hashes.keys()))
            for table in all_tables():
                summary.rows[table.name] = load_table(session.connection(), table, tables[table.name])
                report(f"{table.name}: {summary.rows[table.name]} rows")
            set_sequences(session.connection())
            outdated.mark_all(session)
    object_deletion.try_run_due(store)
    report(f"{summary.objects} objects, {summary.bytes} bytes")
    return summary


@dataclass(frozen=True)
class _RestoreContext:
    """`folder`: for temporary files; `referenced_keys`: storage keys in existing rows."""

    folder: Path
    data_dir: Path
    referenced_keys: set[str]
    report: Report


def _read_archive(archive: tarfile.TarFile, store: Store, context: _RestoreContext, summary: BackupSummary) -> dict[str, str]:
    """Put the objects into the store and the tables into the folder; return the SHA-256 by storage key.

    Each new object is scheduled for deletion first. Restoring the rows cancels that, so a failed restore leaves no objects behind.
    """
    folder, signing_key = context.folder, context.data_dir / SIGNING_KEY_FILE
    hashes: dict[str, str] = {}
    first, has_key = True, False
    for member in archive:
        stream = archive.extractfile(member)
        if stream is None or (first and member.name != "manifest.json"):
            raise DamagedBackup(f"Unexpected member {member.name[:100]!r}.")
        if first:
            _check_manifest(json.load(stream))
        elif member.name.startswith("objects/"):
            key = member.name.removeprefix("objects/")
            path = folder / "object"
            hashes[key] = _copy(stream, path)
            summary.objects, summary.bytes = summary.objects + 1, summary.bytes + member.size
            if key not in context.referenced_keys:
                with transaction() as session:
                    object_deletion.schedule(session, [key], after=object_deletion.UPLOAD_GRACE)
            store.put(path, key, "application/octet-stream")
            path.unlink(missing_ok=True)
        elif member.name.startswith("tables/"):
            _copy(stream, folder / Path(member.name).name)
        elif member.name == SIGNING_KEY_FILE:
            context.report(_restore_signing_key(stream, signing_key))
            has_key = True
        first = False
    if not has_key:
        context.report(f"{SIGNING_KEY_FILE}: not in the backup. Users log in again, unless JWT_SECRET_KEY is the same as before.")
    return hashes


def _restore_signing_key(stream: IO[bytes], path: Path) -> str:
    """Restore the signing key unless there is one; return what was done, for the operator."""
    content = stream.read(10_000)
    if not path.exists():
        path.touch(0o600)
        path.write_bytes(content)
        return f"{path.name}: restored. Sessions and links of the time of the backup work again."
    if path.read_bytes() == content:
        return f"{path.name}: the same as in the backup."
    return (
        f"{path.name}: this installation's own key was kept; the one in the backup differs. Users log in again, and the mail password that "
        "was set at /admin must be set again."
    )


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    if manifest.get("format") != FORMAT:
        raise BackupVersionMismatch(f"Unknown format {manifest.get('format')}.")
    if manifest.get("revision") != revision():
        raise BackupVersionMismatch(f"It has database revision {manifest.get('revision')}, this installation has {revision()}.")


def _check_hashes(tables: Mapping[str, Path], hashes: Mapping[str, str]) -> None:
    """Raise DamagedBackup if the hash of an object differs from its row."""
    for table in (Recording.__tablename__, Artifact.__tablename__):
        for row in read_rows(tables[table]):
            sha256 = hashes.get(row["storage_key"])
            if sha256 is not None and sha256 != row["sha256"]:
                raise DamagedBackup(f"{row['storage_key']} is damaged.")


def _copy(stream: IO[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        while block := stream.read(1 << 20):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()
