"""Artifacts that are not documents for users: later jobs read them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models import Artifact
from services.library import object_deletion

NOTES_ARCHIVE = "notes"
RAW_TRANSCRIPT = "raw_transcript"  # as it was recognised, JSON lines
EDITED_TRANSCRIPT = "edited_transcript"  # the newest text that documents were requested from, JSON lines
ALL = (NOTES_ARCHIVE, RAW_TRANSCRIPT, EDITED_TRANSCRIPT)


def delete(session: Session, artifact: Artifact) -> None:
    """Delete the row, and schedule the deletion of its object."""
    object_deletion.schedule(session, [artifact.storage_key])
    session.delete(artifact)
    session.flush()
