"""The section of the slide bench: a table of the recordings, and the goals."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from bench.context import markdown_table
from bench.slides.goals import check_goals, goal_of
from bench.slides.measure import Measurement

# Timeline F1 / page F1 of other tools on recordings with these names, one run each on one machine; PEER_CPU: CPU divided by one decode.
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


def render_section(rows: Sequence[Measurement]) -> str:
    headers = ["recording", "minutes", "F1 / page F1", "titles", "goal", "duplicates", "in transition", "start error, s"]
    headers += ["CPU / decode", "decode, CPU s", "peak MB", "CPU s per image", "PySceneDetect, content", "its CPU / decode", *PEERS]
    lines = [_cells(row) for row in rows]
    if len(rows) > 1:
        lines.append(_summary(rows))
    return "\n".join(
        [
            "## Slides",
            "",
            markdown_table(headers, lines),
            "",
            "| goal | | result | why |",
            "|---|---|---|---|",
            *check_goals(rows),
            "",
            "F1 is of slide starts on the timeline (within 2 s), page F1 of pages that show a slide in its final state.",
            "Titles: the share of slides with a labelled title whose title is right, compared by letters and digits alone.",
            "CPU is that of all processes of `python -m commands.slides VIDEO --json OUT`, divided by one plain",
            "`ffmpeg -i VIDEO -f null -`, run alternately; memory is that of all its processes together. PySceneDetect ran in the same",
            "bench; the figures of the others (F1 / page F1) are from earlier single runs on recordings with the same names, as these",
            "tools are not available here.",
            "",
        ]
    )


def _cells(row: Measurement) -> list[str]:
    result = row.score
    return [
        row.name,
        f"{row.duration_s / 60:.1f}",
        f"{result.f1:.2f} / {result.page_f1:.2f}",
        percent([result.titles]),
        goal_of(row.name),
        str(result.duplicates + result.duplicate_revisits),
        str(result.in_transition),
        "" if result.start_error_s is None else f"{result.start_error_s:.2f}",
        f"{row.ratio:.2f}",
        f"{row.decode_s:.1f}",
        f"{row.peak_mb:.0f}",
        "" if row.image_cpu_s is None else f"{row.image_cpu_s:.2f}",
        *peer_cells(row),
        *PEER_FIGURES.get(row.name, ("",) * len(PEERS)),
    ]


def _summary(rows: Sequence[Measurement]) -> list[str]:
    errors = [row.score.start_error_s for row in rows if row.score.start_error_s is not None]
    f1, page_f1 = (statistics.mean(values) for values in zip(*((row.score.f1, row.score.page_f1) for row in rows), strict=True))
    return [
        "mean; CPU median; memory maximum",
        "",
        f"{f1:.3f} / {page_f1:.3f}",
        percent([row.score.titles for row in rows]),
        "",
        str(sum(row.score.duplicates + row.score.duplicate_revisits for row in rows)),
        str(sum(row.score.in_transition for row in rows)),
        f"{statistics.mean(errors):.2f}" if errors else "",
        f"{statistics.median(row.ratio for row in rows):.2f}",
        "",
        f"{max(row.peak_mb for row in rows):.0f}",
        "",
        *peer_means(rows),
        *(f"CPU {cpu}" for cpu in PEER_CPU),
    ]


def percent(shares: Sequence[float | None]) -> str:
    known_shares = [share for share in shares if share is not None]
    return f"{100 * statistics.mean(known_shares):.0f} %" if known_shares else ""


def peer_cells(row: Measurement) -> list[str]:
    if row.peer is None:
        return ["", ""]
    return [f"{row.peer.score.f1:.2f} / {row.peer.score.page_f1:.2f}", f"{row.peer.cpu_s / row.decode_s:.2f}"]


def peer_means(rows: Sequence[Measurement]) -> list[str]:
    peers = [(row.peer.score.f1, row.peer.score.page_f1, row.peer.cpu_s / row.decode_s) for row in rows if row.peer]
    if not peers:
        return ["", ""]
    f1, page_f1, ratios = zip(*peers, strict=True)
    return [f"{statistics.mean(f1):.2f} / {statistics.mean(page_f1):.2f}", f"{statistics.median(ratios):.2f}"]
