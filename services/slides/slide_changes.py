"""What changed between a slide and a stable frame, and the foreground with which losses are compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.slides.change_classifier import ChangeClassifier, ChangeKind
from services.slides.comparison import ChangedRegion
from services.slides.grid import Grid, Mask


@dataclass(frozen=True)
class Foreground:
    """Foreground of a slide: in the whole picture, and in the area that slides change.

    `inside_share`: a region with more of its blocks in the area is inside.
    """

    whole_px: float
    area_px: float
    area: Mask
    grid: Grid
    inside_share: float

    def is_inside(self, region: ChangedRegion) -> bool:
        """Whether most of the region is in the area."""
        return float(self.area[region.block_window(self.grid)].mean()) > self.inside_share

    def around(self, region: ChangedRegion) -> float:
        """Return the foreground of which the region is a part."""
        return self.area_px if self.is_inside(region) else self.whole_px

    def parts(self, regions: Sequence[ChangedRegion]) -> Iterator[tuple[list[ChangedRegion], float]]:
        """Return the regions with the foreground of the whole picture; and those inside the area with that of the area."""
        yield list(regions), self.whole_px
        if self.area_px < self.whole_px:
            yield [region for region in regions if self.is_inside(region)], self.area_px


@dataclass(frozen=True)
class Changes:
    """The classified changes between a slide and a stable frame."""

    items: list[tuple[ChangedRegion, ChangeKind]]
    foreground: Foreground
    classifier: ChangeClassifier

    def as_added(self) -> Changes:
        """Return the same changes as additions: a slide with new content in between."""
        return replace(self, items=[(region, "added") for region, _ in self.items])

    def of_kind(self, *kinds: ChangeKind) -> list[ChangedRegion]:
        return [region for region, kind in self.items if kind in kinds]
