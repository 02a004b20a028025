"""Detect truncated files: their headers announce the full duration, but the file ends early, or has only zeros from some place on."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from domain import MediaInfo

_BLOCK_BYTES = 64 * 2**10
_MIN_MISSING_S = 2.0
_MIN_MISSING_SHARE = 0.02
_MAX_BOXES = 10_000  # top-level boxes of an MP4; fragmented files have two every few seconds
_UNKNOWN_SIZE = 2**32 - 1
_ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_EBML = b"\x1aE\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"


def is_truncated(path: Path) -> bool:
    """Return whether a RIFF, ISO media or Matroska header announces more bytes than the file has; False for other formats."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(12)
        if header[:4] == b"RIFF":
            riff_size = int.from_bytes(header[4:8], "little")
            return riff_size != _UNKNOWN_SIZE and 8 + riff_size > size
        if header[4:8] in (b"ftyp", b"moov", b"mdat", b"styp"):
            return _has_truncated_box(file, size)
        return header[:4] == _EBML and _has_truncated_segment(file, size)


def announced_duration_s(path: Path, format_name: str, duration_s: float) -> float:
    """Return the duration that the header states whatever the length of the file, or 0.0. `duration_s` is what libavformat reports.

    libavformat estimates the duration of many formats from the length of the file, also where the header of AVI, WAV or ASF says more.
    """
    with path.open("rb") as file:
        header = file.read(4096)
        if set(format_name.split(",")) & {"mov", "matroska", "webm", "flv", "flac", "mxf"}:
            return duration_s
        if format_name == "mp3":
            return duration_s if _has_frame_count(file, header) else 0.0
    if format_name == "avi" and len(header) > 52:
        microseconds_per_frame, frames = struct.unpack_from("<I12xI", header, 32)
        return float(microseconds_per_frame * frames / 1e6)
    if format_name == "wav" and header[12:16] == b"fmt ":
        size, bytes_per_s = struct.unpack_from("<I", header, 4)[0], struct.unpack_from("<I", header, 28)[0]
        return 0.0 if size == _UNKNOWN_SIZE or not bytes_per_s else float(size / bytes_per_s)
    return _asf_duration_s(header) if format_name == "asf" else 0.0


def is_scan_needed(format_name: str) -> bool:
    """Return whether only the packets tell if the file is cut off, because the header states no number of bytes."""
    return format_name in ("flv", "flac", "mxf", "mp3", "avi", "asf")


def _has_frame_count(file: BinaryIO, header: bytes) -> bool:
    """Return whether an MP3 file begins with a frame that states the number of frames."""
    if header[:3] == b"ID3":  # its length has four digits of 7 bits (https://id3.org/id3v2.4.0-structure, 3.1)
        file.seek(10 + sum(digit << shift for digit, shift in zip(header[6:10], (21, 14, 7, 0), strict=True)))
        header = file.read(2048)
    return b"Xing" in header or b"Info" in header


def _asf_duration_s(header: bytes) -> float:
    """Return the play duration without the preroll (Advanced Systems Format specification, 3.2); 0.0 for a broadcast."""
    at = header.find(_ASF_FILE_PROPERTIES)
    if at < 0 or len(header) < at + 92:
        return 0.0
    play_duration, _, preroll_ms, flags = struct.unpack_from("<QQQI", header, at + 64)
    return 0.0 if flags & 1 else float(max(0.0, play_duration / 1e7 - preroll_ms / 1e3))


def end_of_content(path: Path) -> int:
    """Return the offset, exact to a block, from which on the file has only zeros, as a download that was interrupted may have."""
    end = path.stat().st_size
    with path.open("rb") as file:
        while end > 0:
            start = max(0, end - _BLOCK_BYTES)
            file.seek(start)
            if file.read(end - start).strip(b"\0"):
                return end
            end = start
    return end


def is_much_shorter(present_s: float, announced_s: float) -> bool:
    """Return whether more is missing than inexact headers explain."""
    return announced_s - present_s > max(_MIN_MISSING_S, _MIN_MISSING_SHARE * announced_s)


def truncation_warning(media: MediaInfo) -> Sequence[str]:
    """Return a warning if the recording is cut off."""
    if not media.announced_s:
        return ()
    return (f"The recording is cut off: {media.announced_s:.0f} s announced, {media.duration_s:.0f} s are there.",)


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
    extra_bytes = 8 - first[0].bit_length()
    digits = bytes([first[0] & (0x7F >> extra_bytes)]) + file.read(extra_bytes)
    value = int.from_bytes(digits, "big")
    return None if value == (1 << 7 * (extra_bytes + 1)) - 1 else value
