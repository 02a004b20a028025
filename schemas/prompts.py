"""Requests and responses about prompts, including those of clients that know two kinds of prompts."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from lib.clock import iso
from lib.numbers import reject_bool
from lib.text_fields import required_stripped
from services.operations.prompts import PromptVersion

PromptText = Annotated[str, StringConstraints(min_length=1, max_length=50_000)]
VersionName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
PromptId = Annotated[int, Field(ge=1, le=2**53), reject_bool]


class PromptIn(BaseModel):
    """A new version; without `version` it gets the next number."""

    name: Literal["transcribe", "proofread", "script"]
    version: VersionName = ""
    prompt: PromptText
    activate: StrictBool = False


class NamedPromptIn(BaseModel):
    """A new version of the kind of prompt in the path."""

    version: Annotated[str, Field(min_length=1, max_length=60), required_stripped]
    prompt: PromptText


class TranscribePromptChoiceIn(BaseModel):
    transcribe_prompt_id: PromptId

    @property
    def prompt_id(self) -> int:
        return self.transcribe_prompt_id


class ProofreadPromptChoiceIn(BaseModel):
    proofread_prompt_id: PromptId

    @property
    def prompt_id(self) -> int:
        return self.proofread_prompt_id


class PromptOut(BaseModel):
    id: int
    name: str
    version: str
    prompt: str
    active: bool
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
            created_by=row.created_by,
            created_at=iso(row.created_at),
        )


class PromptKindOut(BaseModel):
    name: str
    description: str
    versions: int
    active_id: int | None


class PromptChangedOut(BaseModel):
    success: bool = True
    message: str
    prompt: PromptOut


class ActivePromptOut(BaseModel):
    """The active version; all fields are null if there is none."""

    id: int | None
    version: str | None
    prompt: str | None
    created_at: str | None

    @classmethod
    def of(cls, name: str, version: PromptVersion | None) -> Self:
        """`name` is the kind; the id appears again in the field that clients of this kind read."""
        row = version.prompt if version else None
        values = {"id": row.id, "version": row.version, "prompt": row.text, "created_at": iso(row.created_at)} if row else {}
        fields = {**dict.fromkeys(("id", "version", "prompt", "created_at", f"{name}_prompt_id")), **values}
        fields[f"{name}_prompt_id"] = row.id if row else None
        return cls.model_validate(fields)


class TranscribePromptOut(ActivePromptOut):
    transcribe_prompt_id: int | None


class ProofreadPromptOut(ActivePromptOut):
    proofread_prompt_id: int | None
