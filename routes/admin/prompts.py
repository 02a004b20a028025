"""Prompts of language models and their versions."""

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
    PromptChangedOut,
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

prompts = Blueprint("prompts", __name__, scope="admin", tag="Admin")
_NOT_FOUND, _EXISTS, _CONCURRENT = {404: "Not found"}, {409: "The version exists already"}, {409: "Changed at the same time"}


class PromptsQuery(PageQuery):
    name: Literal["", "transcribe", "proofread", "script"] = ""


@prompts.get("/prompt-kinds")
@admin_required
@prompts.output(list_of(PromptKindOut))
def list_kinds() -> Any:
    """List the kinds of prompts, the active version of each, and whether a feature uses it."""
    return [PromptKindOut(**vars(each)) for each in use_case.list_kinds()]


@prompts.get("/prompts")
@admin_required
@prompts.input(PromptsQuery, location="query")
@prompts.output(list_of(PromptOut))
def list_prompts(query_data: PromptsQuery) -> Response:
    """List all versions, newest first."""
    return _page(query_data, query_data.name)


@prompts.post("/prompts")
@admin_required
@prompts.input(PromptIn)
@prompts.output(PromptChangedOut, status_code=201)
@prompts.doc(responses=_EXISTS)
def create_prompt(json_data: PromptIn) -> Any:
    """Create a version and optionally activate it."""
    version = use_case.create(caller(), name=json_data.name, text=json_data.prompt, version=json_data.version, activate=json_data.activate)
    return _prompt_changed_out("Prompt added.", version)


@prompts.get("/prompts/<prompt_id>")
@admin_required
@prompts.output(PromptOut)
@prompts.doc(responses=_NOT_FOUND)
def show_prompt(prompt_id: str) -> Any:
    """Return a version."""
    return PromptOut.of(use_case.find(_number(prompt_id)))


@prompts.post("/prompts/<prompt_id>/activate")
@admin_required
@prompts.output(PromptChangedOut)
@prompts.doc(responses=_NOT_FOUND | _CONCURRENT)
def activate_prompt(prompt_id: str) -> Any:
    """Make this version the active one of its kind."""
    return _prompt_changed_out("Prompt activated.", use_case.activate(caller(), _number(prompt_id)))


@prompts.post("/prompts/<prompt_id>/deactivate")
@admin_required
@prompts.output(PromptChangedOut)
@prompts.doc(responses=_NOT_FOUND | _CONCURRENT)
def deactivate_prompt(prompt_id: str) -> Any:
    """Deactivate a version; features then use their built-in prompt."""
    return _prompt_changed_out("Prompt deactivated.", use_case.deactivate(caller(), _number(prompt_id)))


@prompts.delete("/prompts/<prompt_id>")
@admin_required
@prompts.output(MessageOut)
@prompts.doc(responses={**_NOT_FOUND, 409: "This version is active"})
def delete_prompt(prompt_id: str) -> Any:
    """Delete a version that is not active."""
    use_case.remove(caller(), _number(prompt_id))
    return MessageOut(message="Prompt deleted.")


def _add_routes_of_kind(
    name: Literal["transcribe", "proofread"],
    choice_in: type[TranscribePromptChoiceIn | ProofreadPromptChoiceIn],
    active_out: type[TranscribePromptOut | ProofreadPromptOut],
) -> None:
    """Add the documented routes for one kind of prompt."""

    @prompts.get(f"/{name}-prompts", endpoint=f"list_{name}_prompts")
    @admin_required
    @prompts.input(PageQuery, location="query")
    @prompts.output(list_of(PromptOut))
    @prompts.doc(summary=f"List the versions of `{name}`")
    def list_versions(query_data: PageQuery) -> Response:
        return _page(query_data, name)

    @prompts.post(f"/{name}-prompts", endpoint=f"create_{name}_prompt")
    @admin_required
    @prompts.input(NamedPromptIn)
    @prompts.output(PromptChangedOut, status_code=201)
    @prompts.doc(summary=f"Create a version of `{name}`", responses=_EXISTS)
    def create_version(json_data: NamedPromptIn) -> Any:
        return _prompt_changed_out("Prompt added.", use_case.create(caller(), name=name, text=json_data.prompt, version=json_data.version))

    @prompts.get(f"/settings/active-{name}-prompt", endpoint=f"show_{name}_choice")
    @admin_required
    @prompts.output(active_out)
    @prompts.doc(summary=f"Return the active version of `{name}`")
    def show_active() -> Any:
        return active_out.of(name, use_case.find_active(name))

    @prompts.post(f"/settings/active-{name}-prompt", endpoint=f"choose_{name}_prompt")
    @admin_required
    @prompts.input(choice_in)
    @prompts.output(PromptChangedOut)
    @prompts.doc(summary=f"Activate a version of `{name}`", responses=_NOT_FOUND | _CONCURRENT)
    def activate_version(json_data: TranscribePromptChoiceIn | ProofreadPromptChoiceIn) -> Any:
        return _prompt_changed_out("Prompt activated.", use_case.activate(caller(), json_data.prompt_id, name))


_add_routes_of_kind("transcribe", TranscribePromptChoiceIn, TranscribePromptOut)
_add_routes_of_kind("proofread", ProofreadPromptChoiceIn, ProofreadPromptOut)


def _page(query: PageQuery, name: str) -> Response:
    page = use_case.list_page(query.paging, name=name)
    return page_response([PromptOut.of(each) for each in page.rows], query, page.total)


def _prompt_changed_out(message: str, version: PromptVersion) -> PromptChangedOut:
    return PromptChangedOut(message=message, prompt=PromptOut.of(version))


def _number(prompt_id: str) -> int:
    """Return the id as a number, or 0, which no prompt has."""
    return int(prompt_id) if prompt_id.isascii() and prompt_id.isdecimal() and len(prompt_id) < 19 else 0
