"""Scores detected slides against a truth file.

Truth: {"slides": [{id, start, end, visit, states: [{t, step, of}], optional, title}], "distinct": [ids]}. A slide is fully shown at
`start`; the change to the next one begins at `end`; a state is final if its step is the last. A visit marked `optional` may be shown or
left out, and so may a slide that `distinct` does not name; a start counts for such a visit only if it belongs to no other one. Titles are
compared where pages have them: letters and digits alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

TOLERANCE_S = 2.0
_ROUNDING_S = 1e-3


@dataclass(frozen=True)
class Score:
    """`f1`: of slide starts on the timeline; `page_f1`: of pages that show a distinct slide in its final state.

    `duplicates`: pages of a visit that has a page already; `duplicate_revisits`: pages of a later visit of such a slide;
    `incomplete`: slides never shown in their final state; `in_transition`: pages that show no slide; `overlaps`: visits that begin
    before the one before them ends; `titles`: share of right titles, None if there are none; `titled_pages`: of so many
    pages.
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
    overlaps: int = 0
    titles: float | None = None
    titled_pages: int = 0

    def as_plain(self) -> dict[str, Any]:
        return asdict(self)


def score(result: Mapping[str, Any], truth: Mapping[str, Any], tolerance_s: float = TOLERANCE_S) -> Score:
    pages = result["slides"]
    starts = sorted(span[0] for page in pages for span in _spans(page))
    true_visits = sorted(truth["slides"], key=lambda slide: slide["start"])
    required_starts, optional_starts = (
        [slide["start"] for slide in true_visits if bool(slide.get("optional")) is kind] for kind in (False, True)
    )
    matches = _match_starts(starts, required_starts, tolerance_s)
    matched_numbers = {number for number, _ in matches}
    others = [start for number, start in enumerate(starts) if number not in matched_numbers]
    optional_matches = len(_match_starts(others, optional_starts, tolerance_s))
    errors = [error for _, error in matches]
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
    titles = _compare_titles(pages, truth)
    return Score(
        f1=_f1(len(matches), len(starts) - optional_matches, len(required_starts)),
        page_f1=_f1(len(final & distinct), len(pages) - len(visits.keys() - distinct), len(distinct)),
        pages=len(pages),
        distinct=len(distinct),
        duplicates=duplicates,
        duplicate_revisits=duplicate_revisits,
        missing=len(distinct - visits.keys()),
        incomplete=len((distinct & visits.keys()) - final),
        in_transition=in_transition,
        start_error_s=round(sum(errors) / len(errors), 3) if errors else None,
        overlaps=_count_overlaps(pages),
        titles=round(sum(titles) / len(titles), 3) if titles else None,
        titled_pages=len(titles),
    )


def _spans(page: Mapping[str, Any]) -> Sequence[Sequence[float]]:
    spans: Sequence[Sequence[float]] = page.get("spans") or [[page["start"], page["end"]]]
    return spans


def _count_overlaps(pages: Sequence[Mapping[str, Any]]) -> int:
    visits = sorted(tuple(span) for page in pages for span in _spans(page))
    return sum(after[0] < before[1] - _ROUNDING_S for before, after in itertools.pairwise(visits))


def _compare_titles(pages: Sequence[Mapping[str, Any]], truth: Mapping[str, Any]) -> list[bool]:
    """Return for each page whose slide has a labelled title whether it has that title."""
    titles = {slide["id"]: slide["title"] for slide in truth["slides"] if slide.get("title")}
    right = []
    for page in pages:
        slide, _ = _slide_at(truth, page.get("frame_time", page["start"]))
        if "title" in page and slide is not None and slide["id"] in titles:
            right.append(_letters(page["title"] or "") == _letters(titles[slide["id"]]))
    return right


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _match_starts(starts: Sequence[float], true_starts: Sequence[float], tolerance_s: float) -> list[tuple[int, float]]:
    """Return the numbers of the starts in a largest one-to-one matching, with errors; on sorted times the greedy one is largest."""
    errors: list[tuple[int, float]] = []
    i = j = 0
    while i < len(starts) and j < len(true_starts):
        error = starts[i] - true_starts[j]
        if abs(error) <= tolerance_s:
            errors.append((i, abs(error)))
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


def _f1(matched_count: int, detected_count: int, true: int) -> float:
    return round(2 * matched_count / (detected_count + true), 3) if detected_count + true else 1.0
