"""Scores the slide engine on a folder of labelled recordings: `python -m bench.slides --media FOLDER --out SECTION.md`.

Every X.truth.json in the folder (see score.py) belongs to the recording it names in `file`, else to X.mp4.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.context import table
from bench.slides.goals import goal_of, verdicts
from bench.slides.measure import Measured, measure

# Timeline F1 / page F1 of other tools on recordings of these names, one run each on one machine; their CPU against one decode below.
PEERS = ("EKarton", "Thakii worker", "Thakii pdf-engine")
PEER_FIGURES = {
    "a_plain": ("1/1", ".96/.96", "1/1"),
    "b_builds": (".74/.74", ".56/.56", "1/1"),
    "c_transitions": (".86/.19", ".96/.96", ".67/.22"),
    "d_pip": ("1/1", ".40/.80", "1/1"),
    "d2_side": ("1/1", ".18/.36", ".80/.80"),
    "e_pointer": ("1/1", "1/1", "1/1"),
    "f_clip": (".80/.80", ".89/.89", "1/1"),
    "g_revisit": (".82/.57", ".80/.74", ".79/.59"),
    "h_room": (".28/.33", ".20/.40", ".93/.93"),
    "i_board": (".80/.80", ".80/.80", ".80/.80"),
    "j_number": (".33/.33", ".33/.33", ".33/.33"),
    "k_long": (".40/.40", ".27/.40", "1/1"),
    "l_vfr": ("0/1", "0/1", "0/1"),
}
PEER_CPU = ("3.04", "1.77", "3.02")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.slides", description=__doc__)
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--runs", type=int, default=1, help="how often each is timed; the median counts")
    parser.add_argument("--only", help="names, separated by commas")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",") if arguments.only else None
    rows = []
    for truth_file in sorted(arguments.media.glob("**/*.truth.json")):
        name = truth_file.name.removesuffix(".truth.json")
        if wanted is None or name in wanted:
            rows.append(measure(truth_file, name, arguments.runs))
            print(rows[-1], file=sys.stderr, flush=True)
    text = section(rows)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
    else:
        print(text)


def section(rows: Sequence[Measured]) -> str:
    head = ["recording", "minutes", "F1 / page F1", "goal", "doubled", "in transition", "start error, s"]
    head += ["CPU / decode", "decode, CPU s", "peak MB", "a picture, CPU s", "PySceneDetect, content", "its CPU / decode", *PEERS]
    lines = [_cells(row) for row in rows]
    if len(rows) > 1:
        lines.append(_summary(rows))
    return "\n".join(
        [
            "## Slides",
            "",
            table(head, lines),
            "",
            "| goal | | found | why |",
            "|---|---|---|---|",
            *verdicts(rows),
            "",
            "F1 is that of slide starts on the timeline (within 2 s), page F1 that of clean pages in their final state.",
            "CPU is that of `python -m commands.slides VIDEO --json OUT`, all its processes, to one plain `ffmpeg -i VIDEO -f null -`,",
            "the two taken in turn; memory is that of all its processes together. PySceneDetect ran beside them; what the others",
            "give (F1 / page F1) is from earlier single runs on recordings of the same names: they can't be had here.",
            "",
        ]
    )


def _cells(row: Measured) -> list[str]:
    found = row.score
    return [
        row.name,
        f"{row.duration_s / 60:.1f}",
        f"{found.f1:.2f} / {found.page_f1:.2f}",
        goal_of(row.name),
        str(found.doubled + found.doubled_revisits),
        str(found.in_transition),
        "" if found.start_error_s is None else f"{found.start_error_s:.2f}",
        f"{row.ratio:.2f}",
        f"{row.decode_s:.1f}",
        f"{row.peak_mb:.0f}",
        "" if row.picture_s is None else f"{row.picture_s:.2f}",
        *_peer_cells(row),
        *PEER_FIGURES.get(row.name, ("",) * len(PEERS)),
    ]


def _summary(rows: Sequence[Measured]) -> list[str]:
    errors = [row.score.start_error_s for row in rows if row.score.start_error_s is not None]
    f1, page_f1 = (statistics.mean(values) for values in zip(*((row.score.f1, row.score.page_f1) for row in rows), strict=True))
    return [
        "mean; CPU median; memory most",
        "",
        f"{f1:.3f} / {page_f1:.3f}",
        "",
        str(sum(row.score.doubled + row.score.doubled_revisits for row in rows)),
        str(sum(row.score.in_transition for row in rows)),
        f"{statistics.mean(errors):.2f}" if errors else "",
        f"{statistics.median(row.ratio for row in rows):.2f}",
        "",
        f"{max(row.peak_mb for row in rows):.0f}",
        "",
        *_mean_of_peer(rows),
        *(f"CPU {cpu}" for cpu in PEER_CPU),
    ]


def _peer_cells(row: Measured) -> list[str]:
    if row.peer is None:
        return ["", ""]
    return [f"{row.peer.score.f1:.2f} / {row.peer.score.page_f1:.2f}", f"{row.peer.cpu_s / row.decode_s:.2f}"]


def _mean_of_peer(rows: Sequence[Measured]) -> list[str]:
    peers = [(row.peer.score.f1, row.peer.score.page_f1, row.peer.cpu_s / row.decode_s) for row in rows if row.peer]
    if not peers:
        return ["", ""]
    f1, page_f1, ratios = zip(*peers, strict=True)
    return [f"{statistics.mean(f1):.2f} / {statistics.mean(page_f1):.2f}", f"{statistics.median(ratios):.2f}"]


if __name__ == "__main__":
    main()
