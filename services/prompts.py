"""Prompts for language models: their kinds and active versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from database import session
from models import ActivePrompt, Prompt


@dataclass(frozen=True)
class PromptKind:
    """A kind of prompt."""

    description: str


PROMPT_KINDS: Mapping[str, PromptKind] = {
    "transcribe": PromptKind("The initial prompt of speech recognition: names, spelling, style."),
    "proofread": PromptKind("Instructions for correcting a transcript."),
    "script": PromptKind("Instructions for writing the script of a lesson."),
}


def active_text(name: str) -> str:
    """Return the text of the active version of a prompt; "" for the built-in one."""
    prompt = active_prompt(name)
    return prompt.text if prompt is not None else ""


def with_prompts(options: Mapping[str, Any]) -> dict[str, Any]:
    """Add the active prompts to the options of a job, so that later changes do not apply to it. Prompts in the options are kept."""
    prompts = {f"{name}_prompt": active_text(name) for name in ("transcribe", "proofread")}
    return {**{name: text for name, text in prompts.items() if text}, **options}


def active_prompt(name: str) -> Prompt | None:
    """Return the active version of a prompt, or None. Raises KeyError for an unknown name."""
    if name not in PROMPT_KINDS:
        raise KeyError(name)
    query = select(Prompt).join(ActivePrompt, ActivePrompt.prompt_id == Prompt.id).where(ActivePrompt.name == name)
    return session().execute(query).scalar_one_or_none()
