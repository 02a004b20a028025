"""The slides of a recording, read from the archive of its notes."""

from __future__ import annotations

from collections.abc import Iterator

import errors
from database import end_read, session
from models import Artifact
from services.accounts import Caller
from services.library import hidden_formats, notes_archive, recordings, videos
from services.library.notes_archive import SlideIndex
from services.storage import Store


def read(caller: Caller, recording_id: str, store: Store) -> tuple[SlideIndex, str]:
    """Return the slides, none before the recording has been converted, and a version of their images. Raises NotFound."""
    recordings.get_owned(caller, recording_id)
    archive = _archive_of(recording_id)
    if archive is None:
        return SlideIndex(0.0, ()), ""
    return notes_archive.read_index(store, archive.storage_key)[0], archive.sha256[:16]


def index_of(recording_id: str, store: Store) -> SlideIndex:
    """Return the slides of a recording, none before it has been converted. The caller checks permissions."""
    archive = _archive_of(recording_id)
    return SlideIndex(0.0, ()) if archive is None else notes_archive.read_index(store, archive.storage_key)[0]


def open_image(caller: Caller, recording_id: str, number: int, store: Store) -> tuple[Iterator[bytes], int, str]:
    """Return the image of a slide in blocks, its size in bytes and its version. Raises NotFound."""
    recordings.get_owned(caller, recording_id)
    return _open_image(recording_id, number, store)


def open_image_for_viewer(viewer: Caller | None, recording_id: str, number: int, store: Store) -> tuple[Iterator[bytes], int, str]:
    """Do the same for a recording that the viewer may watch."""
    videos.get_viewable(viewer, recording_id)
    return _open_image(recording_id, number, store)


def _open_image(recording_id: str, number: int, store: Store) -> tuple[Iterator[bytes], int, str]:
    archive = _archive_of(recording_id)
    if archive is not None:
        index, base = notes_archive.read_index(store, archive.storage_key)
        for slide in index.slides:
            if slide.number == number and slide.size:
                start = base + slide.offset
                return store.read(archive.storage_key, start, start + slide.size), slide.size, archive.sha256[:16]
    raise errors.NotFound("slide")


def _archive_of(recording_id: str) -> Artifact | None:
    archive = hidden_formats.shown_notes(session(), recording_id)
    end_read()
    return archive
