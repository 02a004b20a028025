"""One labelled recording: how well its slides are found, and what that costs."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from bench.context import watch_memory
from bench.slides.peers import Peer, scenes_as_slides
from bench.slides.score import Score, score
from domain import MediaInfo
from lib.process import metered
from services.media import frames
from services.media.probe import probe
from services.slides import SlideOptions, find_slides

_LONG_S = 900


@dataclass(frozen=True)
class Measured:
    """`ratio`: CPU time of the engine's whole process tree to that of one plain decode. `picture_s`: CPU seconds a picture.

    `picture_s` and `peer` are None for long recordings, which are not gone through again for them.
    """

    name: str
    duration_s: float
    score: Score
    decode_s: float
    ratio: float
    peak_mb: float
    picture_s: float | None
    peer: Peer | None = None


def measure(truth_file: Path, name: str, runs: int) -> Measured:
    """Decode and engine in turn, `runs` times; the median ratio counts."""
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    video = truth_file.with_name(truth.get("file") or f"{name}.mp4")
    decodes, ratios, peaks = [], [], []
    media = probe(video)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        for _ in range(1 if media.duration_s > _LONG_S else runs):
            decode_s, _ = timed(["ffmpeg", "-nostdin", "-v", "error", "-i", str(video), "-f", "null", "-"])
            engine_s, peak = timed([sys.executable, "-m", "commands.slides", str(video), "--json", str(out)])
            decodes.append(decode_s)
            ratios.append(engine_s / decode_s)
            peaks.append(peak)
        found = json.loads(out.read_text(encoding="utf-8"))
        is_long = media.duration_s > _LONG_S
        picture_s = None if is_long else _cost_of_a_picture(video, media, Path(folder))
    peer = None if is_long else scenes_as_slides(video, truth, timed)
    ratio, decode_s = statistics.median(ratios), statistics.median(decodes)
    return Measured(name, media.duration_s, score(found, truth), decode_s, ratio, max(peaks), picture_s, peer)


def timed(command: Sequence[str]) -> tuple[float, float]:
    """CPU seconds of the whole tree, and its largest resident memory in MB."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with watch_memory(process.pid) as peak:
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime, (peak.server + peak.children) / 2**20


def _cost_of_a_picture(video: Path, media: MediaInfo, folder: Path) -> float | None:
    """CPU seconds of all processes; None where there is no picture."""
    costs = []

    def take(video: Path, media: MediaInfo, requests: Sequence[frames.FrameRequest], **options: Any) -> tuple[int, int]:
        with metered() as usage:
            size = take_frames(video, media, requests, **options)
        costs.append(usage.cpu_s / max(1, len(requests)))
        return size

    take_frames = frames.take_frames
    with mock.patch.object(frames, "take_frames", take):
        find_slides(video, media, SlideOptions(), folder / "images")
    return costs[0] if costs else None
