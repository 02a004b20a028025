"""Recognises pages of a deck in frames of a recording, also if a page is filmed at an angle, in poor light or behind a person.

SIFT features (Lowe, "Distinctive image features from scale-invariant keypoints", 2004) that a page and a frame share give the homography
from page to frame. The frontal view is then compared with every page window by window, and near-equal pages by the pixels in which
they differ, such as those of a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_WIDTH_PX = 640  # pixels; letters of the body of a slide are about ten high
_MAX_FEATURES = 400
_MAX_RATIO = 0.8  # of the distances to the best and the second feature
_MAX_ERROR_PX = 3.0
_MIN_INLIERS, _MAX_TRIED = 14, 3
_MIN_AREA = 0.04  # of the frame
_COMPARISON_SIZE = (320, 180)  # pixels
_WINDOW_PX = 15
_BLUR_SIGMA_PX = 1.2
_MIN_CONTRAST = 6.0  # standard deviation of a window with content
_FRAME_WEIGHT = 0.3  # of windows with content in the frame only: usually a person in front of the page
_MAX_NEAR_EQUAL_DIFFERENCE = 0.12  # between the scores of pages that are compared by their differing pixels
_MIN_DIFFERENCE = 24.0  # grey levels by which pixels of near-equal pages differ
_MAX_DEDUCTION = 0.1  # from the score of a near-equal page whose differing pixels do not fit


@dataclass(frozen=True)
class _Features:
    points: Floats  # n x 2, pixels
    descriptors: Floats  # n x 128, of length 1


class PageRecognizer:
    """Compares frames with the pictures of a deck's pages."""

    def __init__(self, pages: Sequence[Path]) -> None:
        pictures = [_read(path) for path in pages]
        self._features = [_features(picture) for picture in pictures]
        self._sizes = [picture.shape for picture in pictures]
        self._page_images = np.stack([_smooth(cv2.resize(picture, _COMPARISON_SIZE, interpolation=cv2.INTER_AREA)) for picture in pictures])

    def similarities(self, frame: Path) -> list[float] | None:
        """Return the similarity of each page to the frame, from 0 to 1; None if the frame has no page's features."""
        picture = _read(frame)
        place = self._locate(picture)
        if place is None:
            return None
        page, homography = place
        height, width = self._sizes[page]
        frontal_view = cv2.warpPerspective(picture, homography, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        view = _smooth(cv2.resize(frontal_view.astype(np.uint8), _COMPARISON_SIZE, interpolation=cv2.INTER_AREA))
        scores = np.array([_similarity(view, each) for each in self._page_images])
        near_equal_pages = np.flatnonzero(scores >= scores.max() - _MAX_NEAR_EQUAL_DIFFERENCE)
        scores[near_equal_pages] -= _MAX_DEDUCTION * _dissimilarity(view, self._page_images[near_equal_pages])
        return [float(each) for each in scores.clip(0, 1)]

    def _locate(self, picture: Grey) -> tuple[int, npt.NDArray[np.float64]] | None:
        """Return a page that is in the picture, and the homography from its pixels to those of the picture."""
        frame = _features(picture)
        if len(frame.points) < _MIN_INLIERS:
            return None
        pairs = [_match_features(page, frame) for page in self._features]
        best: tuple[int, int, npt.NDArray[np.float64]] | None = None
        for page in sorted(range(len(pairs)), key=lambda each: -len(pairs[each]))[:_MAX_TRIED]:
            if len(pairs[page]) < _MIN_INLIERS:
                break
            start, end = self._features[page].points[pairs[page][:, 0]], frame.points[pairs[page][:, 1]]
            matrix, inliers = cv2.findHomography(start, end, cv2.RANSAC, _MAX_ERROR_PX)
            if matrix is None:
                continue
            homography, count = np.asarray(matrix, np.float64), int(inliers.sum())
            if count >= _MIN_INLIERS and (best is None or count > best[0]) and _is_plausible(homography, self._sizes[page], picture.shape):
                best = (count, page, homography)
        return None if best is None else best[1:]


def _read(path: Path) -> Grey:
    """Return a grey picture, `_WIDTH` pixels wide; a black one for a file that is not a picture."""
    try:
        with Image.open(path) as picture:
            picture.draft("L", (2 * _WIDTH_PX, 1))
            height = max(1, round(_WIDTH_PX * picture.height / picture.width))
            return np.asarray(picture.convert("L").resize((_WIDTH_PX, height), Image.Resampling.BOX))
    except (UnidentifiedImageError, OSError):
        return np.zeros((_WIDTH_PX * 9 // 16, _WIDTH_PX), np.uint8)


def _features(picture: Grey) -> _Features:
    darkest, lightest = np.percentile(picture, (1, 99))
    contrast_picture = cv2.convertScaleAbs(picture.astype(np.float32) - float(darkest), alpha=255 / max(1.0, float(lightest - darkest)))
    points, descriptors = cv2.SIFT.create(_MAX_FEATURES).detectAndCompute(contrast_picture, None)
    if descriptors is None:
        return _Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    roots = np.sqrt(descriptors / np.maximum(1.0, descriptors.sum(axis=1, keepdims=True)))  # their products compare as Hellinger's kernel
    return _Features(np.array([point.pt for point in points], np.float32), roots.astype(np.float32))


def _match_features(page: _Features, frame: _Features) -> npt.NDArray[np.intp]:
    """Return pairs of indexes of features of the page and the frame that match unambiguously (ratio test of Lowe)."""
    if not len(page.points):
        return np.zeros((0, 2), np.intp)
    products = page.descriptors @ frame.descriptors.T
    rows = np.arange(len(products))
    best = products.argmax(axis=1)
    nearest = products[rows, best]
    products[rows, best] = -1
    is_clear = (1 - nearest) < _MAX_RATIO**2 * (1 - products.max(axis=1))  # squares of the distances
    return np.stack([rows[is_clear], best[is_clear]], axis=1)


def _is_plausible(homography: npt.NDArray[np.float64], page: tuple[int, ...], frame: tuple[int, ...]) -> bool:
    """Whether the page's outline in the frame is possible: convex, not mirrored and not tiny."""
    height, width = page[:2]
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float32)
    outline = cv2.perspectiveTransform(corners, homography)[0]
    area = cv2.contourArea(outline.astype(np.float32), oriented=True)
    return bool(cv2.isContourConvex(outline.astype(np.float32))) and area >= _MIN_AREA * frame[0] * frame[1]


def _smooth(picture: npt.NDArray[np.generic]) -> Floats:
    return np.asarray(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), _BLUR_SIGMA_PX), np.float32)


def _similarity(view: Floats, page: Floats) -> float:
    """Return the mean correlation of the windows in which the page has content; windows with content in the frame only count less."""
    means = [_mean(each) for each in (view, page)]
    deviations = [_deviation(each, mean) for each, mean in zip((view, page), means, strict=True)]
    gain = float(deviations[1].mean()) / max(1.0, float(deviations[0].mean()))  # a frame may have less contrast
    on_page, on_frame = deviations[1] >= _MIN_CONTRAST, deviations[0] * gain >= _MIN_CONTRAST
    weights = np.where(on_page, 1.0, np.where(on_frame, _FRAME_WEIGHT, 0.0))
    if not on_page.any():
        return 0.0
    together = _mean(view * page) - means[0] * means[1]
    correlation = together / np.maximum(deviations[0] * deviations[1], 1.0)
    return float(np.average(correlation.clip(0, 1), weights=weights))


def _deviation(picture: Floats, mean: Floats) -> Floats:
    """Return the standard deviation in each window minus the noise of the whole picture."""
    variance = np.maximum(_mean(picture * picture) - mean * mean, 0)
    return np.asarray(np.sqrt(np.maximum(variance - np.percentile(variance, 10), 0)), np.float32)


def _mean(picture: Floats) -> Floats:
    return np.asarray(cv2.boxFilter(picture, -1, (_WINDOW_PX, _WINDOW_PX)), np.float32)


def _dissimilarity(view: Floats, pages: Floats) -> npt.NDArray[np.float64]:
    """Return the distance of the view to each of near-equal pages, from 0 to 1, by the pixels in which the pages differ."""
    differ = pages.max(axis=0) - pages.min(axis=0) >= _MIN_DIFFERENCE
    errors = np.zeros(len(pages))
    if not differ.any():
        return errors
    is_common = ~differ
    gain, offset = np.polyfit(view[is_common], pages[:, is_common].mean(axis=0), 1) if is_common.any() else (1.0, 0.0)
    errors = np.abs(view[differ] * gain + offset - pages[:, differ]).mean(axis=1)
    return np.asarray((errors - errors.min()) / max(1.0, float(errors.max() - errors.min())), np.float64)
