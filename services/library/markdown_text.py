"""The Markdown text inside the stored zip of the format `md`, without its pictures."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import errors
from services.storage import Store

_HEADER = struct.Struct("<4sHHHHHIIIHH")  # the local file header of the first member (APPNOTE 4.3.7)
_SIGNATURE = b"PK\x03\x04"


def read(store: Store, storage_key: str) -> Iterator[bytes]:
    """Yield the first member of a zip, which is the text; the rest of the file is not read. Raises NotFound and StageFailed."""
    blocks = store.read(storage_key)
    start = b""
    for block in blocks:
        start += block
        if len(start) >= _HEADER.size:
            break
    if not start.startswith(_SIGNATURE) or len(start) < _HEADER.size:
        raise errors.StageFailed("The stored file is not a zip.")
    method, name_length, extra_length = (_HEADER.unpack_from(start)[index] for index in (3, 9, 10))
    data_offset = _HEADER.size + name_length + extra_length
    while len(start) < data_offset and (block := next(blocks, b"")):
        start += block
    if method != zlib.DEFLATED:
        raise errors.StageFailed("The stored zip does not begin with a compressed text.")
    return _inflate(start[data_offset:], blocks)


def _inflate(start: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
    block = start
    while True:
        yield decompressor.decompress(block)
        if decompressor.eof:
            return
        block = next(blocks, b"")
        if not block:
            return
