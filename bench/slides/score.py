"""Scores detected slides against a truth file.

Truth: {"slides": [{id, start, end, visit, states: [{t, step, of}]}], "distinct": [ids]}. A slide is fully shown at `start`; the
change to the next one begins at `end`; a state is final if its step is the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

TOLERANCE_S = 2.0


@dataclass(frozen=True)
class Score:
    """`f1`: of slide starts on the timeline; `page_f1`: of pages that show a distinct slide in its final state.

    `duplicates`: pages of a visit that has a page already; `duplicate_revisits`: pages of a later visit of such a slide;
    `incomplete`: slides never shown in their final state; `in_transition`: pages that show no slide.
    """

    f1: float
    page_f1: float
    pages: int
    distinct: int
    duplicates: int
    duplicate_revisits: int
    missing: int
    incomplete: int
    in_transition: int
    start_error_s: float | None

    def as_plain(self) -> dict[str, Any]:
        return asdict(self)


def score(result: Mapping[str, Any], truth: Mapping[str, Any], tolerance_s: float = TOLERANCE_S) -> Score:
    pages = result["slides"]
    starts = sorted(span[0] for page in pages for span in _spans(page))
    true_starts = sorted(slide["start"] for slide in truth["slides"])
    errors = _match_starts(starts, true_starts, tolerance_s)
    distinct = set(truth["distinct"])
    visits: dict[str, set[int]] = {}
    final: set[str] = set()
    duplicates = duplicate_revisits = in_transition = 0
    for page in pages:
        slide, is_final = _slide_at(truth, page.get("frame_time", max(page["start"], page["end"] - 0.3)))
        if slide is None:
            in_transition += 1
            continue
        earlier_visits = visits.get(slide["id"])
        if earlier_visits is not None:
            duplicates += slide["visit"] in earlier_visits
            duplicate_revisits += slide["visit"] not in earlier_visits
        visits.setdefault(slide["id"], set()).add(slide["visit"])
        if is_final:
            final.add(slide["id"])
    return Score(
        f1=_f1(len(errors), len(starts), len(true_starts)),
        page_f1=_f1(len(final & distinct), len(pages), len(distinct)),
        pages=len(pages),
        distinct=len(distinct),
        duplicates=duplicates,
        duplicate_revisits=duplicate_revisits,
        missing=len(distinct - visits.keys()),
        incomplete=len((distinct & visits.keys()) - final),
        in_transition=in_transition,
        start_error_s=round(sum(errors) / len(errors), 3) if errors else None,
    )


def _spans(page: Mapping[str, Any]) -> Sequence[Sequence[float]]:
    spans: Sequence[Sequence[float]] = page.get("spans") or [[page["start"], page["end"]]]
    return spans


def _match_starts(starts: Sequence[float], true_starts: Sequence[float], tolerance_s: float) -> list[float]:
    """Return the errors of a largest one-to-one matching; on sorted times the greedy matching is largest."""
    errors: list[float] = []
    i = j = 0
    while i < len(starts) and j < len(true_starts):
        error = starts[i] - true_starts[j]
        if abs(error) <= tolerance_s:
            errors.append(abs(error))
            i, j = i + 1, j + 1
        elif error < 0:
            i += 1
        else:
            j += 1
    return errors


def _slide_at(truth: Mapping[str, Any], time_s: float) -> tuple[Mapping[str, Any] | None, bool]:
    """Return the slide shown at a time, and whether it is in its final state then."""
    for slide in truth["slides"]:
        if slide["start"] <= time_s < slide["end"]:
            states = [state for state in slide["states"] if state["t"] <= time_s + 1e-6] or slide["states"][:1]
            return slide, states[-1]["step"] >= states[-1]["of"]
    return None, False


def _f1(matched: int, detected: int, true: int) -> float:
    return round(2 * matched / (detected + true), 3) if detected + true else 1.0
