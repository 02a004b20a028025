"""The child process task that reads the picture of a scene and brings it to a size that slides need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

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
    """Write `source` as PNG to `target`, made smaller where a side is too long. Returns a `SizedPicture`. Raises ImageMissing."""
    picture = cv2.imread(payload["source"], cv2.IMREAD_COLOR)
    target = Path(payload["target"])
    if picture is None:
        raise ImageMissing(f"The picture of scene {target.stem!r} can't be read.")
    height, width = picture.shape[:2]
    scale = MAX_SIDE_PX / max(height, width)
    if scale < 1:
        picture = cv2.resize(picture, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
        height, width = picture.shape[:2]
    cv2.imwrite(str(target), picture)
    return {"file": target.name, "width": width, "height": height}
