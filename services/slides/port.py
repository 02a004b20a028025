"""The options of the slide engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from domain import Box
from services.slides.parameters import Sensitivity

Builds = Literal["final", "all"]

TextFinder = Callable[[Sequence[Path]], Sequence[Sequence[Box]]]
"""Returns the boxes of the lines of text on each picture, in pixels; see services.ocr."""


@dataclass(frozen=True)
class SlideOptions:
    """Options of a job. `region` and `ignore` are in pixels of the picture as displayed.

    `builds="all"` also takes an image of every build step. `region` is where the slide is: the rest is not analysed, and images are
    cropped to it. `ignore` lists areas that move and are no slide.
    """

    sensitivity: Sensitivity = "normal"
    builds: Builds = "final"
    region: Box | None = None
    ignore: tuple[Box, ...] = ()

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> SlideOptions:
        """Read a job's options. A box is written `x,y,width,height`; several boxes are separated by `;`."""
        boxes = tuple(_parse_box(text) for text in options.get("ignore", "").split(";") if text)
        region = _parse_box(options["region"]) if options.get("region") else None
        return cls(options.get("sensitivity", "normal"), options.get("builds", "final"), region, boxes)


def _parse_box(text: str) -> Box:
    x, y, width, height = (int(part) for part in text.split(","))
    return Box(x, y, width, height)
