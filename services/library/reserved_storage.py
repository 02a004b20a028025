"""The bytes of a user's uploads that have no recording yet. They count towards the quota for every upload protocol.

The bytes that this process is receiving right now are counted in `uploads_in_progress`.
"""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from database import end_read, session
from models import MultipartUpload
from services.library import object_deletion, upload_facts
from services.library.chunk_sizes import ChunkSizes
from services.storage import Store


def of_user(data_dir: Path, user_id: str, store: Store, *, except_key: str = "") -> int:
    """Return the size of all uploads without a recording: chunks and files that have arrived, and the announced size of others.

    `except_key`: the file of a direct upload that is not counted.
    """
    sizes = announced_sizes(session(), user_id)
    end_read()
    uploaded_bytes = arrived_bytes(data_dir, user_id, store, sizes.keys() | {except_key})
    return uploaded_bytes + sum(size for key, size in sizes.items() if key != except_key)


def arrived_bytes(data_dir: Path, user_id: str, store: Store, except_keys: Set[str]) -> int:
    """Do the same without the announced sizes of uploads in parts, and without these keys."""
    return _chunk_bytes(data_dir, user_id) + _resumable_bytes(data_dir, user_id) + _direct_bytes(user_id, store, except_keys)


def announced_sizes(session: Session, user_id: str) -> dict[str, int]:
    """Return the announced sizes of the user's uploads in parts, by key."""
    is_of_user = MultipartUpload.key.startswith(f"videos/{user_id}/", autoescape=True)
    return {row.key: row.size_bytes for row in session.execute(select(MultipartUpload.key, MultipartUpload.size_bytes).where(is_of_user))}


def _chunk_bytes(data_dir: Path, user_id: str) -> int:
    return sum(ChunkSizes(folder).total() for folder in (data_dir / "chunks" / user_id).glob("*"))


def _resumable_bytes(data_dir: Path, user_id: str) -> int:
    """Return the announced length of resumable uploads, whose bytes are received without asking for the quota again."""
    facts = (upload_facts.read(folder) for folder in (data_dir / "resumable" / user_id).glob("*"))
    return sum(each.length for each in facts if not each.recording_id)


def _direct_bytes(user_id: str, store: Store, except_keys: Set[str]) -> int:
    scheduled_keys = object_deletion.list_scheduled(f"videos/{user_id}/")
    end_read()
    return sum(store.size(key) or 0 for key in scheduled_keys if key not in except_keys)
