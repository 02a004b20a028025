"""What an output format is: a name, a kind of file, and a function that writes one `LectureNotes` value to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from domain import LectureNotes
from lib.process import Check


@dataclass(frozen=True)
class RenderOptions:
    """`revisits`: each slide once with everything said over it, or a page per visit, in order of time."""

    revisits: Literal["once", "each"] = "once"
    paper: Literal["a4", "letter"] = "a4"


Warnings = tuple[str, ...]

Renderer = Callable[[LectureNotes, Path, Path, RenderOptions, Check], Warnings]
"""(notes, folder of images, file to write, options, check) -> warnings. A format writes the file and nothing beside it."""


@dataclass(frozen=True)
class DocumentFormat:
    """`extension` has no leading dot and may have two parts ("md.zip"); `label` is what a person calls it."""

    name: str
    extension: str
    content_type: str
    render: Renderer
    label: str
