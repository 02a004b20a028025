"""Detect truncated files: their headers announce more bytes than the file has, and the full duration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

_MAX_BOXES = 10_000  # top-level boxes of an MP4; fragmented files have two every few seconds
_EBML = b"\x1aE\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"


def is_truncated(path: Path) -> bool:
    """Return whether a RIFF, ISO media or Matroska header announces more bytes than the file has; False for other formats."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(12)
        if header[:4] == b"RIFF":
            announced = int.from_bytes(header[4:8], "little")
            return announced != 2**32 - 1 and 8 + announced > size
        if header[4:8] in (b"ftyp", b"moov", b"mdat", b"styp"):
            return _has_truncated_box(file, size)
        return header[:4] == _EBML and _has_truncated_segment(file, size)


def _has_truncated_box(file: BinaryIO, size: int) -> bool:
    """Walk the boxes (ISO 14496-12, 4.2): length 0 means up to the end, 1 means that a 64-bit length follows."""
    at = 0
    for _ in range(_MAX_BOXES):
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            return at != size
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length < 8:
            return False
        at += length
        if at > size:
            return True
    return False


def _has_truncated_segment(file: BinaryIO, size: int) -> bool:
    """Check the segment that follows the EBML header (RFC 9559, 5)."""
    file.seek(4)
    length = _read_length(file)
    if length is None:
        return False
    file.seek(length, os.SEEK_CUR)
    if file.read(4) != _SEGMENT:
        return False
    length = _read_length(file)
    return length is not None and file.tell() + length > size


def _read_length(file: BinaryIO) -> int | None:
    """Read an EBML variable-size integer (RFC 8794, 4): leading zeros of the first byte count further bytes; None if unknown."""
    first = file.read(1)
    if not first or first == b"\0":
        return None
    more = 8 - first[0].bit_length()
    digits = bytes([first[0] & (0x7F >> more)]) + file.read(more)
    value = int.from_bytes(digits, "big")
    return None if value == (1 << 7 * (more + 1)) - 1 else value
