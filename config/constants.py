"""Facts about this program that are not settings."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"
IS_CHECKOUT = (PROJECT / "pyproject.toml").exists()  # else an installed package
# XDG Base Directory Specification: the folder for a user's data.
DATA_DIR = PROJECT / "data" if IS_CHECKOUT else Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "lectern"
