"""Scores the slide engine on some transformed recordings: `python -m bench.slides.transformed --only crf_36,chat --media FOLDER`."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.slides.real import RECORDINGS
from bench.slides.transformed.bench import VARIANTS, make_variants, score_all
from bench.slides.transformed.recording import find_recordings
from bench.slides.transformed.report import render
from bench.slides.transformed.variants import TRANSFORMATIONS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.slides.transformed", description=__doc__)
    parser.add_argument("--media", type=Path, default=RECORDINGS)
    parser.add_argument("--only", default=",".join(TRANSFORMATIONS), help="names of transformations, separated by commas")
    arguments = parser.parse_args()
    variants = list(make_variants(find_recordings(arguments.media), arguments.only.split(",")))
    print(render(score_all(variants, VARIANTS), []))


if __name__ == "__main__":
    main()
