"""Scores the slide engine on a folder of labelled recordings: `python -m bench.slides --media FOLDER --out SECTION.md`.

The recording of X.truth.json (see score.py) is the file named in its field `file`, or X with a suffix of a video.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.slides.measure import measure
from bench.slides.report import render_section


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.slides", description=__doc__)
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--runs", type=int, default=1, help="number of timed runs; the median is reported")
    parser.add_argument("--only", help="names of recordings, separated by commas")
    arguments = parser.parse_args()
    names = arguments.only.split(",") if arguments.only else None
    rows = []
    for truth_file in sorted(arguments.media.glob("**/*.truth.json")):
        name = truth_file.name.removesuffix(".truth.json")
        if names is None or name in names:
            rows.append(measure(truth_file, name, arguments.runs))
            print(rows[-1], file=sys.stderr, flush=True)
    text = render_section(rows)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
