"""Changed regions between two stable frames: the foreground that each one lost, gained and covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.decoder import GrayImage
from services.slides.grid import DiffSettings, Grid, Mask, find_edges, match_brightness
from services.slides.parameters import ComparisonParameters
from services.slides.quantiles import median

Window = tuple[slice, slice]
Outline = tuple[int, int, int, int]  # first and last row, first and last column


@dataclass(frozen=True)
class ChangedRegion:
    """A connected region that changed: the mask `pixels`, whose bounding box begins at `top`, `left` (pixels of the analysis frame).

    `lost_px`, `gained_px` and `covered_px` count pixels of foreground; covered ones are hidden by other foreground. `component` is the
    region with its surroundings; `old` and `new` are the bounding boxes of the images. `is_small` regions are compared by brightness,
    others by edges.
    """

    top: int
    left: int
    pixels: Mask
    size_px: float
    lost_px: float
    gained_px: float
    covered_px: float
    is_small: bool
    component: Mask
    old: GrayImage
    new: GrayImage
    parameters: ComparisonParameters

    @property
    def window(self) -> Window:
        height, width = self.pixels.shape
        return np.s_[self.top : self.top + height, self.left : self.left + width]

    def block_window(self, grid: Grid) -> Window:
        """Return the rows and columns of the blocks that its bounding box touches."""
        height, width = self.pixels.shape
        side = grid.side
        rows = slice(min(self.top // side, grid.rows - 1), min((self.top + height - 1) // side, grid.rows - 1) + 1)
        columns = slice(min(self.left // side, grid.columns - 1), min((self.left + width - 1) // side, grid.columns - 1) + 1)
        return rows, columns

    @property
    def missing_px(self) -> float:
        """Foreground that is not visible any more; foreground covered by a small object does not count."""
        return self.lost_px + (0.0 if self.is_small else self.covered_px)

    @cached_property
    def is_dimmed(self) -> bool:
        """Whether it shows the same foreground, darker or lighter."""
        limits = self.parameters
        is_large = self.size_px > limits.min_dimmed_px and self.lost_px > limits.min_dimmed_lost_px
        return is_large and correlation(self.old[self.component], self.new[self.component]) > limits.dimmed_correlation

    @cached_property
    def is_recoded(self) -> bool:
        """Whether it shows the same foreground, sharper or blurrier: a codec refines what it first coded coarsely.

        The changed pixels themselves must correlate too: faint foreground that comes beside a strong edge does not.
        """
        limits, pairs = self.parameters, self._blurred_pairs()
        return (
            max(correlation(old[self.pixels], new[self.pixels]) for old, new in pairs) > limits.recoded_pixel_correlation
            and max(correlation(old[self.component], new[self.component]) for old, new in pairs) > limits.recoded_correlation
        )

    @cached_property
    def is_faded(self) -> bool:
        """Whether it shows the same foreground with less contrast, and nothing else: it is fading out."""
        if self.gained_px > self.parameters.min_foreground_px:
            return False
        old, new = (float(image[self.component].std()) for image in (self.old, self.new))
        return new < self.parameters.max_faded_contrast * old and (self.is_recoded or self.is_dimmed)

    @cached_property
    def strength(self) -> float:
        """Grey levels by which its pixels differ at most."""
        return float(cv2.absdiff(self.old, self.new)[self.pixels].max())

    def _blurred_pairs(self) -> list[tuple[GrayImage, GrayImage]]:
        """Return the pair of images, and each image with blurred copies of the other one."""
        pairs: list[Any] = [(self.old, self.new)]
        for sigma in self.parameters.blurs:
            pairs.append((cv2.GaussianBlur(self.old, (0, 0), sigma), self.new))
            pairs.append((self.old, cv2.GaussianBlur(self.new, (0, 0), sigma)))
        return pairs

    @cached_property
    def only_adds(self) -> bool:
        return self._is_minor(self.lost_px, self.gained_px)

    @cached_property
    def only_loses(self) -> bool:
        return self._is_minor(self.gained_px, self.lost_px)

    def _is_minor(self, amount_px: float, other_px: float) -> bool:
        return amount_px <= self.parameters.min_foreground_px or amount_px < self.parameters.minor_share * other_px


@dataclass(frozen=True)
class _FramePair:
    """Two frames. Their edges, and the ground of the old one, are found when a large region needs them."""

    old: GrayImage
    new: GrayImage
    parameters: ComparisonParameters

    @cached_property
    def old_edges(self) -> Mask:
        return find_edges(self.old, self.parameters.min_gradient)

    @cached_property
    def new_edges(self) -> Mask:
        return find_edges(self.new, self.parameters.min_gradient)

    @cached_property
    def old_ground(self) -> GrayImage:
        """The brightness of the paper under the foreground: a coarse median of the surroundings."""
        height, width = self.old.shape
        step = self.parameters.ground_stride
        coarse = cv2.medianBlur(np.ascontiguousarray(self.old[::step, ::step]), self.parameters.ground_kernel)
        return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)  # type: ignore[return-value]


class Comparer:
    """Compares analysis frames of one recording."""

    def __init__(self, grid: Grid, diff: DiffSettings, parameters: ComparisonParameters, overlay_blocks: Mask | None = None) -> None:
        """`overlay_blocks` are never compared: subtitles."""
        self.overlay_blocks = np.zeros(grid.shape, np.bool_) if overlay_blocks is None else overlay_blocks
        self.grid, self.diff, self._parameters = grid, diff, parameters
        self._px = grid.scale**2  # pixels of the analysis frame in one `px` of area
        self._min_region = parameters.min_region_px * self._px
        self._max_small_region = parameters.small_share * grid.height * grid.width
        side = round(parameters.merge_px * grid.scale) | 1
        self._merge_kernel = np.ones((side, side), np.uint8)

    def hidden_pixels(self, old_motion: Mask, new_motion: Mask) -> Mask:
        """Return the pixels of the `hidden_blocks`."""
        return self.grid.to_pixels(self.hidden_blocks(old_motion, new_motion))

    def hidden_blocks(self, old_motion: Mask, new_motion: Mask) -> Mask:
        """Return the blocks to leave out when two frames are compared, from the blocks that move habitually in each.

        A camera inset that came, went or changed its place is hidden with its still edges.
        """
        hidden_blocks = old_motion | new_motion | self.overlay_blocks
        rows, columns = hidden_blocks.shape
        margin = self._parameters.inset_margin
        _, _, stats, _ = cv2.connectedComponentsWithStats((old_motion ^ new_motion).astype(np.uint8))
        for left, top, width, height in stats[1:, :4].tolist():
            if width * height <= self._parameters.inset_max_share * rows * columns:
                across, down = round(margin * width), round(margin * height)
                hidden_blocks[max(0, top - down) : top + height + down, max(0, left - across) : left + width + across] = True
        return hidden_blocks

    @property
    def max_black(self) -> int:
        """Grey level up to which a picture is black."""
        return self._parameters.max_black

    def foreground_px(self, image: GrayImage, hidden_pixels: Mask) -> float:
        return float(np.count_nonzero(self.edges(image) & ~hidden_pixels)) / self._px

    def region_foreground_px(self, region: ChangedRegion, image: GrayImage) -> float:
        """Return the foreground that the image shows in a region."""
        return float(np.count_nonzero(self.edges(image[region.window]) & region.component)) / self._px

    def own_foreground_px(self, image: GrayImage, other: GrayImage, hidden_pixels: Mask) -> float:
        """Return the foreground that another image does not have in the same place."""
        return float(np.count_nonzero(self.edges(image) & ~self.edges(other) & ~hidden_pixels)) / self._px

    def added_edges(self, old: GrayImage, new: GrayImage) -> Mask:
        """Return the new edges that are further than a pixel from any old one."""
        return self.edges(new) & ~dilated(self.edges(old))

    def is_blank(self, image: GrayImage) -> bool:
        """Whether the image shows no foreground at all, such as a black picture or empty paper."""
        return self._are_specks(self.edges(image))

    def _are_specks(self, edges: Mask) -> bool:
        return float(np.count_nonzero(edges)) / self._px < self._parameters.min_foreground_px

    def shows_nothing(self, image: GrayImage) -> bool:
        """Whether the image is blank but for something as small as a pointer, or for a line at the upper edge of a black screen.

        Slide shows are interrupted by a black screen, and end with one that says how to leave it.
        """
        edges = self.edges(image)
        rows, columns = np.flatnonzero(edges.any(1)), np.flatnonzero(edges.any(0))
        if rows.size == 0 or self._are_specks(edges):
            return True
        side = self._parameters.max_lone_share * self.grid.height
        is_line_on_black = rows[-1] < 2 * side and median(image) < self._parameters.max_black
        return bool(rows[-1] - rows[0] < side and (is_line_on_black or columns[-1] - columns[0] < side))

    def common_share(self, old: GrayImage, new: GrayImage) -> float:
        """Return the share of the old foreground that is still visible."""
        return share_within(self.edges(old), self.edges(new))

    def frame_share(self, region: ChangedRegion) -> float:
        """Return the region's share of the whole frame."""
        return region.size_px * self._px / (self.grid.height * self.grid.width)

    def find_box(self, region: ChangedRegion) -> Outline | None:
        """Return the outline of a filled or framed rectangle: lines of pixels that changed nearly all along each side."""
        share = self._parameters.outline_share
        rows = np.flatnonzero(region.pixels.mean(1) > share)
        if rows.size < 2:
            return None
        columns = np.flatnonzero(region.pixels[rows[0] : rows[-1] + 1].mean(0) > share)
        if columns.size < 2:
            return None
        top, bottom, left, right = (int(side) for side in (rows[0], rows[-1], columns[0], columns[-1]))
        if min(bottom - top, right - left) < self._parameters.min_box_px * self.grid.scale:
            return None
        return region.top + top, region.top + bottom, region.left + left, region.left + right

    def outline_area_share(self, box: Outline) -> float:
        """Return the share of the frame that lies within the outline."""
        top, bottom, left, right = box
        return (bottom - top + 1) * (right - left + 1) / (self.grid.height * self.grid.width)

    def outline_share(self, box: Outline, image: GrayImage) -> float:
        """Return the share of the outline that is an edge of the image, or a pixel from one."""
        top, bottom, left, right = box
        near_edges = dilated(self.edges(image))
        sides = (near_edges[(top, bottom), left : right + 1], near_edges[top : bottom + 1, (left, right)])
        return float(np.concatenate([side.ravel() for side in sides]).mean())

    def is_cut_off(self, box: Outline, later_image: GrayImage, earlier_image: GrayImage) -> bool:
        """Whether foreground that `earlier_image` shows on both sides of the outline ends there in `later_image`."""
        top, bottom, left, right = box
        depth = round(self._parameters.outline_px * self.grid.scale) + 1
        covered_edges, differs = self.edges(earlier_image), self.diff.difference(later_image, earlier_image) > self.diff.contrast
        near_difference = dilated(differs)  # an edge has pixels of the ground beside it
        outside, inside = covered_edges & ~near_difference, covered_edges & differs
        places = sum(
            _count_runs(outside[row + step, left : right + 1] & inside[row - step, left : right + 1])
            for row, step in ((top, -depth), (bottom, depth))
            if 0 <= row + step < self.grid.height
        )
        places += sum(
            _count_runs(outside[top : bottom + 1, column + step] & inside[top : bottom + 1, column - step])
            for column, step in ((left, -depth), (right, depth))
            if 0 <= column + step < self.grid.width
        )
        return places >= self._parameters.min_cut_places

    def recoding_strength(self, recoded_regions: Sequence[ChangedRegion]) -> float:
        """Return how strongly a codec has changed a picture of which it coded many regions anew; 0 if it did not.

        A change elsewhere that is no stronger may be the codec's as well.
        """
        is_recoded = len(recoded_regions) >= self._parameters.min_recoded_regions
        return max(region.strength for region in recoded_regions) if is_recoded else 0.0

    def is_in_margin(self, region: ChangedRegion, picture_rows: tuple[int, int]) -> bool:
        """Whether the region lies in the outermost part of the picture's height, where bars of a screen show a clock or a load.

        `picture_rows`: the first row, and the one after the last.
        """
        top, bottom = picture_rows
        margin = self._parameters.margin_share * (bottom - top)
        rows = np.flatnonzero(region.pixels.any(1))
        return bool(region.top + rows[-1] < top + margin or region.top + rows[0] >= bottom - margin)

    def is_equal(self, region: ChangedRegion, old: GrayImage, new: GrayImage) -> bool:
        """Whether two frames agree inside the region, but for their brightness."""
        new = self._with_brightness_of(old, new)
        differs = self.diff.difference(old[region.window], new[region.window])[region.pixels] > self.diff.contrast
        return float(differs.mean()) < self._parameters.equal_share

    def shows_same_strokes(self, region: ChangedRegion) -> bool:
        """Whether most strokes of a region are kept on another ground: a button that is highlighted, a row that is selected."""
        kept = dilated(_find_kept(region.old, region.new, region.pixels, self._parameters))
        before, after = (np.count_nonzero(self.edges(image) & region.component) for image in (region.old, region.new))
        kept_count = min(np.count_nonzero(self.edges(image) & region.component & kept) for image in (region.old, region.new))
        return bool(kept_count > self._parameters.kept_stroke_share * max(before, after))

    def shows_again(self, region: ChangedRegion, earlier: GrayImage, new: GrayImage) -> bool:
        """Whether a frame agrees with an earlier one inside the region, and has hardly any foreground there that the earlier one has not.

        In a large region that was nearly empty before, another line of text changes only a few pixels.
        """
        if not self.is_equal(region, earlier, new):
            return False
        edges, earlier_edges = (self.edges(image[region.window]) & region.component for image in (new, earlier))
        return not edges.any() or share_within(edges, earlier_edges) >= 1 - self._parameters.minor_share

    def _with_brightness_of(self, old: GrayImage, new: GrayImage) -> GrayImage:
        """Return the new frame as bright as the old one, unless they differ by too much for the exposure of a camera."""
        parameters = self._parameters
        return match_brightness(new, old, parameters.brightness_stride, parameters.min_exposure, parameters.max_exposure)

    def is_shifted(self, region: ChangedRegion, old: GrayImage, new: GrayImage) -> bool:
        """Whether a small region shows its old content at another place (template matching): a pointer that moved a little.

        The images are enlarged: a pointer that moves by a few pixels of a large recording moves by about one pixel here.
        """
        if not region.is_small:
            return False
        parameters, factor = self._parameters, self._parameters.shift_enlargement
        before, after = old[region.window], new[region.window]
        outside = ~region.pixels
        ground = np.uint8(median(np.concatenate([before[outside], after[outside]]))) if outside.any() else np.uint8(0)
        before, after = (_enlarge(np.asarray(cv2.absdiff(part, np.full_like(part, ground)), np.uint8), factor) for part in (before, after))
        changed_pixels = region.pixels.repeat(factor, 0).repeat(factor, 1)
        rows, columns = np.nonzero((after > self.diff.contrast) & changed_pixels)
        if rows.size == 0:
            return False
        template = after[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        margin = max(template.shape)
        area = cv2.copyMakeBorder(before, margin, margin, margin, margin, cv2.BORDER_CONSTANT)
        _, best, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(area, template, cv2.TM_CCOEFF_NORMED))
        shift = max(abs(x - margin - int(columns.min())), abs(y - margin - int(rows.min()))) / factor
        return best > parameters.shifted_correlation and shift >= parameters.min_shift_pixels

    def find_regions(self, old: GrayImage, new: GrayImage, hidden_pixels: Mask) -> list[ChangedRegion]:
        """Return the regions outside `hidden_pixels` in which two frames differ by more than specks, and by more than their brightness."""
        new = self._with_brightness_of(old, new)
        return self._split(_FramePair(old, new, self._parameters), self._changed_pixels(old, new, hidden_pixels))

    def find_few_small_regions(self, old: GrayImage, new: GrayImage, hidden_pixels: Mask, max_count: int) -> list[ChangedRegion]:
        """Return the same regions if they are at most `max_count` and all small, otherwise none."""
        new = self._with_brightness_of(old, new)
        changed_pixels = self._changed_pixels(old, new, hidden_pixels)
        if np.count_nonzero(changed_pixels) >= max_count * self._max_small_region:
            return []
        regions = self._split(_FramePair(old, new, self._parameters), changed_pixels)
        return regions if len(regions) <= max_count and all(region.is_small for region in regions) else []

    def _changed_pixels(self, old: GrayImage, new: GrayImage, hidden_pixels: Mask) -> Mask:
        return np.asarray((self.diff.threshold_difference(old, new) > 0) & ~hidden_pixels)

    def _split(self, pair: _FramePair, changed_pixels: Mask) -> list[ChangedRegion]:
        """Return the regions of the changed pixels without specks."""
        if np.count_nonzero(changed_pixels) < self._min_region:
            return []
        merged_pixels = cv2.dilate(changed_pixels.astype(np.uint8), self._merge_kernel)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(merged_pixels, ltype=cv2.CV_16U)  # in two thirds of the time of 32 bits
        regions = []
        for number in range(1, count):
            left, top, width, height = (int(value) for value in stats[number, :4])
            window = np.s_[top : top + height, left : left + width]
            component = labels[window] == number
            pixels = component & changed_pixels[window]
            if np.count_nonzero(pixels) >= self._min_region:
                regions.append(self._measure(window, component, pixels, pair))
        return regions

    def _measure(self, window: Window, component: Mask, pixels: Mask, pair: _FramePair) -> ChangedRegion:
        size = int(np.count_nonzero(pixels))
        is_small = size < self._max_small_region
        old, new = pair.old[window], pair.new[window]
        counts = self._count_by_brightness(component, pixels, old, new) if is_small else self._count_by_edges(window, pixels, pair)
        lost_px, gained_px, covered_px = (count / self._px for count in counts)
        return ChangedRegion(
            window[0].start,
            window[1].start,
            pixels=pixels,
            size_px=size / self._px,
            lost_px=lost_px,
            gained_px=gained_px,
            covered_px=covered_px,
            is_small=is_small,
            component=component,
            old=old,
            new=new,
            parameters=self._parameters,
        )

    def _count_by_brightness(self, component: Mask, pixels: Mask, old: GrayImage, new: GrayImage) -> tuple[int, int, int]:
        """Count foreground lost, gained and covered against the ground around; it is lost where the ground shows again."""
        around = component & ~pixels
        ground = median(np.concatenate([old[around], new[around]]) if around.any() else new)
        contrast, share = self.diff.contrast, self._parameters.bared_share
        clear = self._parameters.bared_contrasts * contrast
        before = np.abs(old[pixels].astype(np.float32) - ground)
        after = np.abs(new[pixels].astype(np.float32) - ground)
        lost_pixels = (before > contrast) & (after < np.maximum(share * before, before - clear)) & (before - after > contrast)
        gained_pixels = (after > contrast) & (before < np.maximum(share * after, after - clear)) & (after - before > contrast)
        kept_pixels = (before > contrast) & ~lost_pixels
        return int(np.count_nonzero(lost_pixels)), int(np.count_nonzero(gained_pixels)), int(np.count_nonzero(kept_pixels))

    def _count_by_edges(self, window: Window, pixels: Mask, pair: _FramePair) -> tuple[int, int, int]:
        """Count the same by edges, as the ground may have changed too. What shows neither edge nor ground is covered."""
        missing, gained = pair.old_edges[window] & pixels, pair.new_edges[window] & pixels
        if np.count_nonzero(pixels) < self._parameters.max_ground_share * self.grid.height * self.grid.width:
            kept = _find_kept(pair.old[window], pair.new[window], pixels, self._parameters)
            kept = dilated(kept)
            missing, gained = missing & ~kept, gained & ~kept
        is_background = cv2.absdiff(pair.new[window], pair.old_ground[window]) <= self._parameters.ground_contrasts * self.diff.contrast
        lost_px = int(np.count_nonzero(missing & is_background))
        return lost_px, int(np.count_nonzero(gained)), int(np.count_nonzero(missing)) - lost_px

    def edges(self, image: GrayImage) -> Mask:
        """Return the pixels at which brightness changes steeply."""
        return find_edges(image, self._parameters.min_gradient)

    def blocks_with_edges(self, image: GrayImage) -> Mask:
        """Return the blocks that show foreground."""
        return self.grid.blocks_with_edges(image, self._parameters.min_gradient)


def _enlarge(image: GrayImage, factor: int) -> GrayImage:
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)  # type: ignore[return-value]


def _count_runs(places: npt.NDArray[np.bool_]) -> int:
    """Return the number of runs of neighbouring places that are set."""
    return int(np.count_nonzero(np.diff(places.astype(np.int8), prepend=0) == 1))


def correlation(old: GrayImage, new: GrayImage) -> float:
    """Return how alike the brightness of two vectors of pixels is: from -1 to 1."""
    a, b = old.astype(np.float32), new.astype(np.float32)
    a -= a.mean()
    b -= b.mean()
    power = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / power if power > 0 else 0.0


def _find_kept(old: GrayImage, new: GrayImage, pixels: Mask, parameters: ComparisonParameters) -> Mask:
    """Return the pixels around which two pictures show the same on another ground: a coloured box came or went, opaque or not.

    There nearly all of the changed `pixels`, foreground and ground, correlate. Another ground of the whole picture is another slide, such
    as the same template in dark.
    """
    window = (parameters.kept_window, parameters.kept_window)
    is_wide = cv2.boxFilter(pixels.astype(np.float32), -1, window) > parameters.min_changed_ground
    if not is_wide.any():
        return is_wide
    a, b = (image.astype(np.float32) - cv2.blur(image, window) for image in (old, new))  # strokes, without the slopes of photographs
    power_a, power_b, common = (cv2.boxFilter(product, -1, window) for product in (a * a, b * b, a * b))
    has_contrast = np.minimum(power_a, power_b) > parameters.min_kept_contrast**2
    return np.asarray(is_wide & has_contrast & (common > parameters.kept_correlation * np.sqrt(power_a * power_b)))


def dilated(pixels: Mask, side: int = 3) -> Mask:
    """Return the pixels in whose surroundings of this side one is set."""
    return np.asarray(cv2.dilate(pixels.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def share_within(edges: Mask, other_edges: Mask) -> float:
    """Return the share of the edges that are at most a pixel from others."""
    return float(np.count_nonzero(edges & dilated(other_edges))) / max(1, int(np.count_nonzero(edges)))
