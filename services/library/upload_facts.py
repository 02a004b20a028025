"""Metadata that a client sent when it created a resumable upload. They are stored in the folder of the upload."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "facts.json"


@dataclass(frozen=True)
class UploadFacts:
    """The announcement of the client: the length in bytes, and metadata; later the id of the recording."""

    length: int
    metadata: Mapping[str, str]
    recording_id: str = ""


def read(folder: Path) -> UploadFacts:
    """Return the facts of an upload; a length of 0 while it is being created or deleted."""
    try:
        return UploadFacts(**json.loads((folder / FILE).read_text()))
    except (OSError, ValueError):
        return UploadFacts(0, {})
