"""Makes a transformed recording, or takes that of an earlier run, and scores the slide engine on it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import errors
from bench.slides.transformed.joins import JOINS
from bench.slides.transformed.overlays import OVERLAYS
from bench.slides.transformed.recodings import RECODINGS
from bench.slides.transformed.recording import Recording, Transformation
from bench.slides.vary import detect_and_score
from services.slides.parameters import DEFAULTS

TRANSFORMATIONS: dict[str, Transformation] = {**RECODINGS, **JOINS, **OVERLAYS}
AS_RECORDED = "as recorded"


@dataclass(frozen=True)
class Variant:
    """A recording and the name of a transformation of it, or AS_RECORDED. `following`: the recording that follows in the folder."""

    recording: Recording
    following: Recording
    transformation: str


@dataclass(frozen=True)
class Result:
    """`failure`: why the engine found no slides at all; both scores are 0 then."""

    recording: str
    transformation: str
    f1: float
    page_f1: float
    failure: str = ""

    @property
    def lower(self) -> float:
        return min(self.f1, self.page_f1)


def score_variant(variant: Variant, folder: Path) -> Result:
    """Score a variant, whose video and truth file are kept in the folder."""
    name, transformation = variant.recording.name, variant.transformation
    truth_file = variant.recording.truth_file if transformation == AS_RECORDED else make_variant(variant, folder)
    try:
        score = detect_and_score(truth_file, DEFAULTS)
    except errors.LecternError as error:
        return Result(name, transformation, 0.0, 0.0, str(error))
    return Result(name, transformation, score.f1, score.page_f1)


def make_variant(variant: Variant, folder: Path) -> Path:
    """Make the video unless an earlier run made the same one; return its truth file, for `python -m bench.slides` too."""
    transformation = TRANSFORMATIONS[variant.transformation]
    sources = variant.recording, variant.following
    stem = f"{variant.recording.name}.{variant.transformation}"
    fingerprint = hashlib.sha256(transformation.describe(*sources).encode()).hexdigest()[:8]
    video = folder / f"{stem}.{fingerprint}{transformation.suffix}"
    if not video.exists():
        for outdated in folder.glob(f"{stem}.*"):
            outdated.unlink()
        unfinished = folder / f"{stem}.unfinished{transformation.suffix}"
        transformation.write_video(*sources, unfinished)
        unfinished.rename(video)
    truth_file = folder / f"{stem}.truth.json"
    truth = {**transformation.make_truth(*sources), "file": video.name}
    truth_file.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return truth_file
