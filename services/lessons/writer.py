"""The engine that writes scripts, in a child process: by a language model, or from the text itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

import errors
from lib.process import CancellationCheck, Limits, Report, never_cancelled, run_task
from lib.validation_messages import readable
from services.language_model import ChatOptions, LanguageModelMissing
from services.lessons import decks, writing
from services.lessons.script import LessonScript
from services.lessons.source import Source

if TYPE_CHECKING:
    from config import Settings

Writer = Literal["model", "draft"]
_LIMITS = {
    "model": Limits(timeout_s=3600, memory_bytes=2**30, file_bytes=0),
    "draft": Limits(timeout_s=60, memory_bytes=2**30, file_bytes=0),
}
VARIANTS = len(writing.BRIEFS)
APPROACHES = ("overview", "step_by_step", "questions")
"""The differences between the scripts of a request, in the order of their variants."""
SLIDES = "slides"
"""The approach of a draft that follows the slides of a deck."""


class TopicNeedsModel(LanguageModelMissing):
    """A script about a topic alone needs a language model, and none is configured."""

    code = "topic_needs_model"
    hint = (
        "Send notes (`text`), a document, a recording or a deck; or the operator sets LANGUAGE_MODEL_BASE_URL and LANGUAGE_MODEL, or one "
        "of OPENAI_API_KEY, GOOGLE_API_KEY and DEEPSEEK_API_KEY."
    )


class SceneNeedsModel(LanguageModelMissing):
    """Rewriting a scene by an instruction needs a language model, and none is configured."""

    code = "scene_needs_model"
    hint = "Edit the scene yourself; or the operator sets LANGUAGE_MODEL_BASE_URL and LANGUAGE_MODEL, or a key of a provider."


@dataclass(frozen=True)
class WriterOptions(ChatOptions):
    """The chat endpoint that writes scripts; `base_url` is "" if there is none."""

    @property
    def is_configured(self) -> bool:
        return bool(self.base_url and self.model)


def from_settings(settings: Settings) -> WriterOptions:
    """Return the configured endpoint; SCRIPT_MODEL replaces the model of other features."""
    endpoint = settings.language_model_endpoint
    return WriterOptions(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key,
        model=settings.script_model or endpoint.model,
        timeout_s=settings.language_model_timeout_s,
    )


def choose_writer(writer: Literal["auto", "model", "draft"], source: Source, options: WriterOptions) -> Writer:
    """Return the writer of a request. Raises TopicNeedsModel and LanguageModelMissing."""
    if not source.has_notes and (writer == "draft" or not options.is_configured):
        raise TopicNeedsModel
    if writer == "model" and not options.is_configured:
        raise LanguageModelMissing
    if writer == "auto":
        return "model" if options.is_configured else "draft"
    return writer


def approach_of(source: Source, writer: Writer, variant: int) -> str:
    """Return how a variant treats its source."""
    return SLIDES if source.slides and writer == "draft" and variant == 1 else APPROACHES[variant - 1]


def run(
    payload: Mapping[str, Any], options: WriterOptions, *, report: Report, check: CancellationCheck = never_cancelled
) -> dict[str, Any]:
    """Write a script or a scene in a child process; return `script` or `scene`, `warnings` and `usage`.

    Payload: source, variant, writer, prompt; for a scene script, scene_id, instruction and prompt.
    """
    limits = _LIMITS["draft" if payload.get("writer") == "draft" else "model"]
    chat = {"base_url": options.base_url, "api_key": options.api_key, "model": options.model, "timeout_s": options.timeout_s}
    return run_task("services.lessons.writer:write_task", {**payload, "chat": chat}, report=report, check=check, limits=limits)


def write_task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Run as a child task."""
    options, prompt = WriterOptions(**payload["chat"]), payload["prompt"]
    if payload.get("scene_id"):
        script = LessonScript.model_validate(payload["script"])
        scene, result = writing.rewrite_scene(script, payload["scene_id"], payload["instruction"], options, prompt, report)
        return {"scene": scene.model_dump(mode="json"), **_report_of(result)}
    source, variant = Source.model_validate(payload["source"]), int(payload["variant"])
    if payload["writer"] == "draft":
        try:
            script = decks.draft_source(source, variant)
        except ValidationError as error:
            raise errors.TextNotDrafted(f"{error.errors()[0]['loc']}: {readable(error.errors()[0]['msg'])}") from error
        return {"script": script.model_dump(mode="json"), "warnings": [], "usage": {}}
    result = writing.write(source, variant, options, prompt, report)
    return {"script": result.script.model_dump(mode="json"), **_report_of(result)}


def _report_of(result: writing.WritingResult) -> dict[str, Any]:
    usage = {
        "requests": result.requests,
        "prompt_tokens": result.prompt_tokens,
        "completion_tokens": result.completion_tokens,
    }
    return {"warnings": list(result.warnings), "usage": usage}
