"""PySceneDetect (https://www.scenedetect.com, BSD-3-Clause) on the same recordings in the same run, by its command line."""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.slides.score import Score, score

_FIRST, _LAST = "Start Time (seconds)", "End Time (seconds)"


@dataclass(frozen=True)
class Peer:
    """`cpu_s`: of all its processes."""

    score: Score
    cpu_s: float


def scenes_as_slides(video: Path, truth: Mapping[str, Any], timed: Callable[[Sequence[str]], tuple[float, float]]) -> Peer:
    """Its content detector as it is set by itself; a scene counts as a slide, shown as it is just before its end."""
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-m", "scenedetect", "-q", "-i", str(video), "-o", folder]
        cpu_s, _ = timed([*program, "detect-content", "list-scenes", "-q", "-s", "-f", "scenes.csv"])
        with Path(folder, "scenes.csv").open(encoding="utf-8", newline="") as listed:
            slides = [{"start": float(row[_FIRST]), "end": float(row[_LAST])} for row in csv.DictReader(listed)]
    return Peer(score({"slides": slides or [{"start": 0.0, "end": 1e9}]}, truth), cpu_s)
