"""The slide engine as a task of a child process: JSON in, JSON out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from services.slides.engine import AreaSelection, Detection, ProgressCallback, detect_pages
from services.slides.sampler import Sampler
from services.slides.slide_page import SlidePage


def detect(payload: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """Payload: url, stream_index, formats, rotation, duration_s, sensitivity, region, ignored (boxes as shares of the frame)."""
    sampler = Sampler(payload["url"], payload["formats"], payload["rotation"], payload["duration_s"], stream_index=payload["stream_index"])
    region = tuple(payload["region"]) if payload["region"] else None
    areas = AreaSelection(region, tuple(tuple(box) for box in payload["ignored"]))
    duration_s: float = payload["duration_s"]
    return _as_json(detect_pages(sampler, payload["sensitivity"], areas, duration_s, report), duration_s)


def _as_json(detection: Detection, duration_s: float) -> dict[str, Any]:
    return {
        "pages": [_page_as_json(page, duration_s) for page in detection.pages],
        "unstable_share": detection.unstable_share,
        "region": detection.region,
        "ignored": detection.ignored,
        "warnings": detection.warnings,
    }


def _page_as_json(page: SlidePage, duration_s: float) -> dict[str, Any]:
    """Return a page; a last frame that was held longer than the recording ends with it."""
    spans = [(start, max(start, min(end, duration_s))) for start, end in page.spans]
    return {
        "spans": spans,
        "best_frame": asdict(page.best_frame),
        "builds": [asdict(frame) for frame in page.builds],
        "resembles_earlier": page.resembles_earlier,
    }
