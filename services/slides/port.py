"""What callers may ask of the slide engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
