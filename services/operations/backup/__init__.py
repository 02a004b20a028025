"""Backup and restore of all rows and stored objects in one archive, for SQLite and PostgreSQL.

The archive is a tar stream: `manifest.json`, `objects/KEY`..., `tables/NAME.jsonl`... Objects pass through the disk one at a time.
"""

from services.operations.backup.archive import BackupSummary
from services.operations.backup.restore import BackupVersionMismatch, DamagedBackup, InstallationNotEmpty, restore_backup
from services.operations.backup.write import write_backup

__all__ = ["BackupSummary", "BackupVersionMismatch", "DamagedBackup", "InstallationNotEmpty", "restore_backup", "write_backup"]
