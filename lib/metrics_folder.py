"""The folder through which the processes of one server share their metrics."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from config import metrics_folder, share_metrics

_PREFIX = "lectern-metrics-"


def create() -> None:
    """Create a folder for the metric files of prometheus_client and set PROMETHEUS_MULTIPROC_DIR, unless it is set.

    Call it in the parent process, before it forks and before anything is counted.
    """
    if metrics_folder() is None:
        share_metrics(Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")))


def clean() -> None:
    """Delete old metrics, and the folders of servers that were killed. Call it when the server starts."""
    folder = metrics_folder()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for metric_file in folder.glob("*.db"):
            metric_file.unlink(missing_ok=True)
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = path.name.removeprefix(_PREFIX).partition("-")[0]
        if path != folder and pid.isdigit() and not Path(f"/proc/{pid}").exists() and path.lstat().st_uid == os.getuid():
            shutil.rmtree(path, ignore_errors=True)


def remove() -> None:
    """Delete the folder if this process created it. Call it when the server stops."""
    folder = metrics_folder()
    if folder is not None and folder.name.startswith(f"{_PREFIX}{os.getpid()}-"):
        shutil.rmtree(folder, ignore_errors=True)
