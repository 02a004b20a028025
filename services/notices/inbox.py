"""Notices as their owners may see and change them, and what they want to hear of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update

import errors
from database import session, transaction
from lib.clock import now
from models import Notice, NotificationPreference
from services.accounts import Caller
from services.jobs.notifications import TOLD

_KEPT = dt.timedelta(days=90)


@dataclass(frozen=True)
class Page:
    """One page, newest first; `total` and `unread` count all pages, `total` only those that were asked for."""

    notices: Sequence[Notice]
    total: int
    unread: int


def list_page(caller: Caller, *, page: int, limit: int, unread_only: bool = False) -> Page:
    mine = Notice.user_id == caller.user_id
    counted = select(func.count(), func.count().filter(Notice.read_at.is_(None))).select_from(Notice).where(mine)
    total, unread = session().execute(counted).one()
    wanted = select(Notice).where(mine, *([Notice.read_at.is_(None)] if unread_only else []))
    newest = wanted.order_by(Notice.created_at.desc(), Notice.id).offset((page - 1) * limit).limit(limit)
    return Page(session().execute(newest).scalars().all(), unread if unread_only else total, unread)


def mark_read(caller: Caller, notice_id: str) -> Notice:
    """Raises NotFound."""
    with transaction() as writing:
        notice = _owned(caller, notice_id)
        notice.read_at = notice.read_at or now()
        writing.flush()
    return notice


def mark_all_read(caller: Caller) -> int:
    """-> how many were unread."""
    unread = update(Notice).where(Notice.user_id == caller.user_id, Notice.read_at.is_(None))
    with transaction() as writing:
        done = writing.execute(unread.values(read_at=now()).execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount


def delete_one(caller: Caller, notice_id: str) -> None:
    with transaction() as writing:
        writing.delete(_owned(caller, notice_id))


def delete_all(caller: Caller) -> None:
    with transaction() as writing:
        writing.execute(delete(Notice).where(Notice.user_id == caller.user_id))


def _owned(caller: Caller, notice_id: str) -> Notice:
    found = session().get(Notice, notice_id, populate_existing=True)
    if found is None or found.user_id != caller.user_id:
        raise errors.NotFound("notice")
    return found


def choices(caller: Caller) -> tuple[list[str], list[str]]:
    """Kinds of ends that bring a notice, and those that bring an e-mail."""
    chosen = session().get(NotificationPreference, caller.user_id, populate_existing=True)
    every = [str(kind) for kind in TOLD]
    return (every, every) if chosen is None else (chosen.in_app, chosen.email)


def choose(caller: Caller, *, in_app: Sequence[str], email: Sequence[str]) -> None:
    with transaction() as writing:
        writing.merge(NotificationPreference(user_id=caller.user_id, in_app=list(in_app), email=list(email)))


def forget_old() -> None:
    """Notices of long ago, read or not."""
    with transaction() as writing:
        writing.execute(delete(Notice).where(Notice.created_at < now() - _KEPT))
