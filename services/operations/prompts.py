"""Prompt administration: versions are created, activated and deleted, never changed. All changes are in the audit log."""

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
    """A kind of prompt, the number of its versions and the active one."""

    name: str
    description: str
    versions: int
    active_id: int | None


def list_kinds() -> list[PromptKindInfo]:
    counts: dict[str, int] = dict(session().execute(select(Prompt.name, func.count()).group_by(Prompt.name)).all())
    active_ids = _active_ids()
    return [PromptKindInfo(name, kind.description, counts.get(name, 0), active_ids.get(name)) for name, kind in PROMPT_KINDS.items()]


def list_page(paging: Paging, *, name: str = "") -> Page[PromptVersion]:
    """List versions, newest first. Raises ValidationFailed for an unknown name."""
    conditions = [Prompt.name == _check_name(name)] if name else []
    page = fetch_page(select(Prompt).where(*conditions).order_by(Prompt.id.desc()), paging)
    active_ids = set(_active_ids().values())
    return Page([PromptVersion(each, each.id in active_ids) for each in page.rows], page.total)


def find(prompt_id: int, name: str = "") -> PromptVersion:
    """Return a version; with `name`, only of this kind. Raises NotFound."""
    prompt = session().get(Prompt, prompt_id) if 0 < prompt_id <= _MAX_ID else None
    if prompt is None or (name and prompt.name != name):
        raise errors.NotFound("prompt")
    return PromptVersion(prompt, prompt.id in _active_ids().values())


def find_active(name: str) -> PromptVersion | None:
    """Return the active version of a prompt, or None."""
    prompt_id = _active_ids().get(name)
    return find(prompt_id) if prompt_id else None


def create(caller: Caller, *, name: str, text: str, version: str = "", activate: bool = False) -> PromptVersion:
    """Create a version, numbered unless `version` is given. Raises ValidationFailed, and Conflict if the version exists."""
    _check_name(name)
    with _prompt_transaction() as session:
        existing_versions = set(session.execute(select(Prompt.version).where(Prompt.name == name)).scalars())
        version = version or _next_version(existing_versions)
        if version in existing_versions:
            raise errors.Conflict(
                f"Version {version!r} of this prompt exists already.", hint="Versions cannot be changed. Create another one."
            )
        prompt = Prompt(name=name, version=version, text=text, created_by=caller.email)
        session.add(prompt)
        session.flush()
        prompt_id = prompt.id
        audit.record(session, caller, "prompt.create", ("prompt", str(prompt_id)), None, {"name": name, "version": version, "text": text})
        if activate:
            _activate(session, caller, prompt)
    return find(prompt_id)


def activate(caller: Caller, prompt_id: int, name: str = "") -> PromptVersion:
    """Make a version the active one of its kind. Raises NotFound."""
    with _prompt_transaction() as session:
        _activate(session, caller, find(prompt_id, name).prompt)
    return find(prompt_id)


def deactivate(caller: Caller, prompt_id: int) -> PromptVersion:
    """Deactivate a version if it is active; then no version of its kind is. Raises NotFound."""
    with _prompt_transaction() as session:
        current = find(prompt_id)
        if current.active:
            session.execute(delete(ActivePrompt).where(ActivePrompt.prompt_id == prompt_id))
            before = {"active_id": prompt_id, "version": current.prompt.version}
            audit.record(session, caller, "prompt.deactivate", ("prompt", current.prompt.name), before, {"active_id": None})
    return find(prompt_id)


def remove(caller: Caller, prompt_id: int) -> None:
    """Delete a version. Raises NotFound, and Conflict for the active one."""
    with _prompt_transaction() as session:
        current = find(prompt_id)
        if current.active:
            raise errors.Conflict("This version is active.", hint="Activate another one first, or deactivate it.")
        before = {"name": current.prompt.name, "version": current.prompt.version, "text": current.prompt.text}
        session.delete(current.prompt)
        audit.record(session, caller, "prompt.delete", ("prompt", str(prompt_id)), before)


def _prompt_transaction() -> AbstractContextManager[Session]:
    """Open a transaction that turns concurrent changes by two admins into a Conflict."""
    return transaction(errors.Conflict("Another admin changed the prompts at the same time."))


def _activate(session: Session, caller: Caller, prompt: Prompt) -> None:
    row = session.get(ActivePrompt, prompt.name) or ActivePrompt(name=prompt.name)
    before = {"active_id": row.prompt_id}
    row.prompt_id = prompt.id
    session.add(row)
    after = {"active_id": prompt.id, "version": prompt.version}
    audit.record(session, caller, "prompt.activate", ("prompt", prompt.name), before, after)


def _active_ids() -> dict[str, int]:
    return dict(session().execute(select(ActivePrompt.name, ActivePrompt.prompt_id)).all())


def _check_name(name: str) -> str:
    if name not in PROMPT_KINDS:
        raise errors.ValidationFailed(f"name: one of {', '.join(PROMPT_KINDS)}")
    return name


def _next_version(existing_versions: set[str]) -> str:
    return str(max((int(version) for version in existing_versions if version.isdecimal() and len(version) < 10), default=0) + 1)
