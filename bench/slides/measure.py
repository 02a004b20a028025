"""Measures the slide engine on one labelled recording: its score and its cost."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import psutil

from bench.context import adopt_orphans, watch_memory
from bench.slides.peers import PeerResult, score_scenedetect
from bench.slides.score import Score, score
from domain import MediaInfo, SlideTimeline
from lib.process import metered
from scripts.ffmpeg import FFMPEG
from services.media import frames
from services.media.probe import probe
from services.ocr import OcrOptions, read_pictures
from services.slides import SlideOptions, find_slides
from services.slides.titles import read_titles

_LONG_S = 900
_VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".webm"})


@dataclass(frozen=True)
class Measurement:
    """`ratio`: CPU time of all processes of the engine, divided by that of one plain decode; `image_cpu_s`: CPU time per image.

    `image_cpu_s` and `peer` are None for long recordings.
    """

    name: str
    duration_s: float
    score: Score
    decode_s: float
    ratio: float
    peak_mb: float
    image_cpu_s: float | None
    peer: PeerResult | None = None


def measure(truth_file: Path, name: str, runs: int) -> Measurement:
    """Run the decoder and the engine alternately, `runs` times (long recordings once), and take the median."""
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    video = _find_recording(truth_file, truth, name)
    decodes, ratios, peaks = [], [], []
    media = probe(video)
    is_long = media.duration_s > _LONG_S
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        for _ in range(1 if is_long else runs):
            decode_s, _ = run_timed([FFMPEG, "-nostdin", "-v", "error", "-i", str(video), "-f", "null", "-"])
            engine_s, peak = run_timed([sys.executable, "-m", "commands.slides", str(video), "--json", str(out)])
            decodes.append(decode_s)
            ratios.append(engine_s / decode_s)
            peaks.append(peak)
        result = json.loads(out.read_text(encoding="utf-8"))
        image_cpu_s = None
        if not is_long:
            timeline, image_cpu_s = _measure_image_cost(video, media, Path(folder))
            if any(slide.get("title") for slide in truth["slides"]):
                _add_titles(result, timeline, Path(folder))
    peer = None if is_long else score_scenedetect(video, truth, run_timed)
    ratio, decode_s = statistics.median(ratios), statistics.median(decodes)
    return Measurement(name, media.duration_s, score(result, truth), decode_s, ratio, max(peaks), image_cpu_s, peer)


def _find_recording(truth_file: Path, truth: Mapping[str, Any], name: str) -> Path:
    """Return the file that the truth names, or the one beside it with the same name and another suffix."""
    if truth.get("file"):
        return truth_file.with_name(truth["file"])
    candidates = sorted(truth_file.parent.glob(f"{name}.*"), key=lambda path: (path.suffix != ".mp4", path.name))
    return next((path for path in candidates if path.suffix in _VIDEO_SUFFIXES), truth_file.with_name(f"{name}.mp4"))


def run_timed(command: Sequence[str]) -> tuple[float, float]:
    """Run a command; return the CPU seconds of all its processes, and their peak resident memory in MB.

    The engine's fork server ends after the command: it is adopted and waited for.
    """
    adopt_orphans()
    earlier = {child.pid for child in psutil.Process().children()}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with watch_memory(process.pid) as peak:
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    usages = [usage, *(os.wait4(child.pid, 0)[2] for child in psutil.Process().children() if child.pid not in earlier)]
    return sum(each.ru_utime + each.ru_stime for each in usages), (peak.server_bytes + peak.child_bytes) / 2**20


def _add_titles(result: dict[str, Any], timeline: SlideTimeline, folder: Path) -> None:
    """Read the titles from the images of the slides, which are in `folder`."""
    words = read_pictures([folder / str(slide.image) for slide in timeline.slides], "", OcrOptions())
    titles = read_titles(words, [(slide.width, slide.height) for slide in timeline.slides])
    for page, title in zip(result["slides"], titles, strict=True):
        page["title"] = title


def _measure_image_cost(video: Path, media: MediaInfo, folder: Path) -> tuple[SlideTimeline, float | None]:
    """Write the images into `folder`; return their slides, and the CPU seconds per image, of all processes; None if there is none."""
    costs: list[float] = []

    def take_metered(video: Path, media: MediaInfo, requests: Sequence[frames.FrameRequest], **options: Any) -> tuple[int, int]:
        with metered() as usage:
            size = extract_frames(video, media, requests, **options)
        costs.append(usage.cpu_s / max(1, len(requests)))
        return size

    extract_frames = frames.extract_frames
    with mock.patch.object(frames, "extract_frames", take_metered):
        timeline = find_slides(video, media, SlideOptions(), folder)
    return timeline, costs[0] if costs else None
