"""The grid of blocks over the analysis frame, and the pixel difference between two frames."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.decoder import GrayImage
from services.slides.parameters import GridParameters
from services.slides.quantiles import median

Mask = npt.NDArray[np.bool_]
Times = npt.NDArray[np.float32]

REFERENCE_WIDTH = 480  # the unit `px` of the parameters is a pixel of a frame this wide
_KERNEL = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class DiffSettings:
    """Settings of the comparison of frames, and the difference computed with them.

    `contrast`: threshold in grey levels; pixels differ if their difference is greater. `shaky`: the camera shakes, so frames are blurred
    and a shift of one pixel is tolerated. `noisy`: the picture is grainy, so frames are blurred.
    """

    contrast: int
    shaky: bool = False
    noisy: bool = False

    def prepare(self, image: GrayImage) -> GrayImage:
        """Return the frame as it is compared: blurred if `shaky` or `noisy`, else unchanged."""
        return cv2.blur(image, (3, 3)) if self.shaky or self.noisy else image  # type: ignore[return-value]

    def difference(self, old: GrayImage, new: GrayImage) -> GrayImage:
        """Return how many grey levels each pixel differs by.

        With `shaky`, that is the distance of a pixel from the range of values in the 3x3 neighbourhood of the other one, the larger of both
        ways: thin text that comes has no range in the old image that it could be in, thin text that goes has none in the new one.
        """
        if not self.shaky:
            return cv2.absdiff(old, new)  # type: ignore[return-value]
        return cv2.max(_distance_from_range(new, old), _distance_from_range(old, new))  # type: ignore[return-value]

    def is_certainly_same(self, old: GrayImage, new: GrayImage) -> bool:
        """Return True only if no pixel differs; always False with `shaky`. Far cheaper than `threshold_difference`."""
        return not self.shaky and cv2.norm(old, new, cv2.NORM_INF) <= self.contrast

    def threshold_difference(self, old: GrayImage, new: GrayImage) -> GrayImage:
        """Return 255 where the images differ, else 0."""
        return cv2.threshold(self.difference(old, new), self.contrast, 255, cv2.THRESH_BINARY)[1]  # type: ignore[return-value]


@dataclass(frozen=True)
class Grid:
    """Square blocks of `side` pixels over the analysis frame; the remainder at the right and bottom edge belongs to no block.

    A block counts as changed if more than `changed_share` of its pixels are set.
    """

    side: int
    rows: int
    columns: int
    height: int
    width: int
    changed_share: float

    @classmethod
    def for_image(cls, image: GrayImage, parameters: GridParameters) -> Grid:
        height, width = image.shape
        target = round(width / parameters.blocks_per_row)
        sides = range(max(2, target - parameters.side_tolerance), target + parameters.side_tolerance + 1)
        side = min(sides, key=lambda side: (height % side + width % side, abs(side - target)))
        return cls(side, height // side, width // side, height, width, parameters.changed_share)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def scale(self) -> float:
        """Width of one `px` of the parameters, in pixels of this frame."""
        return self.width / REFERENCE_WIDTH

    def block_levels(self, pixels: GrayImage) -> GrayImage:
        """Return the mean of each block's pixels; of pixels that are 0 or 255, 255 times the share of those that are set."""
        inner = pixels[: self.rows * self.side, : self.columns * self.side]
        if not cv2.hasNonZero(inner):
            return np.zeros((self.rows, self.columns), np.uint8)
        return cv2.resize(inner, (self.columns, self.rows), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]

    def changed_blocks(self, pixels: GrayImage) -> Mask:
        """Return the blocks in which more than `changed_share` of the pixels are set (255)."""
        return np.asarray(self.block_levels(pixels) > 255 * self.changed_share)

    def blocks_with_edges(self, image: GrayImage, min_gradient: int) -> Mask:
        """Return the blocks that show foreground."""
        return self.changed_blocks(np.asarray(find_edges(image, min_gradient) * np.uint8(255), np.uint8))

    def to_pixels(self, blocks: Mask) -> Mask:
        """Scale a mask of blocks to pixels; the remainder takes the value of the nearest block."""
        pixels = blocks.repeat(self.side, 0).repeat(self.side, 1)
        below, right = self.height - pixels.shape[0], self.width - pixels.shape[1]
        return np.pad(pixels, ((0, below), (0, right)), mode="edge") if below or right else pixels

    def copy_blocks(self, target: GrayImage, source: GrayImage, blocks: Mask) -> None:
        """Copy blocks of `source` into `target`, which must own its memory."""
        inner = (self.columns * self.side, self.rows * self.side)
        pixels = cv2.resize(blocks.view(np.uint8), inner, interpolation=cv2.INTER_NEAREST)
        below, right = self.height - inner[1], self.width - inner[0]
        if below or right:
            pixels = cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_REPLICATE)
        cv2.copyTo(source, pixels, target)


def _distance_from_range(image: GrayImage, other: GrayImage) -> GrayImage:
    """Return the distance of each pixel from the range of values in the 3x3 neighbourhood of another image's pixel."""
    brighter, darker = cv2.subtract(image, cv2.dilate(other, _KERNEL)), cv2.subtract(cv2.erode(other, _KERNEL), image)
    return cv2.max(brighter, darker)  # type: ignore[return-value]


def find_edges(image: GrayImage, min_gradient: int) -> Mask:
    """Return the pixels at which brightness changes steeply: text, lines, the texture of photographs."""
    return np.asarray(cv2.morphologyEx(image, cv2.MORPH_GRADIENT, _KERNEL) > min_gradient)


def match_brightness(image: GrayImage, reference: GrayImage, stride: int, min_shift: int, max_shift: int) -> GrayImage:
    """Return the picture as bright as the reference if the medians of both differ by `min_shift` to `max_shift` grey levels.

    It is shifted or scaled, whichever agrees better. Every `stride`-th pixel and line is measured.
    """
    sample, target = image[::stride, ::stride].astype(np.int16), reference[::stride, ::stride]
    difference = (target - sample).reshape(-1)
    shift = int(np.partition(difference, difference.size // 2)[difference.size // 2])
    if not min_shift <= abs(shift) <= max_shift:
        return image
    level = max(1.0, median(sample))
    gain = (level + shift) / level
    if np.abs(sample * gain - target).mean() < np.abs(sample + shift - target).mean():
        return cv2.convertScaleAbs(image, alpha=gain)  # type: ignore[return-value]
    return cv2.add(image, shift) if shift > 0 else cv2.subtract(image, -shift)  # type: ignore[call-overload,no-any-return]
