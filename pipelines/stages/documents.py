"""The stages that render the notes, one per document format."""

from __future__ import annotations

import json

import errors
from lib.serialization import replacing
from pipelines.stage import Stage, StageInput
from services.documents import FORMATS, render_file
from services.documents.port import RenderOptions


def document_name(format_name: str) -> str:
    """Return the document's file name in the workspace."""
    return f"document.{FORMATS[format_name].extension}"


def warnings_name(format_name: str) -> str:
    """The file of the renderer's warnings in the workspace."""
    return f"{format_name}.warnings.json"


def stage_for(format_name: str) -> Stage:
    """Return the stage that writes the document and its warnings; the document is empty if fonts are missing."""
    target = document_name(format_name)
    warnings_file = warnings_name(format_name)

    def run(stage_input: StageInput) -> None:
        options = RenderOptions(revisits=stage_input.options["revisits"], paper=stage_input.options["paper"])
        try:
            notes, images, document = (stage_input.work.path(name).absolute() for name in ("notes.json", "images", target))
            warnings = render_file(format_name, notes, images, document, options, check=stage_input.check)
        except errors.FontMissing as error:  # other formats may not need fonts
            warnings = (f"The {format_name} was not created. {error} {error.hint}",)
            stage_input.work.path(target).write_bytes(b"")
        with replacing(stage_input.work.path(warnings_file)) as part:
            part.write_text(json.dumps(warnings))

    return Stage(
        f"document_{format_name}",
        run,
        label="Writing the documents",
        needs=("notes.json", "images"),
        makes=(target, warnings_file),
        uses=("revisits", "paper"),
        scratch=(target,),
        weight=FORMATS[format_name].weight,
        when=lambda options: format_name in options["formats"],
    )
