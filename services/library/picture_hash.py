"""Hashes of pictures, which are similar for pictures that look the same."""

from __future__ import annotations

import itertools
from pathlib import Path

from PIL import Image, UnidentifiedImageError

_SIDE_PX = 16
_MAX_DIFFERENT_BITS = 13  # of 256; compressing a slide again changes up to ten


def hash_of(path: Path) -> str:
    """Return 64 hexadecimal digits: a bit for each step between neighbours of a 17 x 16 picture (a difference hash); "" for no picture."""
    try:
        with Image.open(path) as picture:
            picture.draft("L", (8 * _SIDE_PX, 8 * _SIDE_PX))  # a JPEG decoder skips the details
            gray = picture.convert("L").resize((_SIDE_PX + 1, _SIDE_PX), Image.Resampling.BOX).tobytes()
    except (UnidentifiedImageError, OSError):
        return ""
    rows = [gray[at : at + _SIDE_PX + 1] for at in range(0, len(gray), _SIDE_PX + 1)]
    bits = "".join("1" if left > right + 1 else "0" for row in rows for left, right in itertools.pairwise(row))
    return f"{int(bits, 2):064x}"


def bits_of(picture_hash: str) -> int:
    """Return a hash as a number, for `is_similar`."""
    return int(picture_hash, 16)


def is_similar(one: int, other: int) -> bool:
    """Return whether two hashes belong to pictures that look the same."""
    return (one ^ other).bit_count() <= _MAX_DIFFERENT_BITS
