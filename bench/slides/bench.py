"""`make bench ONLY=slides [MEDIA=folder]`: the slide engine on labelled recordings, or on generated lectures.

Without MEDIA, the bench of real recordings (real.py) runs too.
"""

from __future__ import annotations

from bench.context import Context
from bench.slides.generate import CASES
from bench.slides.measure import measure
from bench.slides.report import render_section

_SEED = 1
_RUNS = 3  # short recordings vary much from run to run


def run(context: Context) -> str:
    folder = context.media
    if folder is None:
        folder = context.folder
        for make_lecture in CASES.values():
            make_lecture(_SEED).write(folder)
    truth_files = sorted(folder.glob("**/*.truth.json"))
    if not truth_files:
        return f"There is no NAME.truth.json in {folder}."
    rows = []
    for truth_file in truth_files:
        rows.append(measure(truth_file, truth_file.name.removesuffix(".truth.json"), _RUNS))
        print(rows[-1], flush=True)
    return render_section(rows).partition("\n")[2]
