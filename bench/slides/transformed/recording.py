"""A labelled recording, and the parts that all transformations of it share."""

from __future__ import annotations

import copy
import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.slides.measure import find_recording
from domain import MediaInfo
from services.media.probe import probe

Truth = dict[str, Any]

RATE = 25
_MAX_WIDTH = 854
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p", "-g", "250")


@dataclass(frozen=True)
class Recording:
    """A video and its truth file (see score.py)."""

    name: str
    truth_file: Path

    @functools.cached_property
    def truth(self) -> Truth:
        truth: Truth = json.loads(self.truth_file.read_text(encoding="utf-8"))
        return truth

    @functools.cached_property
    def video(self) -> Path:
        return find_recording(self.truth_file, self.truth, self.name)

    @functools.cached_property
    def media(self) -> MediaInfo:
        return probe(self.video)

    @functools.cached_property
    def size(self) -> tuple[int, int]:
        """Return an even width, at most 854, and the even height in proportion."""
        assert self.media.video is not None
        width = min(_MAX_WIDTH, self.media.video.width) // 2 * 2
        return width, round(width * self.media.video.height / self.media.video.width / 2) * 2

    @functools.cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.video.read_bytes()).hexdigest()


class Transformation(Protocol):
    """Makes another video of a recording. Some append the recording that follows it in the folder."""

    @property
    def suffix(self) -> str: ...

    def describe(self, recording: Recording, following: Recording) -> str:
        """Return all that decides what the video looks like; when that changes, it is made again."""
        ...

    def write_video(self, recording: Recording, following: Recording, target: Path) -> None: ...

    def make_truth(self, recording: Recording, following: Recording) -> Truth: ...


def find_recordings(folder: Path) -> list[Recording]:
    return [Recording(file.name.removesuffix(".truth.json"), file) for file in sorted(folder.glob("**/*.truth.json"))]


def shift(truth: Truth, by_s: float) -> Truth:
    """Return the truth of a recording that begins later."""
    truth = copy.deepcopy(truth)
    for slide in truth["slides"]:
        slide["start"] += by_s
        slide["end"] += by_s
        for state in slide["states"]:
            state["t"] += by_s
    return truth
