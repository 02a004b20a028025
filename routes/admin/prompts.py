"""Prompts: versions of what language models are told, and which of them counts. No feature of this version asks for any yet."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response

from routes.caller import admin_required, caller
from routes.endpoints import Blueprint
from routes.list_responses import list_of
from routes.paging import PageQuery, page_response
from schemas.accounts import MessageOut
from schemas.prompts import (
    NamedPromptIn,
    PromptDoneOut,
    PromptIn,
    PromptKindOut,
    PromptOut,
    ProofreadPromptChoiceIn,
    ProofreadPromptOut,
    TranscribePromptChoiceIn,
    TranscribePromptOut,
)
from services.operations import prompts as use_case
from services.operations.prompts import PromptVersion
from services.prompts import PROMPT_KINDS

prompts = Blueprint("prompts", __name__, scope="admin", tag="Admin")
_MISSING, _TAKEN = {404: "Not found"}, {409: "There is such a version already"}


class PromptsQuery(PageQuery):
    name: Literal["", "transcribe", "proofread", "script"] = ""


@prompts.get("/prompt-kinds")
@admin_required
@prompts.output(list_of(PromptKindOut))
def list_kinds() -> Any:
    """What prompts there may be, which version counts, and whether anything asks for it yet; a bare array."""
    return [PromptKindOut(**vars(each)) for each in use_case.list_kinds()]


@prompts.get("/prompts")
@admin_required
@prompts.input(PromptsQuery, location="query")
@prompts.output(list_of(PromptOut))
def list_prompts(query_data: PromptsQuery) -> Response:
    """All versions, newest first, as a bare array."""
    return _page(query_data, query_data.name)


@prompts.post("/prompts")
@admin_required
@prompts.input(PromptIn)
@prompts.output(PromptDoneOut, status_code=201)
@prompts.doc(responses=_TAKEN)
def create_prompt(json_data: PromptIn) -> Any:
    """Add a version, and activate it at once if so told."""
    made = use_case.create(caller(), name=json_data.name, text=json_data.prompt, version=json_data.version, activate=json_data.activate)
    return _done("Prompt added.", made)


@prompts.get("/prompts/<prompt_id>")
@admin_required
@prompts.output(PromptOut)
@prompts.doc(responses=_MISSING)
def show_prompt(prompt_id: str) -> Any:
    """One version."""
    return PromptOut.of(use_case.find(_number(prompt_id)))


@prompts.post("/prompts/<prompt_id>/activate")
@admin_required
@prompts.output(PromptDoneOut)
@prompts.doc(responses={**_MISSING, 409: "Changed at the same moment"})
def activate_prompt(prompt_id: str) -> Any:
    """From now on this version counts, instead of the one before."""
    return _done("Prompt activated.", use_case.activate(caller(), _number(prompt_id)))


@prompts.post("/prompts/<prompt_id>/deactivate")
@admin_required
@prompts.output(PromptDoneOut)
@prompts.doc(responses={**_MISSING, 409: "Changed at the same moment"})
def deactivate_prompt(prompt_id: str) -> Any:
    """No version counts any more; features go by their own words then."""
    return _done("Prompt deactivated.", use_case.deactivate(caller(), _number(prompt_id)))


@prompts.delete("/prompts/<prompt_id>")
@admin_required
@prompts.output(MessageOut)
@prompts.doc(responses={**_MISSING, 409: "This version is active"})
def delete_prompt(prompt_id: str) -> Any:
    """Delete a version that is not active."""
    use_case.remove(caller(), _number(prompt_id))
    return MessageOut(message="Prompt deleted.")


@prompts.get("/transcribe-prompts")
@admin_required
@prompts.input(PageQuery, location="query")
@prompts.output(list_of(PromptOut))
def list_transcribe_prompts(query_data: PageQuery) -> Response:
    """The versions of `transcribe`."""
    return _page(query_data, "transcribe")


@prompts.post("/transcribe-prompts")
@admin_required
@prompts.input(NamedPromptIn)
@prompts.output(PromptDoneOut, status_code=201)
@prompts.doc(responses=_TAKEN)
def create_transcribe_prompt(json_data: NamedPromptIn) -> Any:
    """Add a version of `transcribe`."""
    return _done("Prompt added.", use_case.create(caller(), name="transcribe", text=json_data.prompt, version=json_data.version))


@prompts.get("/proofread-prompts")
@admin_required
@prompts.input(PageQuery, location="query")
@prompts.output(list_of(PromptOut))
def list_proofread_prompts(query_data: PageQuery) -> Response:
    """The versions of `proofread`."""
    return _page(query_data, "proofread")


@prompts.post("/proofread-prompts")
@admin_required
@prompts.input(NamedPromptIn)
@prompts.output(PromptDoneOut, status_code=201)
@prompts.doc(responses=_TAKEN)
def create_proofread_prompt(json_data: NamedPromptIn) -> Any:
    """Add a version of `proofread`."""
    return _done("Prompt added.", use_case.create(caller(), name="proofread", text=json_data.prompt, version=json_data.version))


@prompts.get("/settings/active-transcribe-prompt")
@admin_required
@prompts.output(TranscribePromptOut)
def show_transcribe_choice() -> Any:
    """Which version of `transcribe` counts."""
    known = use_case.active("transcribe")
    return TranscribePromptOut(**TranscribePromptOut.plain("transcribe", known), transcribe_prompt_id=known.prompt.id if known else None)


@prompts.post("/settings/active-transcribe-prompt")
@admin_required
@prompts.input(TranscribePromptChoiceIn)
@prompts.output(PromptDoneOut)
@prompts.doc(responses={**_MISSING, 409: "Changed at the same moment"})
def choose_transcribe_prompt(json_data: TranscribePromptChoiceIn) -> Any:
    """Activate a version of `transcribe`."""
    return _done("Prompt activated.", use_case.activate(caller(), json_data.transcribe_prompt_id, "transcribe"))


@prompts.get("/settings/active-proofread-prompt")
@admin_required
@prompts.output(ProofreadPromptOut)
def show_proofread_choice() -> Any:
    """Which version of `proofread` counts."""
    known = use_case.active("proofread")
    return ProofreadPromptOut(**ProofreadPromptOut.plain("proofread", known), proofread_prompt_id=known.prompt.id if known else None)


@prompts.post("/settings/active-proofread-prompt")
@admin_required
@prompts.input(ProofreadPromptChoiceIn)
@prompts.output(PromptDoneOut)
@prompts.doc(responses={**_MISSING, 409: "Changed at the same moment"})
def choose_proofread_prompt(json_data: ProofreadPromptChoiceIn) -> Any:
    """Activate a version of `proofread`."""
    return _done("Prompt activated.", use_case.activate(caller(), json_data.proofread_prompt_id, "proofread"))


def _page(query: PageQuery, name: str) -> Response:
    page = use_case.list_page(query.paging, name=name)
    return page_response([PromptOut.of(each) for each in page.rows], query, page.total)


def _done(said: str, known: PromptVersion) -> PromptDoneOut:
    unused = "" if PROMPT_KINDS[known.prompt.name].in_use else " No feature of this version of Lectern asks for it yet."
    return PromptDoneOut(message=said + unused, prompt=PromptOut.of(known))


def _number(given: str) -> int:
    """Whatever is no number is no prompt's."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
