"""Scores the slide engine with other values of a parameter: `python -m bench.slides.vary --media FOLDER motion.bin_s 1.5 3`.

Without a parameter it lists all of them. FOLDER contains recordings with truth files (see score.py).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.context import markdown_table
from bench.slides.measure import find_recording
from bench.slides.score import Score, score
from services.media.allowed_formats import ALLOWED_FORMATS, file_url
from services.media.probe import probe
from services.slides.engine import AreaSelection, detect_pages
from services.slides.parameters import DEFAULTS, Parameters, describe_parameters
from services.slides.sampler import Sampler


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.slides.vary", description=__doc__)
    parser.add_argument("--media", type=Path, help="folder with recordings and truth files")
    parser.add_argument("--only", help="names of recordings, separated by commas")
    parser.add_argument("parameter", nargs="?", help="group.field")
    parser.add_argument("values", nargs="*", type=json.loads, help="values to try beside the default")
    arguments = parser.parse_args()
    if arguments.parameter is None:
        print(render_parameters())
        return
    if arguments.media is None:
        parser.error("--media is required")
    names = arguments.only.split(",") if arguments.only else None
    truth_files = sorted(arguments.media.glob("**/*.truth.json"))
    selection = [each for each in truth_files if names is None or each.name.removesuffix(".truth.json") in names]
    print(
        markdown_table(
            ["recording", "value", "F1", "page F1", "pages", "start error, s"],
            list(compare(selection, arguments.parameter, arguments.values)),
        )
    )


def render_parameters() -> str:
    rows = [[each.name, str(each.value), each.unit, each.meaning, each.case] for each in describe_parameters()]
    return markdown_table(["parameter", "value", "unit", "meaning", "case"], rows)


def compare(truth_files: Sequence[Path], name: str, values: Sequence[Any]) -> Iterator[list[str]]:
    """Return a table row for each recording and value, the default first."""
    group, _, field = name.partition(".")
    for truth_file in truth_files:
        for value in (getattr(getattr(DEFAULTS, group), field), *values):
            result = detect_and_score(truth_file, DEFAULTS.with_value(name, value))
            error = "" if result.start_error_s is None else f"{result.start_error_s:.2f}"
            recording = truth_file.name.removesuffix(".truth.json")
            yield [recording, str(value), f"{result.f1:.2f}", f"{result.page_f1:.2f}", str(result.pages), error]


def detect_and_score(truth_file: Path, parameters: Parameters) -> Score:
    """Run the engine in this process."""
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    video = find_recording(truth_file, truth, truth_file.name.removesuffix(".truth.json"))
    media = probe(video)
    assert media.video is not None
    sampler = Sampler(file_url(video), ALLOWED_FORMATS, media.video.rotation, media.duration_s, parameters)
    detection = detect_pages(sampler, "normal", AreaSelection(), media.duration_s, lambda done, total: None, parameters)
    slides = [
        {"start": page.spans[0][0], "end": page.spans[0][1], "spans": page.spans, "frame_time": page.best_frame.time_s}
        for page in detection.pages
    ]
    return score({"slides": slides}, truth)


if __name__ == "__main__":
    main()
