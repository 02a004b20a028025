"""Object storage: one port, with adapters for a local folder and S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.storage.incoming import IncomingFile
from services.storage.local import LocalStore
from services.storage.port import JoinInProgress, Store, WrongPartSize

if TYPE_CHECKING:
    from config import Settings

__all__ = ["IncomingFile", "JoinInProgress", "LocalStore", "Store", "WrongPartSize", "from_settings"]


def from_settings(settings: Settings) -> Store:
    """Return the configured store."""
    if not settings.uses_s3:
        return LocalStore(settings.data_dir / "files")
    from services.storage.s3 import S3Config, S3Store  # boto3 is slow to import

    return S3Store(S3Config.from_settings(settings))
