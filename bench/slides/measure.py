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

import psutil

from bench.context import adopt_orphans, watch_memory
from bench.slides.peers import PeerResult, score_scenedetect
from bench.slides.score import Score, score
from domain import MediaInfo
from lib.process import usage_of_children
from scripts.ffmpeg import FFMPEG
from services.media.probe import probe
from services.ocr import OcrOptions, read_pictures, text_finder
from services.slides import SlideOptions, find_slides
from services.slides.titles import read_titles

_LONG_S = 900
_VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".webm"})


@dataclass(frozen=True)
class Measurement:
    """CPU times are in seconds and of all processes; those of the engine with and without writing an image of each slide.

    `job_s` is what a job of a running server takes, with images: its children are forks of a process that has imported their modules.
    `full_s`, `job_s` and `peer` are None for long recordings.
    """

    name: str
    duration_s: float
    score: Score
    decode_s: float
    engine_s: float
    full_s: float | None
    job_s: float | None
    peak_mb: float
    peer: PeerResult | None = None

    @property
    def ratio(self) -> float:
        """CPU time of the engine without images, divided by that of one plain decode."""
        return self.engine_s / self.decode_s

    @property
    def image_cpu_s(self) -> float | None:
        """CPU time per image."""
        return None if self.full_s is None else max(0.0, self.full_s - self.engine_s) / max(1, self.score.pages)


def measure(truth_file: Path, name: str, runs: int) -> Measurement:
    """Run the decoder and the engine alternately, `runs` times (long recordings once), and take the median."""
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    video = find_recording(truth_file, truth, name)
    media = probe(video)
    is_long = media.duration_s > _LONG_S
    decodes, engines, full, jobs, peaks = [], [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        out, images = Path(folder) / "out.json", Path(folder) / "images"
        command = [sys.executable, "-m", "commands.slides", str(video), "--json", str(out)]
        for _ in range(1 if is_long else runs):
            decodes.append(run_timed([FFMPEG, "-nostdin", "-v", "error", "-i", str(video), "-f", "null", "-"])[0])
            cpu_s, peak = run_timed(command)
            engines.append(cpu_s)
            peaks.append(peak)
            if not is_long:
                full.append(run_timed([*command, "--images", str(images)])[0])
                jobs.append(_cpu_of_job(video, media, images))
        result = json.loads(out.read_text(encoding="utf-8"))
        if not is_long and any(slide.get("title") for slide in truth["slides"]):
            _add_titles(result)
    return Measurement(
        name,
        media.duration_s,
        score(result, truth),
        decode_s=statistics.median(decodes),
        engine_s=statistics.median(engines),
        full_s=statistics.median(full) if full else None,
        job_s=statistics.median(jobs) if jobs else None,
        peak_mb=max(peaks),
        peer=None if is_long else score_scenedetect(video, truth, run_timed),
    )


def _cpu_of_job(video: Path, media: MediaInfo, images: Path) -> float:
    """Find the slides with images as a job does; return the CPU seconds of its children."""
    before_s = usage_of_children().cpu_s
    find_slides(video, media, SlideOptions(), images, find_text=text_finder())
    return usage_of_children().cpu_s - before_s


def find_recording(truth_file: Path, truth: Mapping[str, Any], name: str) -> Path:
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


def _add_titles(result: dict[str, Any]) -> None:
    """Read the titles from the images of the slides."""
    pages = result["slides"]
    words = read_pictures([Path(page["image"]) for page in pages], "", OcrOptions())
    for page, title in zip(pages, read_titles(words, [(page["width"], page["height"]) for page in pages]), strict=True):
        page["title"] = title
