"""What the slide engine is to reach, and which of it holds."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from bench.slides.measure import Measured

ALL_RIGHT = ("a_plain", "b_builds", "c_transitions", "d_pip", "d2_side", "e_pointer", "f_clip", "g_revisit", "k_long")
NEARLY = ("h_room", "i_board", "j_number", "l_vfr")
HALF_HOUR, TWO_HOURS = "m_30min", "n_2h"
ALMOST_EMPTY = "l_vfr"  # has so few frames that decoding it costs less than starting a program
_WHY_CPU = (
    "Where something moves all the time, every frame that another needs is decoded, about 0.4 of a decode; starting Python with "
    "PyAV and OpenCV adds half a second, a tenth of decoding two minutes."
)
_WHY_PICTURE = "A picture is decoded from the key picture before it on, which may be 250 frames away; ffmpeg is started for six at a time."
_MEAN, _NEAR, _START_S = 0.98, 0.90, 0.25
_CPU, _CPU_EACH, _CPU_LONG = 0.5, 1.0, 0.4
_PEAK_MB, _GROWTH_MB, _PICTURE_S = 150, 20, 0.15


def goal_of(name: str) -> str:
    """F1 / page F1 that a recording of this name should reach; nothing for others."""
    return "1/1" if name in ALL_RIGHT else ".90/.90" if name in NEARLY else ""


def verdicts(rows: Sequence[Measured]) -> Iterator[str]:
    """A line for each goal that these recordings can tell of."""
    named = {row.name: row for row in rows}
    cases = [row for row in rows if goal_of(row.name)]
    if cases:
        f1, page_f1 = (statistics.mean(values) for values in zip(*((row.score.f1, row.score.page_f1) for row in cases), strict=True))
        yield _line(f"mean F1 and page F1 of the cases at least {_MEAN}", min(f1, page_f1) >= _MEAN, f"{f1:.3f} and {page_f1:.3f}")
        short = [row.name for row in cases if min(row.score.f1, row.score.page_f1) < (1.0 if row.name in ALL_RIGHT else _NEAR)]
        yield _line("each case at its own goal", not short, ", ".join(short) or "all are")
    if rows:
        yield from _of_all(rows)
    if TWO_HOURS in named:
        ratio = named[TWO_HOURS].ratio
        yield _line(f"two hours in at most {_CPU_LONG} of a decode", ratio <= _CPU_LONG, f"{ratio:.2f}")
    if HALF_HOUR in named and TWO_HOURS in named:
        growth = named[TWO_HOURS].peak_mb - named[HALF_HOUR].peak_mb
        yield _line(f"from 30 minutes to 2 hours at most {_GROWTH_MB} MB more", growth <= _GROWTH_MB, f"{growth:+.0f} MB")


def _of_all(rows: Sequence[Measured]) -> Iterator[str]:
    outside = sum(row.score.in_transition for row in rows)
    doubled = sum(row.score.doubled + row.score.doubled_revisits for row in rows)
    yield _line("no page inside a transition, none doubled", outside == doubled == 0, f"{outside} and {doubled}")
    errors = [row.score.start_error_s for row in rows if row.score.start_error_s is not None]
    if errors:
        yield _line(f"starts within {_START_S} s on average", max(errors) <= _START_S, f"at most {max(errors):.2f} s")
    ratios = {row.name: row.ratio for row in rows if row.name not in (ALMOST_EMPTY, HALF_HOUR, TWO_HOURS)}
    if ratios:
        median, (slowest, most) = statistics.median(ratios.values()), max(ratios.items(), key=lambda item: item[1])
        yield _line(f"CPU at most {_CPU} of a decode, median ({ALMOST_EMPTY} aside)", median <= _CPU, f"{median:.2f}", _WHY_CPU)
        yield _line(f"CPU at most {_CPU_EACH} of a decode, each ({ALMOST_EMPTY} aside)", most <= _CPU_EACH, f"{most:.2f} ({slowest})")
    peak = max(row.peak_mb for row in rows)
    yield _line(f"peak memory of the process tree at most {_PEAK_MB} MB", peak <= _PEAK_MB, f"{peak:.0f} MB")
    pictures = {row.name: row.picture_s for row in rows if row.picture_s is not None}
    if pictures:
        dearest, cost_s = max(pictures.items(), key=lambda item: item[1])
        found = f"{statistics.median(pictures.values()):.2f} s, median; most {cost_s:.2f} s ({dearest})"
        yield _line(f"a full-resolution picture in at most {_PICTURE_S} s of CPU", cost_s <= _PICTURE_S, found, _WHY_PICTURE)


def _line(goal: str, holds: bool, found: str, why: str = "") -> str:
    """`why`: what stands in the way where the goal is missed."""
    return f"| {goal} | {'holds' if holds else '**missed**'} | {found} | {'' if holds else why} |"
