"""Scores found slides against known ones.

Truth: {"slides": [{id, start, end, visit, states: [{t, step, of}]}], "distinct": [ids]}; `start` is when a slide is fully shown,
`end` when the change to the next one begins, a state is final when its step is the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

TOLERANCE_S = 2.0


@dataclass(frozen=True)
class Score:
    """`f1` of slide starts on the timeline; `page_f1` of pages that show a distinct slide, clean and in its final state."""

    f1: float
    page_f1: float
    pages: int
    distinct: int
    doubled: int
    doubled_revisits: int
    missing: int
    incomplete: int
    in_transition: int
    start_error_s: float | None

    def as_plain(self) -> dict[str, Any]:
        return asdict(self)


def score(found: Mapping[str, Any], truth: Mapping[str, Any], tolerance_s: float = TOLERANCE_S) -> Score:
    pages = found["slides"]
    starts = sorted(span[0] for page in pages for span in _spans(page))
    true_starts = sorted(slide["start"] for slide in truth["slides"])
    errors = _matched(starts, true_starts, tolerance_s)
    distinct = set(truth["distinct"])
    visits: dict[str, set[int]] = {}
    final: set[str] = set()
    doubled = revisits = outside = 0
    for page in pages:
        slide, is_final = _shown_at(truth, page.get("frame_time", max(page["start"], page["end"] - 0.3)))
        if slide is None:
            outside += 1
            continue
        known = visits.get(slide["id"])
        if known is not None:
            doubled += slide["visit"] in known
            revisits += slide["visit"] not in known
        visits.setdefault(slide["id"], set()).add(slide["visit"])
        if is_final:
            final.add(slide["id"])
    good = len(final & distinct)
    return Score(
        f1=_f1(len(errors), len(starts), len(true_starts)),
        page_f1=_f1(good, len(pages), len(distinct)),
        pages=len(pages),
        distinct=len(distinct),
        doubled=doubled,
        doubled_revisits=revisits,
        missing=len(distinct - visits.keys()),
        incomplete=len((distinct & visits.keys()) - final),
        in_transition=outside,
        start_error_s=round(sum(errors) / len(errors), 3) if errors else None,
    )


def _spans(page: Mapping[str, Any]) -> Sequence[Sequence[float]]:
    spans: Sequence[Sequence[float]] = page.get("spans") or [[page["start"], page["end"]]]
    return spans


def _matched(found: Sequence[float], true: Sequence[float], tolerance_s: float) -> list[float]:
    """Errors of a largest one-to-one matching; on sorted times the greedy one is largest."""
    errors: list[float] = []
    i = j = 0
    while i < len(found) and j < len(true):
        error = found[i] - true[j]
        if abs(error) <= tolerance_s:
            errors.append(abs(error))
            i, j = i + 1, j + 1
        elif error < 0:
            i += 1
        else:
            j += 1
    return errors


def _shown_at(truth: Mapping[str, Any], time_s: float) -> tuple[Mapping[str, Any] | None, bool]:
    for slide in truth["slides"]:
        if slide["start"] <= time_s < slide["end"]:
            states = [state for state in slide["states"] if state["t"] <= time_s + 1e-6] or slide["states"][:1]
            return slide, states[-1]["step"] >= states[-1]["of"]
    return None, False


def _f1(right: int, found: int, true: int) -> float:
    return round(2 * right / (found + true), 3) if found + true else 1.0
