"""Stores the texts that recordings are aligned with."""

from __future__ import annotations

from pathlib import Path

from database import transaction
from services import own_text
from services.library import object_deletion
from services.storage import Store, keys


def put(recording_id: str, file: Path, sha256: str, store: Store) -> str:
    """Check a text and store it; return its key, which is deleted later unless an artifact names it. Raises UnreadableText."""
    own_text.check(file)
    key = keys.own_text(recording_id, sha256)
    with transaction() as write_session:
        object_deletion.schedule(write_session, [key], after=object_deletion.UPLOAD_GRACE)
    store.put(file, key, "application/octet-stream")
    return key
