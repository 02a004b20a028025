"""Small objects that are seen at several places, one after the other: mouse pointers, laser pointers and highlighted circles.

On a blank ground a pointer leaves again or has a trail. On text, or together with a new line, it looks like exchanged foreground; there it
is recognised by its image, which was seen on a blank ground elsewhere in the recording.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.comparison import ChangedRegion, Comparer, Window
from services.slides.decoder import GrayImage
from services.slides.frame_spool import StableFrameSpool
from services.slides.grid import Mask
from services.slides.parameters import MovedObjectParameters
from services.slides.quantiles import median

Movement = Literal["came", "left"]
Pixels = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Sighting:
    """An object that came to a blank ground or left it, and the pictures with and without it."""

    window: Window
    came: bool
    with_object: GrayImage
    without_object: GrayImage
    mask: Mask


class MovedObjectFinder:
    """Looks for the object of a changed region at other places, some stable frames before and after."""

    def __init__(self, comparer: Comparer, frames: StableFrameSpool, hidden: Mask, parameters: MovedObjectParameters) -> None:
        """`hidden`: pixels that are never compared."""
        self._comparer, self._frames, self._hidden, self._parameters = comparer, frames, hidden, parameters
        self._cache: OrderedDict[int, list[_Sighting]] = OrderedDict()

    def find(self, region: ChangedRegion, regions: Sequence[ChangedRegion], index: int, old: GrayImage, new: GrayImage) -> Movement | None:
        """Return whether the region shows an object that came or only left; None if anything else has changed there.

        `old` and `new` are the pictures whose difference the region is; `index` is the number of the stable frame that shows `new`.
        """
        if not region.is_small or self._comparer.diff.shaky:
            return None
        movement = _find_same_outline(region, regions, self._parameters)
        if movement is not None:
            return movement
        departed_mask = None if region.only_adds else self._find_object(region, index, old, new, came=True)
        if departed_mask is not None and self._is_explained(region, departed_mask, region.old, region.new):
            return "left"
        arrived_mask = self._find_object(region, index, new, old, came=False)
        if arrived_mask is None:
            return None
        if self._is_explained(region, arrived_mask, region.new, region.old):
            return "came"
        return "came" if departed_mask is not None and self._is_minor(region.pixels & ~arrived_mask & ~departed_mask, region) else None

    def _is_explained(self, region: ChangedRegion, object_mask: Mask, with_object: GrayImage, without_object: GrayImage) -> bool:
        """Whether `with_object` has the object and hardly any other change; a translucent circle round it weakens the foreground below."""
        ground = median(np.concatenate([image[region.component & ~region.pixels] for image in (with_object, without_object)]))
        weaker, stronger = (np.abs(image.astype(np.float32) - ground) for image in (with_object, without_object))
        is_translucent = (weaker > self._parameters.min_translucency * stronger) & (weaker <= stronger)
        return self._is_minor(region.pixels & ~object_mask & ~is_translucent, region)

    def _is_minor(self, remaining: Mask, region: ChangedRegion) -> bool:
        return int(np.count_nonzero(remaining)) <= self._parameters.max_unexplained_share * int(np.count_nonzero(region.pixels))

    def _find_object(self, region: ChangedRegion, index: int, image: GrayImage, other: GrayImage, *, came: bool) -> Mask | None:
        """Return the part of the region in which `image` shows an object that came to another place (`came`) or left one."""
        best_mask = None
        for sighting in self._sightings_near(index):
            if sighting.came is came and not _overlap(sighting.window, region.window) and self._may_fit(sighting, region):
                mask = self._match(sighting, region, image, other)
                if mask is not None and (
                    best_mask is None or np.count_nonzero(mask & region.pixels) > np.count_nonzero(best_mask & region.pixels)
                ):
                    best_mask = mask
        return best_mask

    def _may_fit(self, sighting: _Sighting, region: ChangedRegion) -> bool:
        """Whether the region may show the object: it changes a good part of it, and what is added on a blank ground is as large."""
        if np.count_nonzero(region.pixels) < self._parameters.min_changed_share * np.count_nonzero(sighting.mask):
            return False
        sides = zip(sighting.mask.shape, region.pixels.shape, strict=True)
        return not region.only_adds or all(abs(a - b) <= self._parameters.search_margin for a, b in sides)

    def _sightings_near(self, index: int) -> Iterator[_Sighting]:
        reach = self._parameters.reach_frames
        for number in range(max(1, index - reach), min(len(self._frames), index + reach + 1)):
            if number not in self._cache:
                self._cache[number] = self._find_sightings(number)
                if len(self._cache) > 2 * reach + 2:
                    self._cache.popitem(last=False)
            yield from self._cache[number]

    def _find_sightings(self, index: int) -> list[_Sighting]:
        """Return the objects on a blank ground by which a stable frame differs from the one before, if hardly anything else changed."""
        before, after = self._frames[index - 1], self._frames[index]
        hidden = self._comparer.hidden_pixels(before.moving_blocks, after.moving_blocks) | self._hidden
        sightings = []
        for region in self._comparer.find_few_small_regions(before.image, after.image, hidden, self._parameters.max_regions):
            if region.size_px >= self._parameters.min_object_px and region.only_adds != region.only_loses:
                images = before.image[region.window], after.image[region.window]
                with_object, without_object = reversed(images) if region.only_adds else images
                sightings.append(_Sighting(region.window, region.only_adds, with_object, without_object, _fill(region.pixels)))
        return sightings

    def _match(self, sighting: _Sighting, region: ChangedRegion, image: GrayImage, other: GrayImage) -> Mask | None:
        """Return the object's mask where `image` agrees best with it (template matching); None if it differs, or `other` agrees too.

        The pictures are enlarged, as an object may have moved by a fraction of a pixel. A part of it may be outside the picture.
        """
        factor, search = self._parameters.enlargement, self._parameters.search_margin
        (height, width), border = sighting.mask.shape, search + max(sighting.mask.shape)
        rows = slice(region.top + border - search, region.top + border + search + max(region.pixels.shape[0], height))
        columns = slice(region.left + border - search, region.left + border + search + max(region.pixels.shape[1], width))
        inside = _with_border(np.ones_like(image), border)[rows, columns].repeat(factor, 0).repeat(factor, 1).astype(np.float32)
        with_object, without_object = (_enlarge(part, factor) for part in (sighting.with_object, sighting.without_object))
        weights = sighting.mask.astype(np.float32).repeat(factor, 0).repeat(factor, 1)
        energy = _sums_of_visible(inside, weights * np.square(with_object - without_object))
        area, other_area = (_enlarge(_with_border(each, border)[rows, columns], factor) for each in (image, other))
        differences = _squared_differences(area, inside, with_object, weights)
        differences[energy < self._parameters.min_visible_share * energy.max()] = np.inf
        _, _, (x, y), _ = cv2.minMaxLoc(differences / np.maximum(energy, 1))
        place = np.s_[y : y + weights.shape[0], x : x + weights.shape[1]]
        difference_other = float((inside[place] * weights * np.square(other_area[place] - with_object)).sum())
        if differences[y, x] > min(self._parameters.max_difference * energy[y, x], self._parameters.max_ratio * difference_other):
            return None
        return _place(sighting.mask, round(y / factor) - search, round(x / factor) - search, region.pixels.shape)


def _find_same_outline(region: ChangedRegion, regions: Sequence[ChangedRegion], parameters: MovedObjectParameters) -> Movement | None:
    """Return whether an object came to this region or left it, if it left or came to a blank ground in one with the same outline.

    That is a translucent circle round a pointer: on text it changes the contrast of what it covers, so that its image is another one.
    A line of text that moves is long, and leaves a blank ground.
    """
    height, width = _outline(region).shape
    if region.only_loses or region.only_adds or max(height, width) > parameters.max_outline_sides * min(height, width):
        return None
    for other in regions:
        is_one_way = other is not region and other.only_adds != other.only_loses and other.size_px >= parameters.min_outlined_px
        if is_one_way and _intersection_over_union(_outline(region), _outline(other)) > parameters.min_same_outline:
            return "left" if other.only_adds else "came"
    return None


def _outline(region: ChangedRegion) -> Mask:
    """Return the filled mask of a region without the margin around it."""
    filled_mask = _fill(region.pixels)
    rows, columns = np.flatnonzero(filled_mask.any(1)), np.flatnonzero(filled_mask.any(0))
    return filled_mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _intersection_over_union(one: Mask, other: Mask) -> float:
    """Return the intersection over union of two masks, at the best shift of at most a pixel."""
    shape = np.maximum(one.shape, other.shape) + 2
    padded_mask = _pad_to(one, shape, 1, 1)
    shifted_masks = (_pad_to(other, shape, top, left) for top, left in itertools.product(range(3), repeat=2))
    return max(float(np.count_nonzero(padded_mask & shifted) / np.count_nonzero(padded_mask | shifted)) for shifted in shifted_masks)


def _pad_to(mask: Mask, shape: npt.NDArray[np.intp], top: int, left: int) -> Mask:
    height, width = mask.shape
    return np.pad(mask, ((top, int(shape[0]) - height - top), (left, int(shape[1]) - width - left)))


def _squared_differences(area: Pixels, inside: Pixels, template: Pixels, weights: Pixels) -> Pixels:
    """Return the sum of weighted squared differences at each place; pixels outside the picture count as equal."""
    squares = _correlate(area * area * inside, weights) + _sums_of_visible(inside, weights * template * template)
    return np.asarray(np.maximum(squares - 2 * _correlate(area * inside, weights * template), 0), np.float32)


def _sums_of_visible(inside: Pixels, template: Pixels) -> Pixels:
    """Return the sum of the template's pixels inside the picture, at each place."""
    if inside.all():
        height, width = (side - length + 1 for side, length in zip(inside.shape, template.shape, strict=True))
        return np.full((height, width), template.sum(), np.float32)
    return _correlate(inside, template)


def _correlate(area: Pixels, template: Pixels) -> Pixels:
    return np.asarray(cv2.matchTemplate(area, template, cv2.TM_CCORR), np.float32)


def _with_border(image: GrayImage, border: int) -> GrayImage:
    return cv2.copyMakeBorder(image, border, border, border, border, cv2.BORDER_CONSTANT)  # type: ignore[return-value]


def _overlap(one: Window, other: Window) -> bool:
    return all(a.start < b.stop and b.start < a.stop for a, b in zip(one, other, strict=True))


def _fill(mask: Mask) -> Mask:
    """Return the mask without holes: a pointer is as bright as the ground inside its outline."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled_mask = np.zeros(mask.shape, np.uint8)
    return np.asarray(cv2.drawContours(filled_mask, contours, -1, 1, cv2.FILLED) > 0)


def _enlarge(image: GrayImage, factor: int) -> Pixels:
    large = cv2.resize(image.astype(np.float32), None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32)


def _place(mask: Mask, top: int, left: int, shape: tuple[int, ...]) -> Mask:
    """Return a mask of the given shape with the object, one pixel wider, at a place that may lie partly outside."""
    margin = max(*mask.shape, *shape) + 2
    large = np.zeros((shape[0] + 2 * margin, shape[1] + 2 * margin), np.uint8)
    large[margin + top : margin + top + mask.shape[0], margin + left : margin + left + mask.shape[1]] = mask
    wider = cv2.dilate(large, np.ones((3, 3), np.uint8)) > 0
    return np.asarray(wider[margin : margin + shape[0], margin : margin + shape[1]])
