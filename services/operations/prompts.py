"""Prompts for admins: versions are added, chosen and deleted, never changed; each act is noted in the audit log."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

import errors
from database import session, transaction
from lib.paging import Page, Paging, fetch_page
from models import ActivePrompt, Prompt
from services.accounts import Caller
from services.operations import audit
from services.prompts import PROMPT_KINDS

_MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class PromptVersion:
    prompt: Prompt
    active: bool


@dataclass(frozen=True)
class PromptKindInfo:
    """A kind of prompt, how many versions of it there are, and which of them counts."""

    name: str
    description: str
    in_use: bool
    versions: int
    active_id: int | None


def list_kinds() -> list[PromptKindInfo]:
    counted: dict[str, int] = dict(session().execute(select(Prompt.name, func.count()).group_by(Prompt.name)).all())
    active = _active_ids()
    return [
        PromptKindInfo(name, kind.description, kind.in_use, counted.get(name, 0), active.get(name)) for name, kind in PROMPT_KINDS.items()
    ]


def list_page(paging: Paging, *, name: str = "") -> Page[PromptVersion]:
    """List versions, newest first. Raises ValidationFailed for an unknown name."""
    wanted = [Prompt.name == _check_name(name)] if name else []
    page = fetch_page(select(Prompt).where(*wanted).order_by(Prompt.id.desc()), paging)
    chosen = set(_active_ids().values())
    return Page([PromptVersion(each, each.id in chosen) for each in page.rows], page.total)


def find(prompt_id: int, name: str = "") -> PromptVersion:
    """`name`: the kind that it has to be of, if it matters. Raises NotFound."""
    found = session().get(Prompt, prompt_id) if 0 < prompt_id <= _MAX_ID else None
    if found is None or (name and found.name != name):
        raise errors.NotFound("prompt")
    return PromptVersion(found, found.id in _active_ids().values())


def active(name: str) -> PromptVersion | None:
    chosen = _active_ids().get(name)
    return find(chosen) if chosen else None


def create(caller: Caller, *, name: str, text: str, version: str = "", activate: bool = False) -> PromptVersion:
    """Add a version; without a name of its own it is numbered. Raises ValidationFailed, and Conflict where the version is there."""
    _check_name(name)
    with _prompt_transaction() as writing:
        taken = set(writing.execute(select(Prompt.version).where(Prompt.name == name)).scalars())
        version = version or _next_version(taken)
        if version in taken:
            raise errors.Conflict(f"There is a version {version!r} of this prompt already.", hint="Versions are not changed: add another.")
        made = Prompt(name=name, version=version, text=text, created_by=caller.email)
        writing.add(made)
        writing.flush()
        prompt_id = made.id
        audit.record(writing, caller, "prompt.create", ("prompt", str(prompt_id)), None, {"name": name, "version": version, "text": text})
        if activate:
            _activate(writing, caller, made)
    return find(prompt_id)


def activate(caller: Caller, prompt_id: int, name: str = "") -> PromptVersion:
    """From now on this version counts. Raises NotFound."""
    with _prompt_transaction() as writing:
        _activate(writing, caller, find(prompt_id, name).prompt)
    return find(prompt_id)


def deactivate(caller: Caller, prompt_id: int) -> PromptVersion:
    """No version of its kind counts any more. Raises NotFound; one that does not count stays as it is."""
    with _prompt_transaction() as writing:
        known = find(prompt_id)
        if known.active:
            writing.execute(delete(ActivePrompt).where(ActivePrompt.prompt_id == prompt_id))
            before = {"active_id": prompt_id, "version": known.prompt.version}
            audit.record(writing, caller, "prompt.deactivate", ("prompt", known.prompt.name), before, {"active_id": None})
    return find(prompt_id)


def remove(caller: Caller, prompt_id: int) -> None:
    """Raises NotFound, and Conflict for the version that counts."""
    with _prompt_transaction() as writing:
        known = find(prompt_id)
        if known.active:
            raise errors.Conflict("This version is active.", hint="Activate another one first, or deactivate it.")
        before = {"name": known.prompt.name, "version": known.prompt.version, "text": known.prompt.text}
        writing.delete(known.prompt)
        audit.record(writing, caller, "prompt.delete", ("prompt", str(prompt_id)), before)


def _prompt_transaction() -> AbstractContextManager[Session]:
    """A transaction. The database keeps two admins from adding, choosing and deleting the same version at the same moment."""
    return transaction(errors.Conflict("Somebody else changed prompts at this moment."))


def _activate(writing: Session, caller: Caller, prompt: Prompt) -> None:
    row = writing.get(ActivePrompt, prompt.name) or ActivePrompt(name=prompt.name)
    before = {"active_id": row.prompt_id}
    row.prompt_id = prompt.id
    writing.add(row)
    after = {"active_id": prompt.id, "version": prompt.version}
    audit.record(writing, caller, "prompt.activate", ("prompt", prompt.name), before, after)


def _active_ids() -> dict[str, int]:
    return dict(session().execute(select(ActivePrompt.name, ActivePrompt.prompt_id)).all())


def _check_name(name: str) -> str:
    if name not in PROMPT_KINDS:
        raise errors.ValidationFailed(f"name: one of {', '.join(PROMPT_KINDS)}")
    return name


def _next_version(taken: set[str]) -> str:
    return str(max((int(version) for version in taken if version.isdecimal() and len(version) < 10), default=0) + 1)
