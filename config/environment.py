"""Environment variables that are not settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

# Variables from other systems' documentation that this version does not use, by feature. They are accepted, and `flask doctor` lists them.
RESERVED = {
    "LESSONS": ("TTS_PROVIDER", "TTS_VOICE_NAME", "TTS_MODEL", "SCRIPT_MODEL", "PYTHON_API_URL", "PYTHON_API_PORT", "VIDEO_STORAGE_PATH"),
    "WORKERS": ("SQS_QUEUE_URL",),
}


def unused_variables(environment: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Return the reserved variables that are set, by feature."""
    variables = os.environ if environment is None else environment
    by_feature = {feature: [name for name in names if variables.get(name)] for feature, names in RESERVED.items()}
    return {feature: names for feature, names in by_feature.items() if names}


def share_metrics(folder: Path) -> None:
    """Make prometheus_client of this process and its forks count in files of this folder. Call it before importing that library."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def metrics_folder() -> Path | None:
    """Return the folder in which the processes of one server count together, if there is one."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(folder) if folder else None
