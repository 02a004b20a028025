"""Notices of users and their notification preferences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select, update

import errors
from database import changed_rows, session, transaction
from lib.clock import now
from lib.paging import Page, Paging, count_rows, fetch_page
from models import Job, Notice, NotificationPreference
from services.accounts import Caller
from services.jobs.notifications import NOTIFIED_STATES

_RETENTION = dt.timedelta(days=90)


def list_page(caller: Caller, paging: Paging, *, unread_only: bool = False) -> Page[Notice]:
    """List the caller's notices, newest first."""
    unread = [Notice.read_at.is_(None)] if unread_only else []
    query = select(Notice).where(Notice.user_id == caller.user_id, *unread)
    return fetch_page(query.order_by(Notice.created_at.desc(), Notice.id), paging)


def pipelines_of(notices: Sequence[Notice]) -> Mapping[str, str]:
    """Return the pipelines of the jobs of notices, by the ids of the jobs that still exist."""
    job_ids = {each.job_id for each in notices if each.job_id is not None}
    rows = session().execute(select(Job.id, Job.pipeline).where(Job.id.in_(job_ids))) if job_ids else ()
    return {row[0]: row[1] for row in rows}


def count_unread(caller: Caller) -> int:
    return count_rows(Notice, Notice.user_id == caller.user_id, Notice.read_at.is_(None))


def mark_read(caller: Caller, notice_id: str) -> Notice:
    """Mark a notice as read. Raises NotFound."""
    with transaction() as session:
        notice = _get_owned(caller, notice_id)
        notice.read_at = notice.read_at or now()
        session.flush()
    return notice


def mark_all_read(caller: Caller) -> int:
    """Mark all notices as read; return how many were unread."""
    unread = update(Notice).where(Notice.user_id == caller.user_id, Notice.read_at.is_(None))
    with transaction() as session:
        result = session.execute(unread.values(read_at=now()).execution_options(synchronize_session=False))
    return changed_rows(result)


def delete_one(caller: Caller, notice_id: str) -> None:
    with transaction() as session:
        session.delete(_get_owned(caller, notice_id))


def delete_all(caller: Caller) -> None:
    with transaction() as session:
        session.execute(delete(Notice).where(Notice.user_id == caller.user_id))


def _get_owned(caller: Caller, notice_id: str) -> Notice:
    notice = session().get(Notice, notice_id, populate_existing=True)
    if notice is None or notice.user_id != caller.user_id:
        raise errors.NotFound("notice")
    return notice


def preferences(caller: Caller) -> tuple[list[str], list[str]]:
    """Return the kinds of events that create a notice, and those that send an e-mail."""
    row = session().get(NotificationPreference, caller.user_id, populate_existing=True)
    all_kinds = [str(kind) for kind in NOTIFIED_STATES]
    return (all_kinds, all_kinds) if row is None else (row.in_app, row.email)


def set_preferences(caller: Caller, *, in_app: Sequence[str], email: Sequence[str]) -> None:
    with transaction() as session:
        session.merge(NotificationPreference(user_id=caller.user_id, in_app=list(in_app), email=list(email)))


def delete_old() -> None:
    """Delete notices older than 90 days."""
    with transaction() as session:
        session.execute(delete(Notice).where(Notice.created_at < now() - _RETENTION))
