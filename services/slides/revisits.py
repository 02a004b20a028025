"""Which runs show the same slide again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np

from services.slides.comparison import Comparer
from services.slides.decoder import Gray
from services.slides.grid import Mask
from services.slides.occurrences import SlideOccurrence, Step
from services.slides.stable_frames import Moment, packed, unpacked

_SHORTEST_S = 1.2
_JOIN_S = 0.6
_THUMBNAIL = (24, 14)
_NEAR = 40
_COMMON = 0.75
_STATES = 8


@dataclass
class Page:
    """A distinct slide: when it was shown, and the moment and look of its fullest state."""

    spans: list[list[float]]
    frame: Moment
    ink: float
    live: Mask
    states: list[bytes]
    thumbnails: list[Gray]
    steps: list[Moment] = field(default_factory=list)


def pages_of(runs: Iterable[SlideOccurrence], comparer: Comparer) -> list[Page]:
    """Distinct slides in order of first appearance; runs too short to be read join none, unless there is nothing else."""
    pages: list[Page] = []
    glimpse: SlideOccurrence | None = None
    for run in runs:
        if run.end_s - run.start_s < _SHORTEST_S:
            glimpse = glimpse or run
            continue
        known = next((page for page in reversed(pages) if _shows(page, run, comparer)), None)
        ink = comparer.ink(run.full, comparer.grid.spread(run.live))
        if known is None:
            pages.append(_new_page(run, ink))
        else:
            _add_visit(known, run, ink)
    if not pages and glimpse is not None:
        pages.append(_new_page(glimpse, 0.0))
    return pages


def _new_page(run: SlideOccurrence, ink: float) -> Page:
    states = _states(run)
    return Page(
        [[run.start_s, run.end_s]],
        run.frame,
        ink,
        run.live,
        [packed(state) for state in states],
        [_thumbnail(state) for state in states],
        _moments(run.steps),
    )


def _add_visit(page: Page, run: SlideOccurrence, ink: float) -> None:
    if run.start_s - page.spans[-1][1] < _JOIN_S:
        page.spans[-1][1] = run.end_s
    else:
        page.spans.append([run.start_s, run.end_s])
    if ink > 1.02 * page.ink:
        page.steps += [page.frame, *_moments(run.steps)]
        page.frame, page.ink = run.frame, ink
        page.states.append(packed(run.full))
        page.thumbnails.append(_thumbnail(run.full))


def _states(run: SlideOccurrence) -> list[Gray]:
    return [*[step.picture for step in run.steps][-_STATES:], run.full]


def _moments(steps: list[Step]) -> list[Moment]:
    return [step.moment for step in steps]


def _thumbnail(picture: Gray) -> Gray:
    return cv2.resize(picture, _THUMBNAIL, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _shows(page: Page, run: SlideOccurrence, comparer: Comparer) -> bool:
    """Whether the run shows a state of the page: the same ink, at most some of it marked or not yet there."""
    live = page.live | run.live
    visible = cv2.resize(live.astype(np.uint8), _THUMBNAIL, interpolation=cv2.INTER_AREA) == 0
    hidden = comparer.grid.spread(live)
    for data, thumbnail in zip(reversed(page.states), reversed(page.thumbnails), strict=True):
        if (np.abs(thumbnail.astype(np.int16) - _thumbnail(run.full))[visible]).max(initial=0) > _NEAR:
            continue
        if _same_ink(unpacked(data), run.full, hidden, comparer):
            return True
    return False


def _same_ink(old: Gray, new: Gray, hidden: Mask, comparer: Comparer) -> bool:
    patches = comparer.patches(old, new, hidden)
    if not patches:
        return True
    if any(not patch.only_adds and not patch.only_loses and not patch.is_dimmed for patch in patches):
        return False
    ink = max(1.0, min(comparer.ink(old, hidden), comparer.ink(new, hidden)))
    return sum(patch.lost + patch.gained for patch in patches) < (1 - _COMMON) * ink
