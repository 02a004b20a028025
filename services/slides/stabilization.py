"""Recordings filmed by hand: each sample is moved to where the first one was, so that only what is filmed changes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from services.slides.decoder import GrayImage
from services.slides.parameters import StabilizationParameters
from services.slides.quantiles import median, percentile
from services.slides.sample_schedule import Sample

Move = npt.NDArray[np.float64]  # an affine map of the plane, 3 x 3


def sways(images: Sequence[GrayImage], parameters: StabilizationParameters) -> bool:
    """Whether a hand films: all that the images of the first seconds show moves together, nearly all the time."""
    step = parameters.sway_stride
    changes = [
        float(np.mean(cv2.absdiff(a[::step, ::step], b[::step, ::step]) > parameters.sway_contrast)) for a, b in itertools.pairwise(images)
    ]
    if len(changes) < parameters.sway_images or percentile(np.array(changes), 25) < parameters.min_sway_share:
        return False
    stabilizer = Stabilizer(parameters)
    return median(np.array([stabilizer.measure_step(image) for image in images[: parameters.sway_images]])) >= parameters.min_sway


class Stabilizer:
    """Undoes the sway of a hand by corners that stay while slides come and go: the rim of the screen, the room, the outline of a talk."""

    def __init__(self, parameters: StabilizationParameters) -> None:
        self._parameters = parameters
        self._move: Move = np.eye(3)
        self._reference: GrayImage | None = None
        self._corners: npt.NDArray[np.float32] = np.zeros((0, 1, 2), np.float32)
        self._shown: GrayImage | None = None
        self._agreeing_share = 0.0  # of the corners that were found again

    def stabilize(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        for sample in samples:
            yield sample if sample.image is None else replace(sample, image=self._place(sample.image))

    def measure_step(self, image: GrayImage) -> float:
        """Place an image; return how far all of it had moved since the one before, in pixels; 0 if it is not known, or parts did."""
        before = self._move
        self._place(image)
        return self._reaches(self._move @ np.linalg.inv(before)) if self._agreeing_share >= self._parameters.min_whole_share else 0.0

    def _place(self, image: GrayImage) -> GrayImage:
        if self._reference is None:
            self._shown = image
            self._refer_to(image)
            return image
        placed = self._warp(image, self._move)
        residual = self._find_residual(placed)
        if residual is None:
            self._refer_to(placed)  # the next slide fills the picture
        elif self._reaches(residual) >= self._parameters.min_shift:
            self._move = np.linalg.inv(residual) @ self._move
            placed = self._warp(image, self._move)
        self._shown = placed
        return placed

    def _refer_to(self, image: GrayImage) -> None:
        parameters = self._parameters
        found = cv2.goodFeaturesToTrack(image, parameters.max_corners, parameters.corner_quality, parameters.min_corner_gap)
        self._reference, self._corners = image, np.zeros((0, 1, 2), np.float32) if found is None else np.asarray(found, np.float32)

    def _find_residual(self, placed: GrayImage) -> Move | None:
        """Return the map from the reference to the picture by which most corners that are still there moved; None if few are."""
        parameters = self._parameters
        self._agreeing_share = 0.0
        if self._reference is None or len(self._corners) < parameters.min_corners:
            return None
        start = self._corners.copy()
        window = (parameters.search_side, parameters.search_side)
        there, found, _ = cv2.calcOpticalFlowPyrLK(
            self._reference, placed, self._corners, start, winSize=window, maxLevel=parameters.search_levels
        )
        is_found = found.ravel() > 0
        if np.count_nonzero(is_found) < parameters.min_corners:
            return None
        before, after = self._corners[is_found], there[is_found]
        found_map, agrees = cv2.estimateAffine2D(before, after, method=cv2.RANSAC, ransacReprojThreshold=parameters.max_error)
        if found_map is None:
            return None
        agreeing = before[agrees.ravel() > 0].reshape(-1, 2)
        self._agreeing_share = len(agreeing) / len(before)
        if len(agreeing) < max(parameters.min_corners, parameters.min_share * len(self._corners)):
            return None
        if (np.ptp(agreeing, axis=0) / placed.shape[::-1]).min() < parameters.min_spread:
            return None
        residual: Move = np.vstack([found_map, (0, 0, 1)])
        return residual if self._reaches(residual) <= parameters.max_shift else None

    def _reaches(self, move: Move) -> float:
        """Return how far it moves a corner of the picture at most, in pixels."""
        assert self._reference is not None
        height, width = self._reference.shape
        corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64)
        return float(np.abs((corners @ move.T - corners)[:, :2]).max())

    def _warp(self, image: GrayImage, move: Move) -> GrayImage:
        """Move the image; where it has nothing to show, what was shown last remains."""
        if np.array_equal(move, np.eye(3)):
            return image
        assert self._shown is not None
        target = self._shown.copy()
        size = (image.shape[1], image.shape[0])
        cv2.warpAffine(image, move[:2], size, dst=target, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_TRANSPARENT)
        return target
