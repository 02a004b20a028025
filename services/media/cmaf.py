"""Fragmented MP4 files (CMAF, ISO/IEC 23000-19) as ffmpeg's dash muxer writes them, and how to join them without encoding again.

A file is its header (`ftyp`, `moov`) and fragments of three boxes each: `sidx`, `moof` and `mdat` (ISO/IEC 14496-12). A file whose writer
was killed ends with a part of a fragment, which is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_BOX = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")
_COPY_BYTES = 2**20
_CONTAINERS = (b"moof", b"traf")
_SIDX_TIME, _SIDX_DURATION = 20, 44  # offsets in the box with 64-bit times and one reference
_MFHD_NUMBER, _TFDT_TIME = 12, 12


@dataclass(frozen=True)
class Fragment:
    """A fragment's place in the file in bytes, and its times in units of the track."""

    offset: int
    size: int
    start: int
    duration: int

    @property
    def end(self) -> int:
        return self.start + self.duration


@dataclass(frozen=True)
class Track:
    """A file with one track. `timescale`: units per second."""

    header: bytes
    timescale: int
    fragments: tuple[Fragment, ...]

    @property
    def end(self) -> int:
        """The end of the last fragment, in units of the track."""
        return self.fragments[-1].end if self.fragments else 0

    @property
    def codec(self) -> str:
        """The codec as players are told it (RFC 6381)."""
        at = self.header.find(b"avcC")
        return f"avc1.{self.header[at + 5 : at + 8].hex()}" if at >= 0 else "mp4a.40.2"

    @property
    def decoder(self) -> bytes:
        """The parameters of the decoder; fragments can be joined if they are equal."""
        at = self.header.find(b"stsd")
        (size,) = struct.unpack(">I", self.header[at - 4 : at]) if at >= 0 else (0,)
        return self.header[at : at + size - 4]


@dataclass(frozen=True)
class _Box:
    kind: bytes
    offset: int
    size: int


def read_track(path: Path) -> Track | None:
    """Return the header and the complete fragments of a file; None if it has no complete header."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        boxes = list(_boxes(file, path.stat().st_size))
        if [box.kind for box in boxes[:2]] != [b"ftyp", b"moov"]:
            return None
        header_bytes = boxes[1].offset + boxes[1].size
        file.seek(0)
        header = file.read(header_bytes)
        fragments, timescale = [], 1
        for index, moof, mdat in zip(boxes[2::3], boxes[3::3], boxes[4::3], strict=False):
            if (index.kind, moof.kind, mdat.kind) != (b"sidx", b"moof", b"mdat"):
                break
            file.seek(index.offset)
            content = file.read(index.size)
            timescale, start = struct.unpack_from(">IQ", content, _SIDX_TIME - 4)
            (duration,) = struct.unpack_from(">I", content, _SIDX_DURATION)
            fragments.append(Fragment(index.offset, index.size + moof.size + mdat.size, start, duration))
    return Track(header, timescale, tuple(fragments))


def truncate(path: Path, track: Track, count: int) -> None:
    """Drop all but the first `count` fragments of the file."""
    fragments = track.fragments[:count]
    with path.open("r+b") as file:
        file.truncate(fragments[-1].offset + fragments[-1].size if fragments else len(track.header))


def append(target: Path, source: Path, fragments: Sequence[Fragment], *, shift: int, first_number: int) -> None:
    """Append fragments of another file of the same track. `shift` is added to their times; `first_number` counts fragments from 1."""
    with source.open("rb") as reading, target.open("ab") as writing:
        for number, fragment in enumerate(fragments, start=first_number):
            reading.seek(fragment.offset)
            remaining = fragment.size
            head = bytearray()
            for box in _boxes(reading, fragment.offset + fragment.size, fragment.offset):
                if box.kind != b"mdat":
                    reading.seek(box.offset)
                    head += reading.read(box.size)
            _move(head, shift, number)
            writing.write(head)
            reading.seek(fragment.offset + len(head))
            remaining -= len(head)
            while remaining > 0 and (block := reading.read(min(remaining, _COPY_BYTES))):
                writing.write(block)
                remaining -= len(block)


def _boxes(file: BinaryIO, end: int, offset: int = 0) -> Iterator[_Box]:
    """Yield the complete boxes between two offsets of the file."""
    while offset + _BOX.size <= end:
        file.seek(offset)
        size, kind = _BOX.unpack(file.read(_BOX.size))
        if size == 1:
            large = file.read(_LARGE.size)
            size = _LARGE.unpack(large)[0] if len(large) == _LARGE.size else 0
        if size < _BOX.size or offset + size > end:
            return
        yield _Box(kind, offset, size)
        offset += size


def _move(boxes: bytearray, shift: int, number: int, offset: int = 0, end: int | None = None) -> None:
    """Add `shift` to the times in `sidx` and `tfdt`, and set the number of the fragment."""
    end = len(boxes) if end is None else end
    while offset + _BOX.size <= end:
        size, kind = _BOX.unpack_from(boxes, offset)
        if kind in _CONTAINERS:
            _move(boxes, shift, number, offset + _BOX.size, offset + size)
        elif kind == b"mfhd":
            struct.pack_into(">I", boxes, offset + _MFHD_NUMBER, number)
        elif kind in (b"sidx", b"tfdt"):
            at = offset + (_SIDX_TIME if kind == b"sidx" else _TFDT_TIME)
            struct.pack_into(">Q", boxes, at, struct.unpack_from(">Q", boxes, at)[0] + shift)
        offset += max(size, _BOX.size)
