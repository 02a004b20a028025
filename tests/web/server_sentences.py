"""The sentences of the server that the page may show, read from the source: errors with their details and hints, warnings, settings.

A part that differs from case to case is a numbered placeholder: "The limit is {1} bytes."
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import errors
from config import Settings
from scripts.program import PROJECT
from scripts.reference_docs import documented_errors
from services.operations.settings import CHANGEABLE, PROMPT_SETTINGS
from services.prompts import PROMPT_KINDS

# Users of the page do not meet what these raise: they speak to programs, to other servers, or to who runs the server.
_FOR_PROGRAMS = (
    "services/identity",
    "services/jobs/executors",
    "services/operations/backup",
    "services/storage",
    "services/transcoder_queue",
    "services/payments",
    "services/events",
    "services/accounts/federated.py",
    "services/accounts/replay_guard.py",
    "services/library/remote_jobs.py",
    "services/speech_to_text/hosted",
    "services/speech_to_text/weights",
    "services/speech_synthesis/install.py",
    "services/language_model",
    "pipelines/remote_worker.py",
    "pipelines/lease_keeper.py",
)
_FOLDERS = ("errors", "services", "pipelines/stages")
# Modules whose sentences become warnings, or reasons why a job waits.
_WARNING_MODULES = (
    "pipelines/stages/corrected_slides.py",
    "pipelines/stages/publish.py",
    "services/documents/fonts.py",
    "services/documents/outline.py",
    "services/documents/pdf_compiler.py",
    "services/documents/subtitles.py",
    "services/jobs/scheduling/capacity.py",
    "services/jobs/scheduling/forecast.py",
    "services/jobs/scheduling/scheduler.py",
    "services/media/audio_selection.py",
    "services/media/streams.py",
    "services/media/truncation.py",
    "services/own_text/alignment.py",
    "services/slides/engine.py",
    "services/slides/quality.py",
    "services/speech_synthesis/engines.py",
    "services/speech_to_text/devices.py",
    "services/speech_to_text/hosted/worker.py",
    "services/speech_to_text/worker.py",
)
# Descriptions of formats for the documentation of the API.
_NOT_SHOWN = {"Captions of at most two lines of 42 columns, 1 to 7 seconds long.", "The same captions for web players."}
_SENTENCE = re.compile(r"[A-Z{].* .*[.?]")


def _error_classes() -> list[type[errors.LecternError]]:
    """Return the errors that users can receive: the documented ones, and those that share the code of one."""
    documented_classes = list(documented_errors())  # imports their modules
    codes = {error_class.code for error_class in documented_classes}
    pending: list[type[errors.LecternError]] = [errors.LecternError]
    result = []
    while pending:
        error_class = pending.pop()
        pending += error_class.__subclasses__()
        is_public = error_class.__module__.startswith(("errors", "lib", "routes", "schemas", "services"))
        if is_public and error_class.code in codes and error_class is not errors.LeaseLost:
            result.append(error_class)
    return result


def error_sentences() -> Iterator[tuple[str, str]]:
    """Yield (code, sentence) for the message and the hint of each error."""
    for error_class in _error_classes():
        yield error_class.code, inspect.cleandoc(error_class.__doc__ or "").splitlines()[0]
        if error_class.hint:
            yield error_class.code, error_class.hint


def detail_sentences() -> set[str]:
    """Return the details and hints that are given where an error is raised."""
    names = {error_class.__name__ for error_class in _error_classes()} | {errors.LeaseLost.__name__}
    sentences = set()
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in names:
                texts = [*node.args[:1], *(each.value for each in node.keywords if each.arg in ("detail", "hint"))]
                sentences |= {text for value in texts for text in _templates(value)}
    return {text for text in sentences if text}


def warning_sentences() -> set[str]:
    sentences = set()
    for name in _WARNING_MODULES:
        tree = ast.parse((PROJECT / name).read_text(encoding="utf-8"))
        skipped_ids = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        skipped_ids |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if id(node) not in skipped_ids and isinstance(node, ast.Constant | ast.JoinedStr):
                sentences |= {text for text in _templates(node) if _SENTENCE.fullmatch(text)}
    return sentences - _NOT_SHOWN


def setting_sentences() -> set[str]:
    """Return the descriptions of the settings and kinds of prompts that the administration lists."""
    settings = {Settings.model_fields[name].description or "" for name in CHANGEABLE}
    return (
        settings
        | {kind.description for kind in PROMPT_KINDS.values()}
        | {f"Number of the active prompt of the kind {kind}." for kind in PROMPT_SETTINGS.values()}
    )


def _sources() -> Iterator[Path]:
    for folder in _FOLDERS:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            if not str(path.relative_to(PROJECT)).startswith(_FOR_PROGRAMS):
                yield path


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _templates(node: ast.expr) -> Sequence[str]:
    """Return the texts that an expression may have; () if it has no literal text."""
    if isinstance(node, ast.Constant):
        return (node.value,) if isinstance(node.value, str) else ()
    if isinstance(node, ast.IfExp):
        return (*_templates(node.body), *_templates(node.orelse))
    if isinstance(node, ast.JoinedStr):
        return [_number_placeholders(parts) for parts in itertools.product(*map(_alternatives, node.values))]
    return ()


def _alternatives(part: ast.expr) -> Sequence[str]:
    """Return the literal texts of a part of a formatted text, or None for a value."""
    if isinstance(part, ast.FormattedValue):
        return _templates(part.value) if isinstance(part.value, ast.IfExp) and len(_templates(part.value)) == 2 else ("\0",)
    return _templates(part)


def _number_placeholders(parts: Sequence[str]) -> str:
    numbers = itertools.count(1)
    text = "".join(f"{{{next(numbers)}}}" if part == "\0" else part for part in parts)
    return text if re.sub(r"\{\d+\}|\W", "", text) else ""
