"""The child process that proofreads a transcript file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from domain import Transcript
from lib.process import Report
from lib.serialization import atomic_write, from_plain, read_json, to_plain
from services.proofreading import model, rules
from services.proofreading.values import Context, Proofreading, ProofreadingOptions
from services.transcript_text import lines


def run(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Proofread `transcript` (JSON, or JSON lines with or without ids) with `engine` and write the corrections to `target`, a line each."""
    path = Path(payload["transcript"])
    transcript = read_json(Transcript, path) if path.suffix == ".json" else lines.read_file(path)
    word_ids = [] if path.suffix == ".json" else lines.read_word_ids(path)
    options, context = from_plain(ProofreadingOptions, payload["options"]), from_plain(Context, payload["context"])
    context = replace(context, language=context.language or transcript.language)
    if payload["engine"] == "model":
        result = model.proofread(transcript.segments, context, options, report, Path(payload["checkpoint"]))
    else:
        report(0, 1)
        result = Proofreading(tuple(rules.proofread(transcript.segments, context, remove_fillers=options.remove_fillers)))
    with atomic_write(Path(payload["target"])) as part, part.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"engine": payload["engine"], "usage": to_plain(result.usage)}) + "\n")
        for correction in result.corrections:
            ids = tuple(word_ids[correction.first : correction.last + 1])
            file.write(json.dumps(to_plain(replace(correction, word_ids=ids)), ensure_ascii=False) + "\n")
    return {"usage": to_plain(result.usage), "corrections": len(result.corrections), "warnings": list(result.warnings)}
