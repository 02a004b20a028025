"""Runs PySceneDetect (https://www.scenedetect.com, BSD-3-Clause) on the same recordings, with its command line."""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.slides.score import Score, score

_START, _END = "Start Time (seconds)", "End Time (seconds)"


@dataclass(frozen=True)
class PeerResult:
    """The score and the CPU time of all processes."""

    score: Score
    cpu_s: float


def score_scenedetect(video: Path, truth: Mapping[str, Any], run_timed: Callable[[Sequence[str]], tuple[float, float]]) -> PeerResult:
    """Run the content detector with default settings. A scene counts as a slide, shown by a frame just before its end."""
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-m", "scenedetect", "-q", "-i", str(video), "-o", folder]
        cpu_s, _ = run_timed([*program, "detect-content", "list-scenes", "-q", "-s", "-f", "scenes.csv"])
        with Path(folder, "scenes.csv").open(encoding="utf-8", newline="") as scenes:
            slides = [{"start": float(row[_START]), "end": float(row[_END])} for row in csv.DictReader(scenes)]
    return PeerResult(score({"slides": slides or [{"start": 0.0, "end": 1e9}]}, truth), cpu_s)
