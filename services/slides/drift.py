"""Recognition of motion of the whole picture: a slow zoom, a pan over a photograph."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.decoder import GrayImage
from services.slides.grid import Mask
from services.slides.parameters import DriftParameters


class DriftDetector:
    """Tells whether one shift, with a zoom and a rotation, explains all that moved."""

    def __init__(self, parameters: DriftParameters) -> None:
        self._parameters = parameters
        self._reference: _Landmarks | None = None
        self._failures = 0

    def is_wide(self, moving_blocks: Mask) -> bool:
        """Whether blocks moved in a good part of the picture."""
        share = self._parameters.min_extent
        extents = (np.flatnonzero(moving_blocks.any(axis)) for axis in (0, 1))
        return all(
            places.size and places[-1] - places[0] >= share * side for places, side in zip(extents, moving_blocks.shape[::-1], strict=True)
        )

    def has_only_drifted(self, image: GrayImage) -> bool | None:
        """Return True if the sample shows an earlier one, moved; False if it shows another picture; None if it is too early to tell.

        In a film, most samples are not examined.
        """
        parameters, reference = self._parameters, self._reference
        is_examined = self._failures < parameters.max_failures or self._failures % parameters.retry_interval == 0
        motion = reference.estimate_motion(image) if is_examined and reference is not None else None
        if reference is None or motion is None:
            self._failures, self._reference = self._failures + 1, _Landmarks(image, parameters)
            return False
        self._failures = 0
        if not self._is_explained(reference.image, image, motion):
            return None
        if float(np.abs(_paths(motion, image)).max()) >= parameters.min_step:
            self._reference = _Landmarks(image, parameters)
        return True

    def _is_explained(self, old: GrayImage, new: GrayImage, motion: Any) -> bool:
        """Whether hardly any difference remains once the old sample is moved. A fade is not motion: all of its difference remains."""
        before, after = cv2.blur(old, (3, 3)), cv2.blur(new, (3, 3))  # moving by parts of a pixel blurs too
        aligned_sample = cv2.warpAffine(before, motion, old.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        return cv2.norm(aligned_sample, after, cv2.NORM_L1) <= self._parameters.max_remaining * cv2.norm(before, after, cv2.NORM_L1)


def drifts_steadily(images: Sequence[GrayImage], parameters: DriftParameters) -> bool:
    """Whether the picture stands, or moves on in one direction, as in a zoom.

    In one that shakes each motion differs from the one before; one that sways slowly comes back.
    """
    steady = []
    paths: list[npt.NDArray[np.float64]] = []
    before: Any = None
    for old, new in itertools.pairwise(images[: parameters.steady_samples]):
        motion = _Landmarks(old, parameters).estimate_motion(new)
        path = None if motion is None else _paths(motion, new)
        if path is not None and before is not None:
            tolerance_px = parameters.steady_pixels + parameters.steady_share * float(np.abs(path).max())
            steady.append(float(np.abs(path - before).max()) <= tolerance_px)
            paths.append(path)
        before = path
    if len(steady) < parameters.min_steady_samples or float(np.mean(steady)) < parameters.min_steady_share:
        return False
    way_px = sum(float(np.abs(path).max()) for path in paths)
    stands = way_px < parameters.min_sway * len(paths)
    return stands or float(np.abs(sum(paths)).max()) >= parameters.min_net_share * way_px


def _paths(motion: Any, image: GrayImage) -> npt.NDArray[np.float64]:
    """Return by how many pixels the corners of the image move."""
    height, width = image.shape
    corners = np.array([(0, 0, 1), (width, 0, 1), (0, height, 1), (width, height, 1)], np.float64)
    paths: npt.NDArray[np.float64] = corners @ motion.T - corners[:, :2]
    return paths


class _Landmarks:
    """Corners of a sample that are found again in later ones."""

    def __init__(self, image: GrayImage, parameters: DriftParameters) -> None:
        self.image, self._parameters = image, parameters

    @cached_property
    def _half(self) -> GrayImage:
        return _halve(self.image)

    @cached_property
    def _corners(self) -> Any:
        parameters = self._parameters
        return cv2.goodFeaturesToTrack(self._half, parameters.corners, parameters.corner_quality, parameters.corner_distance)

    def estimate_motion(self, later_image: GrayImage) -> Any:
        """Return the shift, zoom and rotation of the picture as a 2x3 matrix, from the paths of its corners; None if they disagree."""
        parameters, corners = self._parameters, self._corners
        if corners is None or len(corners) < parameters.min_corners:
            return None
        places, track_status, _ = cv2.calcOpticalFlowPyrLK(self._half, _halve(later_image), corners, None, maxLevel=2)  # type: ignore[call-overload]
        is_tracked = track_status.reshape(-1) > 0
        if np.count_nonzero(is_tracked) < parameters.min_corners:
            return None
        motion, inliers = cv2.estimateAffinePartial2D(
            corners[is_tracked], places[is_tracked], ransacReprojThreshold=parameters.max_deviation
        )
        if motion is None or np.count_nonzero(inliers) < parameters.min_agreement * len(corners):
            return None
        return motion * np.array([1, 1, 2])


def _halve(image: GrayImage) -> GrayImage:
    return cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
