"""Prompts for language models: their kinds and active versions. Features use only `active_prompt(name)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from database import session
from models import ActivePrompt, Prompt


@dataclass(frozen=True)
class PromptKind:
    """A kind of prompt. `in_use`: whether any feature uses it; change it together with the feature."""

    description: str
    in_use: bool = False


PROMPT_KINDS: Mapping[str, PromptKind] = {
    "transcribe": PromptKind("The initial prompt of speech recognition: names, spelling, style.", in_use=True),
    "proofread": PromptKind("Instructions for correcting a transcript.", in_use=True),
    "script": PromptKind("Instructions for writing the script of a lesson.", in_use=True),
}


def active_text(name: str) -> str:
    """Return the text of the active version of a prompt; "" for the built-in one."""
    prompt = active_prompt(name)
    return prompt.text if prompt is not None else ""


def with_prompts(options: Mapping[str, Any]) -> dict[str, Any]:
    """Add the active prompts of conversions to the options of a job, unless it has its own: later changes do not apply to it."""
    prompts = {f"{name}_prompt": active_text(name) for name in ("transcribe", "proofread")}
    return {**{name: text for name, text in prompts.items() if text}, **options}


def active_prompt(name: str) -> Prompt | None:
    """Return the active version of a prompt, or None. Raises KeyError for an unknown name."""
    if name not in PROMPT_KINDS:
        raise KeyError(name)
    active = select(Prompt).join(ActivePrompt, ActivePrompt.prompt_id == Prompt.id).where(ActivePrompt.name == name)
    return session().execute(active).scalar_one_or_none()
