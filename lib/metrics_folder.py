"""The folder by which the processes of one server share what they count: made by the first, emptied of what dead servers left."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from config import metrics_folder, share_metrics

_PREFIX = "lectern-metrics-"


def open_folder() -> None:
    """For the process from which the others are forked, before any of them counts. A folder that is there already is used again."""
    if metrics_folder() is None:
        share_metrics(Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")))


def clean() -> None:
    """At the start: nothing counted before, and no folders of servers that were killed."""
    ours = metrics_folder()
    if ours is not None:
        ours.mkdir(parents=True, exist_ok=True)
        for old in ours.glob("*.db"):
            old.unlink(missing_ok=True)
    for other in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = other.name.removeprefix(_PREFIX).partition("-")[0]
        if other != ours and pid.isdigit() and not Path(f"/proc/{pid}").exists() and other.lstat().st_uid == os.getuid():
            shutil.rmtree(other, ignore_errors=True)


def remove() -> None:
    """At the end of the server."""
    ours = metrics_folder()
    if ours is not None and ours.name.startswith(f"{_PREFIX}{os.getpid()}-"):
        shutil.rmtree(ours, ignore_errors=True)
