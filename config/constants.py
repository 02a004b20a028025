"""Facts about this program that are not settings."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"
