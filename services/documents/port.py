"""The port of the document formats: a name, a file type, and a function that renders a `LectureNotes` value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from domain import LectureNotes
from lib.hashing import sha256_of
from lib.process import CancellationCheck

Layout = Literal["page", "compact", "handout", "text"]


@dataclass(frozen=True)
class RenderOptions:
    """`revisits`: "once" gives one page per slide with all speech over it, "each" one page per visit in time order.

    `layout`: "page" gives each slide a page, "compact" sets slides and words as they fit, "handout" sets three slides a page with lines
    to write on, "text" sets the words without pictures. `qr_codes`: the PDF has the link of each slide as a QR code. `watermark`: a text
    across the pages of PDFs, set by the plan of the paying user. `reference`: the path of a Word file with the styles of DOCX, ""
    for the built-in one of the paper.
    """

    revisits: Literal["once", "each"] = "once"
    paper: Literal["a4", "letter"] = "a4"
    layout: Layout = "page"
    qr_codes: bool = False
    watermark: str = ""
    reference: str = ""


RENDER_OPTIONS = tuple(field.name for field in fields(RenderOptions) if field.name != "reference")  # a path differs between machines


@dataclass(frozen=True)
class DocumentDefaults:
    """Settings of documents. `reference`: the Word file with the styles of those whose owner has none."""

    reference: Path | None = None

    @property
    def fingerprint(self) -> str:
        """Part of the key of finished stages: the content of the file."""
        return sha256_of(self.reference) if self.reference is not None and self.reference.is_file() else ""


Warnings = tuple[str, ...]

Renderer = Callable[[LectureNotes, Path, Path, RenderOptions, CancellationCheck], Warnings]
"""(notes, images folder, target file, options, check) -> warnings. A renderer writes only the target file."""


@dataclass(frozen=True)
class DocumentFormat:
    """`extension` has no leading dot and may have two parts ("md.zip"); `label` and `description` are shown to users.

    `weight` is the share of a job's work, for its progress, and a new `version` discards documents rendered before; see
    `pipelines.stage.Stage`. `is_transcript`: the words can be read and edited in other programs; statistics count such recordings.
    `has_pictures`: if a job has such formats, the video of a link is
    downloaded, not only its audio. `takes_reference`: a reference document defines its styles.
    """

    name: str
    extension: str
    content_type: str
    render: Renderer
    label: str
    description: str
    weight: float = 0.3
    version: int = 1
    is_transcript: bool = False
    has_pictures: bool = True
    takes_reference: bool = False
