"""Parts of the archive that writing and restoring share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

FORMAT = 1
SIGNING_KEY_FILE = "secret.key"
Report = Callable[[str], None]
"""Receives lines about the progress, for the terminal."""


@dataclass
class BackupSummary:
    """Counts of rows and objects written or restored; `missing`: keys of objects that were not in the store."""

    rows: dict[str, int] = field(default_factory=dict)
    objects: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)


def temporary_folder(data_dir: Path) -> Path:
    """Return a folder on the file system of the local store, so that files are moved rather than copied."""
    folder = data_dir / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
