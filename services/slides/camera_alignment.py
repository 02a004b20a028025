"""A picture filmed by hand, moved to where another one shows the same: the hand sways between two visits of a slide."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from services.slides.comparison import Comparer
from services.slides.decoder import GrayImage
from services.slides.grid import Mask
from services.slides.parameters import AlignmentParameters

_STEP = 4  # pixels of the analysis frame: the motion is found at half its size


def align(image: GrayImage, reference: GrayImage, parameters: AlignmentParameters) -> tuple[GrayImage, Mask] | None:
    """Return the image warped onto the reference, and the pixels that it does not cover; None if it shows something else, or is there.

    A shift, a rotation, a scale and a shear make the correlation of both as large as it can be (Evangelidis and Psarakis, 2008).
    """
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, parameters.max_iterations, parameters.min_step)
    small, small_reference = _reduce(image), _reduce(reference)
    start: Any = np.eye(2, 3, dtype=np.float32)
    start[:, 2], _ = cv2.phaseCorrelate(small_reference.astype(np.float32), small.astype(np.float32))
    try:
        correlation, found = cv2.findTransformECC(  # type: ignore[call-overload]
            small_reference, small, start, cv2.MOTION_AFFINE, criteria, None, parameters.filter_side
        )
    except cv2.error:  # it does not converge
        return None
    warp = np.array(found)
    area = abs(float(np.linalg.det(warp[:, :2])))
    if correlation < parameters.min_correlation or not 1 / parameters.max_area_ratio < area < parameters.max_area_ratio:
        return None
    warp[:, 2] *= _STEP
    height, width = image.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float32)
    if np.abs(corners @ warp.T - corners[:, :2]).max() < parameters.min_shift:
        return None
    warped = cv2.warpAffine(image, warp, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    covered = cv2.warpAffine(np.ones_like(image), warp, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.asarray(warped, np.uint8), np.asarray(covered == 0)


def exchanged_share(old: GrayImage, new: GrayImage, hidden_pixels: Mask, comparer: Comparer, parameters: AlignmentParameters) -> float:
    """Return the share of the foreground that each of two aligned pictures has and the other one does not; of two shares the smaller."""
    aligned = align(new, old, parameters)
    if aligned is not None:
        new, uncovered_pixels = aligned
        hidden_pixels = hidden_pixels | uncovered_pixels
    return min(_lost_share(*pair, hidden_pixels, comparer) for pair in ((old, new), (new, old)))


def _lost_share(old: GrayImage, new: GrayImage, hidden_pixels: Mask, comparer: Comparer) -> float:
    regions = comparer.find_regions(old, new, hidden_pixels)
    missing_px = sum(region.missing_px for region in regions if not region.is_recoded and not region.is_dimmed)
    return missing_px / max(1.0, comparer.foreground_px(old, hidden_pixels))


def _reduce(image: GrayImage) -> GrayImage:
    return cv2.resize(image, None, fx=1 / _STEP, fy=1 / _STEP, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
