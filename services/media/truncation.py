"""Whether a file ends before its container says: cut recordings keep the duration of the whole in their heads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

_MOST_BOXES = 10_000  # of an MP4 at its top level: long fragmented ones have two every few seconds
_EBML = b"\x1aE\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"


def is_truncated(path: Path) -> bool:
    """True where RIFF, ISO media or Matroska announce more bytes than there are; False for everything else."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF":
            announced = int.from_bytes(head[4:8], "little")
            return announced != 2**32 - 1 and 8 + announced > size
        if head[4:8] in (b"ftyp", b"moov", b"mdat", b"styp"):
            return _has_cut_box(file, size)
        return head[:4] == _EBML and _has_cut_segment(file, size)


def _has_cut_box(file: BinaryIO, size: int) -> bool:
    """ISO 14496-12, 4.2: a length of 0 reaches to the end, 1 is followed by one of 64 bits."""
    at = 0
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return at != size
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:
            return False
        at += length
        if at > size:
            return True
    return False


def _has_cut_segment(file: BinaryIO, size: int) -> bool:
    """RFC 9559, 5: the segment follows the EBML head; a length of all ones is unknown."""
    file.seek(4)
    length = _length(file)
    if length is None:
        return False
    file.seek(length, os.SEEK_CUR)
    if file.read(4) != _SEGMENT:
        return False
    length = _length(file)
    return length is not None and file.tell() + length > size


def _length(file: BinaryIO) -> int | None:
    """A length as EBML writes it (RFC 8794, 4): the leading zeros of its first byte count the bytes that follow."""
    first = file.read(1)
    if not first or first == b"\0":
        return None
    more = 8 - first[0].bit_length()
    digits = bytes([first[0] & (0x7F >> more)]) + file.read(more)
    value = int.from_bytes(digits, "big")
    return None if value == (1 << 7 * (more + 1)) - 1 else value
