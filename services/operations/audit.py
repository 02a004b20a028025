"""The audit log: every act of an admin or at the command line, with what was there before and after it."""

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


def record(writing: Session, actor: Caller | None, action: str, target: tuple[str, str], before: State = None, after: State = None) -> None:
    """Inside the transaction of the act. `target`: kind and id. Without an actor it was the operator, at the command line.

    What `before` and `after` agree in is left out; secrets have no place in either.
    """
    was, now_is = dict(before or {}), dict(after or {})
    same = [name for name, value in was.items() if name in now_is and now_is[name] == value]
    before, after = ({name: value for name, value in each.items() if name not in same} for each in (was, now_is))
    writing.add(build_entry(actor, action, target, before, after))


def record_on_others(
    writing: Session, actor: Caller, owner_id: str, action: str, target: tuple[str, str], before: State = None, after: State = None
) -> None:
    """What admins do to things of other people, wherever they do it. What people do to their own is their own business."""
    if owner_id != actor.user_id:
        record(writing, actor, action, target, before, after)


def build_entry(actor: Caller | None, action: str, target: tuple[str, str], before: State, after: State) -> AuditEntry:
    """An entry as it stands, not yet written."""
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
    wanted: list[ColumnElement[bool]] = []
    if actor:
        wanted.append((AuditEntry.actor_id == actor) | (AuditEntry.actor_email == actor.lower()))
    if action:
        wanted.append(AuditEntry.action.startswith(action, autoescape=True))
    if target_id:
        wanted.append(AuditEntry.target_id == target_id)
    return fetch_page(select(AuditEntry).where(*wanted).order_by(AuditEntry.id.desc()), paging)


def newest_by_target(action: str, target_ids: Sequence[str]) -> dict[str, AuditEntry]:
    """The last entry of this kind for each of these targets."""
    found = session().execute(
        select(AuditEntry).where(AuditEntry.action == action, AuditEntry.target_id.in_(target_ids)).order_by(AuditEntry.id)
    )
    return {each.target_id: each for each in found.scalars()}
