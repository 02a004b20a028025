"""The stage that proofreads the transcript. The recognised text stays as it is; the notes are made from the corrected one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from domain import OcrWord
from lib.serialization import atomic_write, read_json
from pipelines.stage import StageInput
from pipelines.stages.ocr import OcrPages
from pipelines.stages.own_text import transcript_name
from services import proofreading
from services.proofreading import Context, ProofreadingOptions, Term

CORRECTIONS_FILE = "corrections.jsonl"
REPORT_FILE = "proofreading.json"
CHECKPOINT_FILE = "proofreading.checkpoint"
WAITING_NAME = "proofread_waiting"
"""The name of the stage until the first request to the model, or until the rules begin."""

PROMPT_OPTION = "proofread_prompt"


def is_wanted(options: Mapping[str, Any]) -> bool:
    """Whether the options of a conversion ask for proofreading."""
    return bool(options.get("proofread", "off") != "off")


def run(stage_input: StageInput) -> None:
    pages = read_json(OcrPages, stage_input.work.path("ocr.json")).pages
    slide_lines = [line for page in pages for line in lines_of(page)]
    proofread_file(stage_input, stage_input.work.path(transcript_name(stage_input.options)), stage_input.options["proofread"], slide_lines)


def proofread_file(stage_input: StageInput, transcript: Path, engine: str, slide_lines: Sequence[tuple[str, ...]]) -> None:
    """Proofread a transcript with the glossary and the prompt of the options; write the corrections and a report."""
    options = stage_input.options
    terms = tuple(Term(str(each["term"]), tuple(map(str, each["misheard"]))) for each in options.get("glossary", ()))
    lines = (*slide_lines, *((str(word),) for word in options.get("course_words", ())))
    context = Context(terms=terms, slide_lines=lines, prompt=str(options.get(PROMPT_OPTION) or ""))
    report = proofreading.proofread(
        transcript,
        stage_input.work.path(CORRECTIONS_FILE),
        engine,
        context,
        stage_input.engines.get(ProofreadingOptions),
        checkpoint=stage_input.work.path(CHECKPOINT_FILE),
        report=stage_input.report,
        check=stage_input.check,
    )
    with atomic_write(stage_input.work.path(REPORT_FILE)) as part:
        part.write_text(json.dumps(report, ensure_ascii=False))
    stage_input.work.path(CHECKPOINT_FILE).unlink(missing_ok=True)  # the next job of this recording asks again


def lines_of(words: Iterable[OcrWord]) -> list[tuple[str, ...]]:
    """Return the words of a slide, line by line."""
    return [tuple(word.text for word in line) for _, line in itertools.groupby(words, key=lambda word: word.line)]
