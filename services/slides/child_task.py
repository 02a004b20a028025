"""The slide engine as a child process runs it: plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from services.slides.engine import Found, Places, find_pages
from services.slides.revisits import Page
from services.slides.sampler import Sampler
from services.slides.stable_frames import Moment


def detect(payload: dict[str, Any], report: Callable[[float, float], None]) -> dict[str, Any]:
    """Payload: url, formats, rotation, duration_s, sensitivity, region, ignored (boxes as shares of the picture)."""
    sampler = Sampler(payload["url"], payload["formats"], payload["rotation"], payload["duration_s"])
    region = tuple(payload["region"]) if payload["region"] else None
    places = Places(region, tuple(tuple(place) for place in payload["ignored"]))
    return _plain(find_pages(sampler, payload["sensitivity"], places, payload["duration_s"], report))


def _plain(found: Found) -> dict[str, Any]:
    return {
        "pages": [_page(page) for page in found.pages],
        "unquiet_share": found.unstable_share,
        "region": found.region,
        "ignored": found.ignored,
        "warnings": found.warnings,
    }


def _page(page: Page) -> dict[str, Any]:
    return {"spans": page.spans, "frame": _moment(page.frame), "steps": [_moment(step) for step in page.steps]}


def _moment(moment: Moment) -> dict[str, Any]:
    return asdict(moment)
