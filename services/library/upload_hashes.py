"""The SHA-256 of uploads, computed by threads while they arrive, so that no client waits for it after the last byte.

Each process remembers how far it has come; what others have received, or this one before it was restarted, is read from the file.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path

from lib.overlapped_blocks import OverlappedBlocks

_MAX_UPLOADS = 1000
_lock = threading.Lock()
_hashes: OrderedDict[str, UploadHash] = OrderedDict()


class UploadHash:
    """The hash of the first `position` bytes of an upload. One thread at a time uses it."""

    def __init__(self) -> None:
        self.position = 0
        self._sha256 = hashlib.sha256()
        self._blocks = OverlappedBlocks(self._sha256.update)

    def update(self, block: memoryview) -> None:
        """Begin to add a block, after waiting for the one before. The block must not change until the next call."""
        self._blocks.add(block)
        self.position += len(block)

    def wait(self) -> None:
        """Wait until every block has been added."""
        self._blocks.wait()

    def complete(self, path: Path) -> str:
        """Add the rest of the file and return the hash in hexadecimal."""
        with path.open("rb") as file:
            file.seek(self.position)
            return hashlib.file_digest(file, lambda: self._sha256).hexdigest()


def take(upload_id: str, offset: int) -> UploadHash | None:
    """Return the hash of an upload if the next byte that it needs is the one at `offset`. It is forgotten until `keep` is called."""
    with _lock:
        upload_hash = _hashes.pop(upload_id, None)
        if upload_hash is None:
            return UploadHash() if offset == 0 else None
        if upload_hash.position == offset:
            return upload_hash
        if upload_hash.position < offset:
            _hashes[upload_id] = upload_hash
        return None


def keep(upload_id: str, upload_hash: UploadHash) -> None:
    """Remember how far an upload has been hashed; of too many uploads the one that has waited longest is forgotten."""
    upload_hash.wait()
    with _lock:
        _hashes[upload_id] = upload_hash
        while len(_hashes) > _MAX_UPLOADS:
            _hashes.popitem(last=False)


def sha256_of_upload(upload_id: str, path: Path) -> str:
    """Return the SHA-256 of a complete upload in hexadecimal, and forget it."""
    with _lock:
        upload_hash = _hashes.pop(upload_id, None)
    return (upload_hash or UploadHash()).complete(path)
