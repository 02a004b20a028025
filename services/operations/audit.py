"""The audit log: changes by admins and at the command line, with the values before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from database import session
from lib.paging import Page, Paging, fetch_page
from lib.request_id import request_id
from models import AuditEntry
from services.accounts import Caller

State = Mapping[str, Any] | None


def record(session: Session, actor: Caller | None, action: str, target: tuple[str, str], before: State = None, after: State = None) -> None:
    """Add an entry in the transaction of the change. `target`: kind and id. No actor means the command line.

    Equal values in `before` and `after` are left out. Neither may contain secrets.
    """
    old, new = dict(before or {}), dict(after or {})
    unchanged_names = [name for name, value in old.items() if name in new and new[name] == value]
    before, after = ({name: value for name, value in each.items() if name not in unchanged_names} for each in (old, new))
    session.add(build_entry(actor, action, target, before, after))


def record_if_other_user(
    session: Session, actor: Caller, owner_id: str, action: str, target: tuple[str, str], before: State = None, after: State = None
) -> None:
    """Record a change by an admin to the data of another user. Changes to their own data are not recorded."""
    if owner_id != actor.user_id:
        record(session, actor, action, target, before, after)


def build_entry(actor: Caller | None, action: str, target: tuple[str, str], before: State, after: State) -> AuditEntry:
    """Return an entry without adding it to a session."""
    return AuditEntry(
        actor_id=actor.user_id if actor else None,
        actor_email=actor.email if actor else "(command line)",
        action=action,
        target_kind=target[0],
        target_id=target[1],
        before=dict(before or {}),
        after=dict(after or {}),
        request_id=request_id(),
    )


def list_page(paging: Paging, *, actor: str = "", action: str = "", target_id: str = "") -> Page[AuditEntry]:
    """List entries, newest first. `actor`: an id or an e-mail address; `action`: its beginning."""
    conditions: list[ColumnElement[bool]] = []
    if actor:
        conditions.append((AuditEntry.actor_id == actor) | (AuditEntry.actor_email == actor.lower()))
    if action:
        conditions.append(AuditEntry.action.startswith(action, autoescape=True))
    if target_id:
        conditions.append(AuditEntry.target_id == target_id)
    return fetch_page(select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc()), paging)


def newest_by_target(action: str, target_ids: Sequence[str]) -> dict[str, AuditEntry]:
    """Return the newest entry with this action for each target."""
    entries = session().execute(
        select(AuditEntry).where(AuditEntry.action == action, AuditEntry.target_id.in_(target_ids)).order_by(AuditEntry.id)
    )
    return {each.target_id: each for each in entries.scalars()}
