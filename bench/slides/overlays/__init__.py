"""What lies over or beside the slides of the bench's recordings and is no part of them."""

from __future__ import annotations

from collections.abc import Sequence

from bench.slides.drawing import Image, Overlay


def show_in_turn(overlays: Sequence[Overlay], turn_s: float) -> Overlay:
    """Show one overlay after another, each for `turn_s`, the last one to the end."""

    def draw(image: Image, t: float) -> None:
        overlays[min(len(overlays) - 1, int(t / turn_s))](image, t)

    return draw
