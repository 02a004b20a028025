"""Scores the slide engine on a folder of labelled recordings: `python -m bench.slides --media FOLDER --out SECTION.md`.

Every X.truth.json in the folder (see score.py) belongs to the recording it names in `file`, else to X.mp4. Time is CPU time of the
whole process tree against that of one plain decode (`ffmpeg -i X -f null -`), the two taken in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.slides.score import Score, score

# Timeline F1 / page F1 of other tools on recordings of these names, one run each on one machine; their CPU against one decode below.
PEERS = ("EKarton", "Thakii worker", "Thakii pdf-engine", "PySceneDetect content")
PEER_FIGURES = {
    "a_plain": ("1/1", ".96/.96", "1/1", ".59/.59"),
    "b_builds": (".74/.74", ".56/.56", "1/1", ".25/.25"),
    "c_transitions": (".86/.19", ".96/.96", ".67/.22", ".40/.27"),
    "d_pip": ("1/1", ".40/.80", "1/1", ".61/.61"),
    "d2_side": ("1/1", ".18/.36", ".80/.80", ".20/.20"),
    "e_pointer": ("1/1", "1/1", "1/1", ".61/.61"),
    "f_clip": (".80/.80", ".89/.89", "1/1", ".86/.86"),
    "g_revisit": (".82/.57", ".80/.74", ".79/.59", ".67/.40"),
    "h_room": (".28/.33", ".20/.40", ".93/.93", ".22/.22"),
    "i_board": (".80/.80", ".80/.80", ".80/.80", "1/1"),
    "j_number": (".33/.33", ".33/.33", ".33/.33", ".18/.18"),
    "k_long": (".40/.40", ".27/.40", "1/1", ".75/.75"),
    "l_vfr": ("0/1", "0/1", "0/1", "0/.36"),
}
PEER_CPU = ("3.04", "1.77", "3.02", "2.29")


@dataclass(frozen=True)
class Measured:
    name: str
    score: Score
    ratio: float
    peak_mb: float


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


def measure(truth_file: Path, name: str, runs: int) -> Measured:
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    video = truth_file.with_name(truth.get("file") or f"{name}.mp4")
    ratios, peaks = [], []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        for _ in range(runs):
            decode_s, _ = timed(["ffmpeg", "-nostdin", "-v", "error", "-i", str(video), "-f", "null", "-"])
            engine_s, peak = timed([sys.executable, "-m", "commands.slides", str(video), "--json", str(out)])
            ratios.append(engine_s / decode_s)
            peaks.append(peak)
        found = json.loads(out.read_text(encoding="utf-8"))
    return Measured(name, score(found, truth), statistics.median(ratios), max(peaks))


def timed(command: Sequence[str]) -> tuple[float, float]:
    """CPU seconds of the whole tree, and the largest resident set of one of its processes in MB."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def section(rows: Sequence[Measured]) -> str:
    head = ["recording", "F1", "page F1", "doubled", "in transition", "start error, s", "CPU / decode", "peak MB", *PEERS]
    lines = ["## Slides", "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in rows:
        result = row.score
        figures = (
            row.name,
            f"{result.f1:.2f}",
            f"{result.page_f1:.2f}",
            str(result.doubled + result.doubled_revisits),
            str(result.in_transition),
            f"{result.start_error_s}",
            f"{row.ratio:.2f}",
            f"{row.peak_mb:.0f}",
            *PEER_FIGURES.get(row.name, ("",) * len(PEERS)),
        )
        lines.append(f"| {' | '.join(figures)} |")
    if rows:
        errors = [row.score.start_error_s for row in rows if row.score.start_error_s is not None]
        figures = (
            "mean (CPU: median; memory: most)",
            f"{statistics.mean(row.score.f1 for row in rows):.3f}",
            f"{statistics.mean(row.score.page_f1 for row in rows):.3f}",
            str(sum(row.score.doubled + row.score.doubled_revisits for row in rows)),
            str(sum(row.score.in_transition for row in rows)),
            f"{statistics.mean(errors):.2f}" if errors else "",
            f"{statistics.median(row.ratio for row in rows):.2f}",
            f"{max(row.peak_mb for row in rows):.0f}",
            *(f"CPU {cpu}" for cpu in PEER_CPU),
        )
        lines.append(f"| {' | '.join(figures)} |")
    lines += [
        "",
        "F1 is that of slide starts on the timeline (within 2 s), page F1 that of clean pages in their final state.",
        "The other tools' columns give F1 / page F1 of earlier single runs on recordings of the same names.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
