"""The child process task that reads the picture of a scene and brings it to a size that slides need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from lib.process import Report
from services.lessons.errors import ImageMissing

MAX_SIDE_PX = 3840


@dataclass(frozen=True)
class SizedPicture:
    """A picture in the folder of the pictures, and its size in pixels."""

    file: str
    width: int
    height: int


def prepare(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write `source` as PNG to `target`, made smaller where a side is too long. Returns a `SizedPicture`. Raises ImageMissing.

    Payload: source, target, keeps_alpha: what is transparent stays so, else it becomes white.
    """
    target = Path(payload["target"])
    picture = _read(payload["source"], keeps_alpha=bool(payload.get("keeps_alpha")))
    if picture is None:
        raise ImageMissing(f"The picture {target.stem!r} can't be read: PNG, JPEG and WebP can.")
    height, width = picture.shape[:2]
    scale = MAX_SIDE_PX / max(height, width)
    if scale < 1:
        picture = cv2.resize(picture, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
        height, width = picture.shape[:2]
    cv2.imwrite(str(target), picture)
    return {"file": target.name, "width": width, "height": height}


def _read(path: str, *, keeps_alpha: bool) -> Any:
    """Return the picture turned as its file says; None if it can't be read."""
    picture = cv2.imread(path, cv2.IMREAD_COLOR)
    image = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    if picture is None or image is None or image.ndim != 3 or image.shape[2] != 4 or image.dtype != np.uint8:
        return picture
    if keeps_alpha:
        return image
    alpha = image[:, :, 3:].astype(np.float32) / 255
    return (image[:, :, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
