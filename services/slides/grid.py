"""Pictures seen as some sixty blocks a row, and the difference between two pictures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.decoder import Gray

Mask = npt.NDArray[np.bool_]
Times = npt.NDArray[np.float32]

_BLOCKS_A_ROW = 60
SHARE_OF_BLOCK = 0.03  # of its pixels: two of an 8x8 block's
_CROSS = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class DiffSettings:
    """How pictures are compared: `contrast` in grey levels is what counts as different; `shaky` forgives shifts of a pixel."""

    contrast: int
    shaky: bool = False
    noisy: bool = False

    def prepare(self, picture: Gray) -> Gray:
        return cv2.blur(picture, (3, 3)) if self.shaky or self.noisy else picture  # type: ignore[return-value]

    def difference(self, old: Gray, new: Gray) -> Gray:
        if not self.shaky:
            return cv2.absdiff(old, new)  # type: ignore[return-value]
        brighter = cv2.subtract(new, cv2.dilate(old, _CROSS))
        darker = cv2.subtract(cv2.erode(old, _CROSS), new)
        return cv2.max(brighter, darker)  # type: ignore[return-value]

    def is_same(self, old: Gray, new: Gray) -> bool:
        """Whether no pixel differs; far cheaper than looking for the places."""
        return not self.shaky and cv2.norm(old, new, cv2.NORM_INF) <= self.contrast

    def differing(self, old: Gray, new: Gray) -> Gray:
        """255 where the pictures differ, else 0."""
        return cv2.threshold(self.difference(old, new), self.contrast, 255, cv2.THRESH_BINARY)[1]  # type: ignore[return-value]


@dataclass(frozen=True)
class Grid:
    """Square blocks of `side` pixels over the low-resolution picture; a remainder at the right and bottom edge joins none."""

    side: int
    rows: int
    columns: int
    height: int
    width: int

    @classmethod
    def over(cls, picture: Gray) -> Grid:
        height, width = picture.shape
        near = round(width / _BLOCKS_A_ROW)
        side = min((side for side in range(max(2, near - 2), near + 3)), key=lambda side: (height % side + width % side, abs(side - near)))
        return cls(side, height // side, width // side, height, width)

    @property
    def scale(self) -> float:
        """Pixels here for one pixel of a picture 480 wide, in which the thresholds are thought."""
        return self.width / 480

    def shares(self, pixels: Gray) -> Gray:
        """For each block the share of its pixels that are set (255), as 0 to 255."""
        inner = pixels[: self.rows * self.side, : self.columns * self.side]
        if not cv2.hasNonZero(inner):
            return np.zeros((self.rows, self.columns), np.uint8)
        return cv2.resize(inner, (self.columns, self.rows), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]

    def touched(self, pixels: Gray) -> Mask:
        """Blocks in which more than a few pixels are set (255)."""
        return np.asarray(self.shares(pixels) > 255 * SHARE_OF_BLOCK)

    def spread(self, blocks: Mask) -> Mask:
        """Blocks as pixels; the remainder follows its neighbour."""
        pixels = blocks.repeat(self.side, 0).repeat(self.side, 1)
        below, right = self.height - pixels.shape[0], self.width - pixels.shape[1]
        return np.pad(pixels, ((0, below), (0, right)), mode="edge") if below or right else pixels

    def copy_blocks(self, target: Gray, source: Gray, blocks: Mask) -> None:
        """Copy into `target`, which must own its memory."""
        inner = (self.columns * self.side, self.rows * self.side)
        pixels = cv2.resize(blocks.view(np.uint8), inner, interpolation=cv2.INTER_NEAREST)
        below, right = self.height - inner[1], self.width - inner[0]
        if below or right:
            pixels = cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_REPLICATE)
        cv2.copyTo(source, pixels, target)


def edges(picture: Gray) -> Mask:
    """Where brightness changes steeply: writing, lines, the texture of photographs."""
    return np.asarray(cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, _CROSS) > 24)
