"""Gives the words of a user's text (TXT, Markdown, DOCX), which has no times, the times of the recognised words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import errors
from domain import Transcript
from lib.child_slots import ChildSlots
from lib.process import CancellationCheck, Limits, Report, never_cancelled, run_task
from lib.serialization import atomic_write, build_adapters, read_json, write_json
from services.own_text.alignment import align_text
from services.own_text.reading import MAX_BYTES, read_own_text

__all__ = ["MAX_BYTES", "align", "check"]

SLOTS = ChildSlots(total=3, per_user=2, max_waiting=6, wait_s=20)  # of each process of the server
_LIMITS = Limits(timeout_s=15, memory_bytes=2**30, file_bytes=0, niceness=0)  # a request waits for it
_ALIGNMENT_LIMITS = Limits(timeout_s=1800, memory_bytes=4 * 2**30)


def check(path: Path, user_id: str) -> int:
    """Read an uploaded text in a child process; return the number of its words. Raises UnreadableText and TooManyPreviews."""
    try:
        with SLOTS.hold(user_id):
            result = run_task("services.own_text:check_task", {"path": str(path.absolute())}, limits=_LIMITS)
    except (errors.TimedOut, errors.OutOfMemory) as error:
        raise errors.UnreadableText("Reading it takes more time or memory than a text should.") from error
    return int(result["words"])


def align(text: Path, transcript: Path, target: Path, report: Path, *, check: CancellationCheck = never_cancelled) -> None:
    """Write the transcript with the words of the text, and a report: the share of matched words, and warnings. Raises TextDoesNotFit."""
    paths = {"text": text, "transcript": transcript, "target": target, "report": report}
    payload = {name: str(path.absolute()) for name, path in paths.items()}
    run_task("services.own_text:align_task", payload, check=check, limits=_ALIGNMENT_LIMITS)


def before_forks() -> None:
    """Prepare what every child of this module needs; see lib/child.py."""
    build_adapters(Transcript)


def check_task(payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """Run as a child task. Payload: path."""
    return {"words": len(read_own_text(Path(payload["path"]).read_bytes()).text.split())}


def align_task(payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """Run as a child task. Payload: the paths text, transcript, target and report."""
    transcript = read_json(Transcript, Path(payload["transcript"]))
    result = align_text(read_own_text(Path(payload["text"]).read_bytes()), transcript)
    write_json(Path(payload["target"]), result.transcript)
    facts = {"matched_share": round(result.matched_share, 3), "words": result.words, "warnings": list(result.warnings)}
    with atomic_write(Path(payload["report"])) as part:
        part.write_text(json.dumps(facts))
    return {}
