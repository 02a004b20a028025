"""All documents of a recording as one zip file, which is made while it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

import errors
from database import end_read
from lib.zip_stream import stream_zip
from services.accounts import Caller
from services.library import bookmarks, recordings
from services.storage import Store, keys


@dataclass(frozen=True)
class DocumentsZip:
    """A zip file. `blocks` reads the documents one after another; only a block is in memory."""

    filename: str
    blocks: Iterator[bytes]


def open_zip(caller: Caller, recording_id: str, store: Store) -> DocumentsZip:
    """Return the documents of a recording of the caller and their bookmarks; admins may read any.

    Raises NotFound, and NotReady if there are no documents.
    """
    recording = recordings.get_owned(caller, recording_id)
    rows = recordings.documents_of(recording_id)
    if not rows:
        raise errors.NotReady("This recording has no documents yet.")
    own_bookmarks = bookmarks.list_own(caller, recording_id)
    texts = (
        {f"{keys.title_as_filename(recording.title)}.bookmarks.md": bookmarks.as_markdown(recording.title, own_bookmarks)}
        if own_bookmarks
        else {}
    )
    members = [
        (f"{keys.title_as_filename(recording.title)}{_extension(row.storage_key)}", partial(store.read, row.storage_key)) for row in rows
    ]
    filename = f"{keys.title_as_filename(recording.title)}.zip"
    end_read()
    return DocumentsZip(filename, stream_zip(texts, members))


def _extension(storage_key: str) -> str:
    return f".{PurePosixPath(storage_key).name.partition('.')[2]}"
