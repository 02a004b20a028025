"""The stages that render the notes, one per document format, and those that keep the notes for other renderings."""

from __future__ import annotations

import dataclasses
import json

import errors
from lib.process import ignore_progress, run_task
from lib.serialization import atomic_write
from pipelines.stage import Stage, StageInput
from pipelines.stages.edited_notes import change_notes, facts_in
from services.documents import FORMATS, DocumentDefaults, reference_document, render_file
from services.documents.port import RENDER_OPTIONS, RenderOptions
from services.lecture_deck import reading
from services.library import notes_archive
from services.slide_plan.plan import hash_of, plan_from_plain

EDITED_TRANSCRIPT_FILE = "edited_transcript.jsonl"
EDITED_ARCHIVE_FILE = "edited_notes.tar"


def document_name(format_name: str) -> str:
    """Return the document's file name in the workspace."""
    return f"document.{FORMATS[format_name].extension}"


def warnings_name(format_name: str) -> str:
    """The file of the renderer's warnings in the workspace."""
    return f"{format_name}.warnings.json"


def stage_for(format_name: str) -> Stage:
    """Return the stage that writes the document and its warnings; the document is empty if fonts are missing."""
    target = document_name(format_name)
    warnings_file, takes_reference = warnings_name(format_name), FORMATS[format_name].takes_reference

    def run(stage_input: StageInput) -> None:
        options = RenderOptions(**{name: stage_input.options[name] for name in RENDER_OPTIONS if name in stage_input.options})
        reference_warnings: tuple[str, ...] = ()
        if takes_reference:
            reference, reference_warnings = _reference(stage_input)
            options = dataclasses.replace(options, reference=reference)
        try:
            notes, images, document = (stage_input.work.path(name).absolute() for name in ("notes.json", "images", target))
            warnings = (*reference_warnings, *render_file(format_name, notes, images, document, options, check=stage_input.check))
        except errors.FontMissing as error:  # other formats may not need fonts
            warnings = (f"The {format_name} was not created. {error} {error.hint}",)
            stage_input.work.path(target).write_bytes(b"")
        with atomic_write(stage_input.work.path(warnings_file)) as part:
            part.write_text(json.dumps(warnings))

    return Stage(
        f"document_{format_name}",
        run,
        label="Writing the documents",
        needs=("notes.json", "images", *((reference_document.FILE,) if takes_reference else ())),
        makes=(target, warnings_file),
        uses=(*RENDER_OPTIONS, *((reference_document.OPTION,) if takes_reference else ())),
        engine=DocumentDefaults if takes_reference else None,
        scratch=(target,),
        weight=FORMATS[format_name].weight,
        version=FORMATS[format_name].version,
        when=lambda options: format_name in options["formats"],
    )


def _reference(stage_input: StageInput) -> tuple[str, tuple[str, ...]]:
    """Return the path of the owner's reference document, else of the server's, and warnings; "" for the built-in one."""
    work, default = stage_input.work, stage_input.engines.get(DocumentDefaults).reference
    if stage_input.options.get(reference_document.OPTION):
        return str(work.path(reference_document.FILE).absolute()), ()
    if default is None:
        return "", ()
    target = work.path(f"default-{reference_document.FILE}").absolute()
    try:
        reference_document.sanitize_sandboxed(default, target, check=stage_input.check)
    except errors.UnusableReferenceDocument as error:
        return "", (f"The Word template of this server can't be used: {error.detail}",)
    return str(target), ()


def archive_notes(stage_input: StageInput) -> None:
    """Write notes.tar: the notes and the images of the slides."""
    with atomic_write(stage_input.work.path("notes.tar")) as part:
        notes_archive.write(part, stage_input.work.root)


def archive_edited_notes(stage_input: StageInput) -> None:
    """Write the notes with the corrected slides to an archive of their own."""
    with atomic_write(stage_input.work.path(EDITED_ARCHIVE_FILE)) as part:
        notes_archive.write(part, stage_input.work.root)


def unpack_notes(stage_input: StageInput) -> None:
    """Unpack notes.tar, give the notes the title of the options, the corrected slides and the edited text, and write their summary."""
    work = stage_input.work
    notes_archive.unpack(work.path("notes.tar"), work.root)
    plan = stage_input.options.get("slide_plan") or []
    has_deck = bool(stage_input.options.get("has_deck"))
    transcript = EDITED_TRANSCRIPT_FILE if stage_input.options.get("is_edited") else ""
    payload = {
        "folder": str(work.root.absolute()),
        "title": str(stage_input.options.get("title") or ""),
        "transcript": transcript,
        "facts": facts_in(stage_input.options),
        "slide_plan": plan,
        "slide_fingerprint": stage_input.options.get("slide_fingerprint", ""),
        "deck": reading.PAGES_FILE if has_deck else "",
    }
    if transcript or plan or has_deck:
        result = run_task("pipelines.stages.edited_notes:change_notes", payload, check=stage_input.check)
    else:
        result = change_notes(payload, ignore_progress)
    changes = {
        "transcript_sha256": work.hash_of(transcript) if transcript else "",
        "slide_plan_sha256": hash_of(plan_from_plain(plan)) if plan else "",
        "deck_sha256": work.hash_of(reading.DECK_FILE) if has_deck else "",
        "deck": result["deck"],
        "warnings": result["warnings"],
    }
    with atomic_write(work.path("changes.json")) as part:
        part.write_text(json.dumps(changes))
