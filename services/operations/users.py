"""User administration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

import errors
from database import session, transaction
from lib.paging import Page, Paging, fetch_page
from lib.text_search import contains_text
from models import Artifact, Job, LoginSession, Recording, User
from services import accounts
from services.accounts import Caller, deletion, roles
from services.operations import audit
from services.storage import Store

_AUDITED_FIELDS = (
    "email",
    "username",
    "first_name",
    "last_name",
    "role",
    "status",
    "quota_bytes",
    "quota_jobs",
    "quota_uploads",
    "retention_days",
)
_ORDERS = {"created_at": User.created_at, "email": User.email, "last_login_at": User.last_login_at}


@dataclass(frozen=True)
class UserFilter:
    """Conditions; empty fields match all. `query`: part of an address or name."""

    query: str = ""
    role: str = ""
    status: str = ""
    sort: str = "-created_at"


@dataclass(frozen=True)
class Activity:
    """Activity of a user; `bytes` includes documents."""

    recordings: int = 0
    jobs: int = 0
    active_jobs: int = 0
    failed_jobs: int = 0
    bytes: int = 0
    log_ins: int = 0
    last_seen_at: dt.datetime | None = None
    last_upload_at: dt.datetime | None = None


def list_page(filters: UserFilter, paging: Paging) -> Page[User]:
    """List users in the order of `filters.sort`."""
    conditions = _conditions(filters)
    column = _ORDERS[filters.sort.removeprefix("-")]
    order = column.desc().nulls_last() if filters.sort.startswith("-") else column.asc().nulls_last()
    return fetch_page(select(User).where(*conditions).order_by(order, User.id), paging)


def _conditions(filters: UserFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.query:
        conditions.append(contains_text(filters.query, User.email, User.username, User.first_name, User.last_name))
    if filters.role:
        conditions.append(User.role == filters.role)
    if filters.status:
        conditions.append(User.status == filters.status)
    return conditions


def activity_of(user_ids: Sequence[str]) -> dict[str, Activity]:
    """Return the activity by user id; four queries for any number of users."""
    states = func.count().filter(Job.state.in_(("queued", "running"))), func.count().filter(Job.state == "failed")
    jobs = _by_user(select(Job.user_id, func.count(), *states).where(Job.user_id.in_(user_ids)).group_by(Job.user_id))
    query = select(Recording.user_id, func.count(), func.sum(Recording.size_bytes), func.max(Recording.created_at))
    recordings = _by_user(query.where(Recording.user_id.in_(user_ids)).group_by(Recording.user_id))
    documents = select(Recording.user_id, func.sum(Artifact.size_bytes)).join(Artifact, Artifact.recording_id == Recording.id)
    documents_by_user = _by_user(documents.where(Recording.user_id.in_(user_ids)).group_by(Recording.user_id))
    last_seen_at = func.max(func.coalesce(LoginSession.last_used_at, LoginSession.created_at))
    sessions = _by_user(
        select(LoginSession.user_id, func.count(), last_seen_at).where(LoginSession.user_id.in_(user_ids)).group_by(LoginSession.user_id)
    )
    return {
        each: Activity(
            recordings=int(recordings.get(each, (0,))[0]),
            jobs=int(jobs.get(each, (0,))[0]),
            active_jobs=int(jobs.get(each, (0, 0, 0))[1]),
            failed_jobs=int(jobs.get(each, (0, 0, 0))[2]),
            bytes=int(recordings.get(each, (0, 0))[1]) + int(documents_by_user.get(each, (0,))[0]),
            log_ins=int(sessions.get(each, (0,))[0]),
            last_seen_at=sessions.get(each, (0, None))[1],
            last_upload_at=recordings.get(each, (0, 0, None))[2],
        )
        for each in user_ids
    }


def _by_user(query: Any) -> dict[str, tuple[Any, ...]]:
    return {row[0]: tuple(row[1:]) for row in session().execute(query)}


def find(user_id: str) -> User:
    """Return a user by id. Raises NotFound."""
    user = session().get(User, user_id, populate_existing=True)
    if user is None:
        raise errors.NotFound("user")
    return user


def create(caller: Caller, *, email: str, password: str, username: str | None, first: str, last: str, role: str) -> User:
    """Create a user. Raises AlreadyRegistered, and Forbidden if the caller may not create admins."""
    if role != "user" and not caller.is_super_admin:
        raise errors.Forbidden("Only super admins may add or remove admins.")

    def record_creation(user: User) -> None:
        audit.record(session(), caller, "user.create", ("user", user.id), None, snapshot(user))

    return accounts.register(
        email=email, password=password, username=username, first_name=first, last_name=last, role=role, then=record_creation
    )


def change(caller: Caller, user_id: str, values: Mapping[str, Any], *, verified_only: bool = False) -> User:
    """Change role, status, names, quotas or retention. Raises NotFound, Forbidden, Conflict.

    `verified_only`: only users with a verified address may become admin.
    """
    with transaction() as session:
        user = find(user_id)
        before = snapshot(user)
        if verified_only and user.role == "user" and values.get("role", "user") != "user":
            require_verified_email(user)
        attributes = {name: value for name, value in values.items() if name not in ("role", "status")}
        if attributes and user.role in accounts.ADMIN_ROLES and user.id != caller.user_id and not caller.is_super_admin:
            raise errors.Forbidden("Only super admins may do this to an admin.")
        for name, value in attributes.items():
            setattr(user, name, value)
        if values.get("role", user.role) != user.role:
            accounts.set_role(caller, user_id, values["role"])
        if values.get("status", user.status) != user.status:
            (accounts.suspend if values["status"] == "suspended" else accounts.unsuspend)(caller, user_id)
        session.flush()
        audit.record(session, caller, "user.change", ("user", user_id), before, snapshot(user))
    return find(user_id)


def delete(caller: Caller, user_id: str, store: Store) -> None:
    """Delete a user with everything in the account. Raises NotFound, and Conflict for admins."""
    user = find(user_id)
    if user.role in accounts.ADMIN_ROLES:
        raise errors.Conflict("User is admin.", hint="Remove the admin role first.")
    roles.check_may_change(caller, user)
    before = snapshot(user)
    deletion.delete_user(user_id, store, lambda session: audit.record(session, caller, "user.delete", ("user", user_id), before, None))


def require_verified_email(user: User) -> None:
    """Raise Conflict unless the address is verified: the account may have been registered by somebody else."""
    if not user.email_verified:
        hint = "Its owner verifies it with the e-mail. Or, if you know the account, send its `user_id` instead of the address."
        raise errors.Conflict(f"The e-mail address {user.email} is not verified.", hint=hint)


def snapshot(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in _AUDITED_FIELDS}
