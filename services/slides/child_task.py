"""The slide engine as a task of a child process: JSON in, JSON out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from services.slides.engine import AreaSelection, Detection, ProgressCallback, detect_pages
from services.slides.grid import find_edges
from services.slides.parameters import DEFAULTS
from services.slides.sampler import Sampler
from services.slides.slide_page import SlidePage, decode_state


def detect(payload: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """Payload: url, stream_index, formats, rotation, duration_s, sensitivity, region, ignored (boxes as shares of the frame)."""
    sampler = Sampler(payload["url"], payload["formats"], payload["rotation"], payload["duration_s"], stream_index=payload["stream_index"])
    region = tuple(payload["region"]) if payload["region"] else None
    areas = AreaSelection(region, tuple(tuple(box) for box in payload["ignored"]))
    duration_s: float = payload["duration_s"]
    return _as_json(detect_pages(sampler, payload["sensitivity"], areas, duration_s, report), duration_s)


def _as_json(detection: Detection, duration_s: float) -> dict[str, Any]:
    return {
        "pages": [_page_as_json(page, duration_s) | _measure_people(page, detection) for page in detection.pages],
        "unstable_share": detection.unstable_share,
        "region": detection.region,
        "ignored": detection.ignored,
        "warnings": detection.warnings,
    }


def _measure_people(page: SlidePage, detection: Detection) -> dict[str, float]:
    """Return what tells people from slides, as shares of the picture.

    `live_share`: moved again and again while the page was shown, but for what moves on all pages; `edge_share`: edges, also soft ones;
    `stroke_share`: as dark beside as light as strokes of text and lines are.
    """
    moves_always = np.zeros_like(page.live_blocks) if detection.always_moving is None else detection.always_moving
    shares = {"live_share": float(np.mean(page.live_blocks & ~moves_always)), "edge_share": 0.0, "stroke_share": 1.0}
    if page.states:
        image = decode_state(page.states[-1])
        shares["edge_share"] = float(np.mean(find_edges(image, DEFAULTS.comparison.min_gradient)))
        shares["stroke_share"] = float(np.mean(find_edges(image, DEFAULTS.camera_shots.min_stroke_gradient)))
    return shares


def _page_as_json(page: SlidePage, duration_s: float) -> dict[str, Any]:
    """Return a page; a last frame that was held longer than the recording ends with it."""
    spans = [(start, max(start, min(end, duration_s))) for start, end in page.spans]
    return {
        "spans": spans,
        "best_frame": asdict(page.best_frame),
        "builds": [asdict(frame) for frame in page.builds],
        "resembles_earlier": page.resembles_earlier,
    }
