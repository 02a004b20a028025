"""Stores files that jobs read in addition to the recording: texts, decks, transcripts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from database import transaction
from services import own_text
from services.library import object_deletion
from services.storage import Store, keys
from tables.columns import new_id

_DEFAULT_TYPE = "application/octet-stream"


def put(recording_id: str, file: Path, store: Store, *, key_of: Callable[[str, str], str], content_type: str = _DEFAULT_TYPE) -> str:
    """Store a file and return its key, which is deleted later unless an artifact names it.

    `key_of(recording_id, unique_id)` makes the key. Each call has a key of its own, since its deletion must not affect a live row.
    """
    key = key_of(recording_id, new_id())
    with transaction() as write_session:
        object_deletion.schedule(write_session, [key], after=object_deletion.UPLOAD_GRACE)
    store.put(file, key, content_type)
    return key


@contextlib.contextmanager
def store_file(
    recording_id: str, file: Path, store: Store, *, key_of: Callable[[str, str], str], content_type: str = _DEFAULT_TYPE
) -> Iterator[str]:
    """Store a file and yield its key, which the block names in an artifact. Afterwards what it replaced is deleted, or this file if the
    block fails: files that are sent again and again do not fill the disk.
    """
    key = put(recording_id, file, store, key_of=key_of, content_type=content_type)
    try:
        yield key
    except BaseException:
        object_deletion.delete_now(store, [key])
        raise
    object_deletion.try_run_due(store)


def put_own_text(recording_id: str, user_id: str, file: Path, store: Store) -> str:
    """Check a text that the recording is aligned with, and store it. Raises UnreadableText and TooManyPreviews."""
    own_text.check(file, user_id)
    return put(recording_id, file, store, key_of=keys.own_text)
