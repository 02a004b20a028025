"""What language models are told: versions of it, and the one that counts. Features ask `active_prompt(name)`, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from database import session
from models import ActivePrompt, Prompt


@dataclass(frozen=True)
class PromptKind:
    """What a prompt is for. `in_use`: whether a feature of this version asks for it; whoever builds one says so here."""

    description: str
    in_use: bool = False


PROMPT_KINDS: Mapping[str, PromptKind] = {
    "transcribe": PromptKind("What speech recognition is told beforehand: names, spelling, style."),
    "proofread": PromptKind("How a language model corrects a transcript."),
    "script": PromptKind("How a language model writes a lesson's script."),
}


def active_prompt(name: str) -> Prompt | None:
    """The version of this prompt that counts now; None where no admin has chosen one."""
    if name not in PROMPT_KINDS:
        raise KeyError(name)
    chosen = select(Prompt).join(ActivePrompt, ActivePrompt.prompt_id == Prompt.id).where(ActivePrompt.name == name)
    return session().execute(chosen).scalar_one_or_none()
