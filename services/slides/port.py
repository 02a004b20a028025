"""What callers may ask of the slide engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from domain import Box

Sensitivity = Literal["low", "normal", "high"]
Builds = Literal["final", "all"]


@dataclass(frozen=True)
class SlideOptions:
    """`region` and `ignore` are in pixels of the picture as it is shown; `builds="all"` also takes a picture of every build step.

    `region` is where the slide is: the rest is not looked at, and pictures are cut to it. `ignore` holds places that move.
    """

    sensitivity: Sensitivity = "normal"
    builds: Builds = "final"
    region: Box | None = None
    ignore: tuple[Box, ...] = ()

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> SlideOptions:
        """What a job's options ask of the engine. Boxes are written `x,y,width,height`, several with `;` between."""
        boxes = tuple(_box(text) for text in options.get("ignore", "").split(";") if text)
        region = _box(options["region"]) if options.get("region") else None
        return cls(options.get("sensitivity", "normal"), options.get("builds", "final"), region, boxes)


def _box(text: str) -> Box:
    x, y, width, height = (int(part) for part in text.split(","))
    return Box(x, y, width, height)
