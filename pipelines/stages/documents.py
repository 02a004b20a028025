"""One document of the notes."""

from __future__ import annotations

import json

import errors
from lib.serialization import replacing
from pipelines.stage import Stage, StageInput
from services.documents import FORMATS, render_file
from services.documents.port import RenderOptions


def document_name(format_name: str) -> str:
    """The document's file in the workspace."""
    return f"document.{FORMATS[format_name].extension}"


def stage_for(format_name: str, weight: float = 1.0) -> Stage:
    """The stage that writes the document and the renderer's warnings; an empty document is one that could not be made."""
    target = document_name(format_name)
    warnings_file = f"{format_name}.warnings.json"

    def run(given: StageInput) -> None:
        options = RenderOptions(revisits=given.options["revisits"], paper=given.options["paper"])
        try:
            notes, images, document = (given.work.path(name).absolute() for name in ("notes.json", "images", target))
            warnings = render_file(format_name, notes, images, document, options, check=given.check)
        except errors.FontMissing as error:  # the other documents need no fonts
            warnings = (f"The {format_name} was not made. {error} {error.hint}",)
            given.work.path(target).write_bytes(b"")
        with replacing(given.work.path(warnings_file)) as part:
            part.write_text(json.dumps(warnings))

    return Stage(
        f"document_{format_name}",
        run,
        needs=("notes.json", "images"),
        makes=(target, warnings_file),
        uses=("revisits", "paper"),
        scratch=(target,),
        weight=weight,
        when=lambda options: format_name in options["formats"],
    )
