"""All documents of a recording as one zip file, which is made while it is sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import errors
from database import end_read
from services.accounts import Caller
from services.library import bookmarks, recordings
from services.storage import Store, keys


@dataclass(frozen=True)
class DocumentsZip:
    """A zip file. `blocks` reads the documents one after another; only a block is in memory."""

    filename: str
    blocks: Iterator[bytes]


class _Buffer(io.RawIOBase):
    """Takes what the zip writer writes; it can't be rewound."""

    def __init__(self) -> None:
        self._content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._content += data
        return len(data)

    def take(self) -> bytes:
        content = bytes(self._content)
        self._content.clear()
        return content


def open_zip(caller: Caller, recording_id: str, store: Store) -> DocumentsZip:
    """Return the documents of a recording of the caller and their bookmarks; admins may read any.

    Raises NotFound, and NotReady if there are no documents.
    """
    recording = recordings.get_owned(caller, recording_id)
    rows = recordings.documents_of(recording_id)
    if not rows:
        raise errors.NotReady("This recording has no documents yet.")
    own = bookmarks.list_own(caller, recording_id)
    texts = {f"{keys.title_as_filename(recording.title)}.bookmarks.md": bookmarks.as_markdown(recording.title, own)} if own else {}
    members = [(f"{keys.title_as_filename(recording.title)}{_extension(row.storage_key)}", row.storage_key) for row in rows]
    filename = f"{keys.title_as_filename(recording.title)}.zip"
    end_read()
    return DocumentsZip(filename, _zip(members, texts, store))


def _extension(storage_key: str) -> str:
    return f".{PurePosixPath(storage_key).name.partition('.')[2]}"


def _zip(members: Sequence[tuple[str, str]], texts: Mapping[str, str], store: Store) -> Iterator[bytes]:
    buffer = _Buffer()
    with zipfile.ZipFile(buffer, "w") as archive:  # documents are compressed already, or small
        for name, key in members:
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
                for block in store.read(key):
                    entry.write(block)
                    yield buffer.take()
            yield buffer.take()
        for name, text in texts.items():
            archive.writestr(name, text, zipfile.ZIP_DEFLATED)
    yield buffer.take()
