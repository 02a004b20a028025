"""Sequences of drawn pictures as the engine samples them, without a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from services.slides.decoder import GrayImage
from services.slides.engine import AreaSelection, Detection, detect_pages
from services.slides.parameters import DEFAULTS
from services.slides.sample_schedule import Sample

SIZE = (480, 270)
PAPER = 245


def draw_page(lines: Sequence[str], left: int = 30, paper: int = PAPER, text_level: int = 25) -> GrayImage:
    """Draw lines of text, the first one large."""
    page = np.full(SIZE[::-1], paper, np.uint8)
    for number, text in enumerate(lines):
        scale, top = (0.9, 40) if number == 0 else (0.5, 60 + 28 * number)
        cv2.putText(page, text, (left, top), cv2.FONT_HERSHEY_SIMPLEX, scale, text_level, 2 if number == 0 else 1, cv2.LINE_AA)
    return page


def beside_participants(slide: GrayImage) -> GrayImage:
    """Draw the slide smaller, with four still participants of a meeting at its right."""
    picture = np.full(SIZE[::-1], 30, np.uint8)
    picture[34:236, :360] = cv2.resize(slide, (360, 202), interpolation=cv2.INTER_AREA)
    for row in range(4):
        cv2.rectangle(picture, (372, 8 + 64 * row), (470, 64 + 64 * row), 120, -1)
        for line in range(6):
            cv2.putText(picture, "Ada Grace Emmy No", (374, 16 + 64 * row + 9 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.3, 235, 1, cv2.LINE_AA)
    return picture


def reveal(old: GrayImage, new: GrayImage, steps: int) -> list[tuple[GrayImage, float]]:
    """Draw the new picture over the old one from left to right, one step a sample."""
    frames = []
    for step in range(1, steps + 1):
        page = old.copy()
        edge = SIZE[0] * step // (steps + 1)
        page[:, :edge] = new[:, :edge]
        frames.append((page, DEFAULTS.sampling.period_s))
    return frames


def detect(frames: Iterable[tuple[GrayImage, float]]) -> Detection:
    """Run the engine on pictures that are shown for some seconds each."""
    period_s = DEFAULTS.sampling.period_s
    images = [image for image, duration_s in frames for _ in range(round(duration_s / period_s))]
    times = [number * period_s for number in range(len(images))]
    return detect_samples(
        [Sample(time_s, max(0.0, time_s - period_s), time_s, False, image) for time_s, image in zip(times, images, strict=True)]
    )


def detect_sparse(frames: Iterable[tuple[GrayImage, float]], frame_gap_s: float = float("inf")) -> Detection:
    """Run the engine on a file with a frame for each picture; `frame_gap_s`: the frame before each of them, such as one of a fade."""
    period_s = DEFAULTS.sampling.period_s
    samples: list[Sample] = []
    for image, duration_s in frames:
        pts_s = len(samples) * period_s
        for step in range(round(duration_s / period_s)):
            time_s = pts_s + step * period_s
            samples.append(Sample(time_s, max(0.0, time_s - period_s), pts_s, False, None if step else image, frame_gap_s=frame_gap_s))
    return detect_samples(samples)


def detect_samples(samples: list[Sample]) -> Detection:
    """Run the engine on samples."""
    return detect_pages(samples, "normal", AreaSelection(), samples[-1].time_s, lambda done, total: None)  # type: ignore[arg-type]


def visits(detection: Detection) -> list[list[list[float]]]:
    """Return the visits of each page in seconds, rounded to halves."""
    return [[[round(2 * time_s) / 2 for time_s in span] for span in page.spans] for page in detection.pages]
