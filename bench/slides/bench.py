"""`make bench ONLY=slides [MEDIA=folder]`: the slide engine on labelled recordings, or on lectures that it draws itself."""

from __future__ import annotations

from bench.context import Context
from bench.slides.__main__ import section
from bench.slides.generate import CASES
from bench.slides.measure import measure

_SEED = 1
_RUNS = 3  # short recordings are over so soon that one run tells little


def run(context: Context) -> str:
    folder = context.media
    if folder is None:
        folder = context.folder
        for make in CASES.values():
            make(_SEED).write(folder)
    truths = sorted(folder.glob("**/*.truth.json"))
    if not truths:
        return f"Nothing to score: no NAME.truth.json lies in {folder}."
    rows = []
    for truth in truths:
        rows.append(measure(truth, truth.name.removesuffix(".truth.json"), _RUNS))
        print(rows[-1], flush=True)
    text = section(rows)
    return text.partition("\n")[2]
