"""Users as admins see and change them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

import errors
from database import session, transaction
from lib.paging import Page, Paging, fetch_page
from models import Artifact, Job, LoginSession, Recording, User
from services import accounts
from services.accounts import Caller, deletion, roles
from services.operations import audit
from services.storage import Store

_STATE = ("email", "username", "first_name", "last_name", "role", "status", "quota_bytes", "quota_jobs", "quota_uploads")
_ORDERS = {"created_at": User.created_at, "email": User.email, "last_login_at": User.last_login_at}


@dataclass(frozen=True)
class UserFilter:
    """Which users; empty: all. `query` is a part of an address or a name."""

    query: str = ""
    role: str = ""
    status: str = ""
    sort: str = "-created_at"


@dataclass(frozen=True)
class Activity:
    """What a user has and does; bytes count derived files."""

    recordings: int = 0
    jobs: int = 0
    active_jobs: int = 0
    failed_jobs: int = 0
    bytes: int = 0
    log_ins: int = 0
    last_seen_at: dt.datetime | None = None
    last_upload_at: dt.datetime | None = None


def list_page(wanted: UserFilter, paging: Paging) -> Page[User]:
    """List users in the order of `wanted.sort`."""
    conditions = _conditions(wanted)
    column = _ORDERS[wanted.sort.removeprefix("-")]
    order = column.desc().nulls_last() if wanted.sort.startswith("-") else column.asc().nulls_last()
    return fetch_page(select(User).where(*conditions).order_by(order, User.id), paging)


def _conditions(wanted: UserFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.query:
        names = (User.email, User.username, User.first_name, User.last_name)
        conditions.append(or_(*(func.lower(name).contains(wanted.query.lower(), autoescape=True) for name in names)))
    if wanted.role:
        conditions.append(User.role == wanted.role)
    if wanted.status:
        conditions.append(User.status == wanted.status)
    return conditions


def activity_of(user_ids: Sequence[str]) -> dict[str, Activity]:
    """Four queries, however many users."""
    states = func.count().filter(Job.state.in_(("queued", "running"))), func.count().filter(Job.state == "failed")
    jobs = _by_user(select(Job.user_id, func.count(), *states).where(Job.user_id.in_(user_ids)).group_by(Job.user_id))
    own = select(Recording.user_id, func.count(), func.sum(Recording.size_bytes), func.max(Recording.created_at))
    recordings = _by_user(own.where(Recording.user_id.in_(user_ids)).group_by(Recording.user_id))
    made = select(Recording.user_id, func.sum(Artifact.size_bytes)).join(Artifact, Artifact.recording_id == Recording.id)
    derived = _by_user(made.where(Recording.user_id.in_(user_ids)).group_by(Recording.user_id))
    seen = func.max(func.coalesce(LoginSession.last_used_at, LoginSession.created_at))
    sessions = _by_user(
        select(LoginSession.user_id, func.count(), seen).where(LoginSession.user_id.in_(user_ids)).group_by(LoginSession.user_id)
    )
    return {
        each: Activity(
            recordings=int(recordings.get(each, (0,))[0]),
            jobs=int(jobs.get(each, (0,))[0]),
            active_jobs=int(jobs.get(each, (0, 0, 0))[1]),
            failed_jobs=int(jobs.get(each, (0, 0, 0))[2]),
            bytes=int(recordings.get(each, (0, 0))[1]) + int(derived.get(each, (0,))[0]),
            log_ins=int(sessions.get(each, (0,))[0]),
            last_seen_at=sessions.get(each, (0, None))[1],
            last_upload_at=recordings.get(each, (0, 0, None))[2],
        )
        for each in user_ids
    }


def _by_user(query: Any) -> dict[str, tuple[Any, ...]]:
    return {row[0]: tuple(row[1:]) for row in session().execute(query)}


def find(user_id: str) -> User:
    """By id. Raises NotFound."""
    found = session().get(User, user_id, populate_existing=True)
    if found is None:
        raise errors.NotFound("user")
    return found


def create(caller: Caller, *, email: str, password: str, username: str | None, first: str, last: str, role: str) -> User:
    """Raises AlreadyRegistered, and Forbidden where an admin makes admins."""
    if role != "user" and not caller.is_super_admin:
        raise errors.Forbidden("Super admins alone may make and unmake admins.")

    def note(made: User) -> None:
        audit.record(session(), caller, "user.create", ("user", made.id), None, snapshot(made))

    return accounts.register(email=email, password=password, username=username, first_name=first, last_name=last, role=role, then=note)


def change(caller: Caller, user_id: str, values: Mapping[str, Any], *, must_be_verified: bool = False) -> User:
    """Role, status, names and quotas, as far as they are given. Raises NotFound, Forbidden, Conflict.

    `must_be_verified`: whether only who has confirmed their address is made admin.
    """
    with transaction() as writing:
        user = find(user_id)
        before = snapshot(user)
        if must_be_verified and user.role == "user" and values.get("role", "user") != "user":
            require_verified_email(user)
        plain = {name: value for name, value in values.items() if name not in ("role", "status")}
        if plain and user.role in accounts.ADMIN_ROLES and user.id != caller.user_id and not caller.is_super_admin:
            raise errors.Forbidden("Super admins alone may do that to admins.")
        for name, value in plain.items():
            setattr(user, name, value)
        if values.get("role", user.role) != user.role:
            accounts.set_role(caller, user_id, values["role"])
        if values.get("status", user.status) != user.status:
            (accounts.suspend if values["status"] == "suspended" else accounts.unsuspend)(caller, user_id)
        writing.flush()
        audit.record(writing, caller, "user.change", ("user", user_id), before, snapshot(user))
    return find(user_id)


def delete(caller: Caller, user_id: str, store: Store) -> None:
    """With everything that is theirs. Admins are demoted first. Raises NotFound, Conflict."""
    user = find(user_id)
    if user.role in accounts.ADMIN_ROLES:
        raise errors.Conflict("User is admin.", hint="Take the role away first.")
    roles.check_may_change(caller, user)
    before = snapshot(user)
    deletion.delete_user(user_id, store, lambda writing: audit.record(writing, caller, "user.delete", ("user", user_id), before, None))


def require_verified_email(user: User) -> None:
    """Raises Conflict: whoever registers an address first need not be its owner."""
    if not user.email_verified:
        hint = "They confirm it by the link in their mail; or delete the account and make one for them."
        raise errors.Conflict(f"Nobody has confirmed yet that {user.email} is theirs.", hint=hint)


def snapshot(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in _STATE}
