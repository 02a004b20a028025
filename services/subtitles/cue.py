"""The cues that the parsers of subtitles return."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One displayed line without markup. `marks`: (offset into `text`, seconds), where the file says when a word begins."""

    text: str
    marks: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Cue:
    """Lines that are shown together. Times are in seconds."""

    start_s: float
    end_s: float
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)
