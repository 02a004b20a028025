"""`make bench ONLY=slides_transformed [MEDIA=folder]`: the slide engine on labelled recordings as others would have coded or shown them.

The recordings are those of the bench `slides_real`, and the recorded screens of the tests with fewer transformations. Transformed videos
are kept in `bench-media` and used again.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.context import Context
from bench.slides.real import RECORDINGS
from bench.slides.transformed.recording import Recording, find_recordings
from bench.slides.transformed.report import render
from bench.slides.transformed.variants import AS_RECORDED, TRANSFORMATIONS, Result, Variant, score_variant
from config import PROJECT

SCREENS = PROJECT / "tests" / "slides" / "screens"
VARIANTS = PROJECT / "bench-media" / "transformed"
_MAX_DURATION_S = 180.0  # every recording is coded and analysed more than fifty times
_FOR_SCREENS = (
    "h264",
    "mpeg4_avi",
    "360_lines",
    "crf_36",
    "5_frames_per_s",
    "variable_frame_rate",
    "noise",
    "camera_inset",
    "meeting_gallery",
    "subtitles_outlined",
    "filmed_by_hand",
)


def run(context: Context) -> str:
    recordings = [each for each in find_recordings(context.media or RECORDINGS) if each.media.duration_s <= _MAX_DURATION_S]
    real = list(make_variants(recordings, list(TRANSFORMATIONS)))
    screens = list(make_variants(find_recordings(SCREENS), _FOR_SCREENS))
    results = score_all([*real, *screens], VARIANTS)
    return render(results[: len(real)], results[len(real) :])


def make_variants(recordings: Sequence[Recording], transformations: Sequence[str]) -> Iterator[Variant]:
    """Return each recording as it is and with each transformation."""
    for transformation in (AS_RECORDED, *transformations):
        for number, recording in enumerate(recordings):
            yield Variant(recording, recordings[(number + 1) % len(recordings)], transformation)


def score_all(variants: Sequence[Variant], folder: Path) -> list[Result]:
    """Score every variant, one per core at a time, and print the result of each."""
    folder.mkdir(parents=True, exist_ok=True)
    results = []
    cores = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as pool:
        for result in pool.map(functools.partial(score_variant, folder=folder), variants):
            print(result, flush=True)
            results.append(result)
    return results
