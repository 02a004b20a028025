"""Prompts: requests and responses of the general API, and of the documented one with its two kinds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from lib.clock import iso
from schemas.numbers import reject_bool
from services.operations.prompts import PromptVersion
from services.prompts import PROMPT_KINDS

PromptText = Annotated[str, StringConstraints(min_length=1, max_length=50_000)]
VersionName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
PromptId = Annotated[int, Field(ge=1, le=2**53), reject_bool]
_IN_USE = "Whether a feature of this version of Lectern uses prompts of this name."


class PromptIn(BaseModel):
    """A version without a name gets the next number."""

    name: Literal["transcribe", "proofread", "script"]
    version: VersionName = ""
    prompt: PromptText
    activate: StrictBool = False


class NamedPromptIn(BaseModel):
    """A version of the prompt named in the path."""

    version: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    prompt: PromptText


class TranscribePromptChoiceIn(BaseModel):
    transcribe_prompt_id: PromptId


class ProofreadPromptChoiceIn(BaseModel):
    proofread_prompt_id: PromptId


class PromptOut(BaseModel):
    id: int
    name: str
    version: str
    prompt: str
    active: bool
    in_use: bool = Field(description=_IN_USE)
    created_by: str
    created_at: str | None

    @classmethod
    def of(cls, version: PromptVersion) -> PromptOut:
        row = version.prompt
        return cls(
            id=row.id,
            name=row.name,
            version=row.version,
            prompt=row.text,
            active=version.active,
            in_use=PROMPT_KINDS[row.name].in_use,
            created_by=row.created_by,
            created_at=iso(row.created_at),
        )


class PromptKindOut(BaseModel):
    name: str
    description: str
    in_use: bool = Field(description=_IN_USE)
    versions: int
    active_id: int | None


class PromptDoneOut(BaseModel):
    success: bool = True
    message: str
    prompt: PromptOut


class ChosenPromptOut(BaseModel):
    """The active version; all fields are null if there is none."""

    id: int | None
    version: str | None
    prompt: str | None
    created_at: str | None
    in_use: bool = Field(description=_IN_USE)

    @classmethod
    def plain(cls, name: str, version: PromptVersion | None) -> dict[str, Any]:
        row = version.prompt if version else None
        at = iso(row.created_at) if row else None
        fields = {"id": row.id, "version": row.version, "prompt": row.text} if row else dict.fromkeys(("id", "version", "prompt"))
        return {**fields, "created_at": at, "in_use": PROMPT_KINDS[name].in_use}


class TranscribePromptOut(ChosenPromptOut):
    transcribe_prompt_id: int | None


class ProofreadPromptOut(ChosenPromptOut):
    proofread_prompt_id: int | None
