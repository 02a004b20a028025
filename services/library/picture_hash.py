"""Hashes of pictures, which are similar for pictures that look the same."""

from __future__ import annotations

import itertools
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from domain import Box

_SIDE = 16
_MAX_DIFFERENT_BITS = 13  # of 256; compressing a slide again changes up to ten


def hash_of(path: Path, region: Box | None = None) -> str:
    """Return 64 hexadecimal digits: a bit for each step between neighbours of a 17 x 16 picture (a difference hash); "" for no picture.

    `region`: the part of the picture that counts.
    """
    try:
        with Image.open(path) as picture:
            width = picture.width
            picture.draft("L", (8 * _SIDE, 8 * _SIDE))  # a JPEG decoder skips the details
            box = _scaled(region, picture.width / width) if region else None
            gray = picture.convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX, box).tobytes()
    except (UnidentifiedImageError, OSError, ValueError):  # the last: a region outside the picture
        return ""
    rows = [gray[at : at + _SIDE + 1] for at in range(0, len(gray), _SIDE + 1)]
    bits = "".join("1" if left > right + 1 else "0" for row in rows for left, right in itertools.pairwise(row))
    return f"{int(bits, 2):064x}"


def _scaled(region: Box, scale: float) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a region of the smaller picture."""
    right, bottom = region.x + region.width, region.y + region.height
    return region.x * scale, region.y * scale, right * scale, bottom * scale


def bits_of(picture_hash: str) -> int:
    """Return a hash as a number, for `is_similar`."""
    return int(picture_hash, 16)


def is_similar(one: int, other: int) -> bool:
    """Return whether two hashes belong to pictures that look the same."""
    return (one ^ other).bit_count() <= _MAX_DIFFERENT_BITS
