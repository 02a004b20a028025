"""Roles and suspension, changed by admins. Changes apply from the next request."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

import errors
from database import session, transaction
from domain import ACTIVE_STATES
from lib.paging import count_rows
from models import Job, User
from services.accounts import sessions
from services.accounts.callers import ADMIN_ROLES, ROLES, Caller
from services.jobs import queue


def set_role(caller: Caller, user_id: str, role: str) -> User:
    """Set a role. Only super admins may add or remove admins, and the last super admin stays. Raises Forbidden, NotFound, Conflict."""
    if role not in ROLES:
        raise errors.ValidationFailed(f"role: one of {', '.join(ROLES)}")
    with transaction() as session:
        user = lock_user(user_id)
        if not caller.is_super_admin and (role in ADMIN_ROLES or user.role in ADMIN_ROLES):
            raise errors.Forbidden("Only super admins may add or remove admins.")
        if role != "super_admin":
            check_not_last(user)
        user.role = role
        session.flush()
    return user


def suspend(caller: Caller, user_id: str) -> User:
    """Suspend a user: sessions and API keys stop working, and jobs are cancelled. Raises Forbidden, NotFound, Conflict."""
    with transaction() as session:
        user = lock_user(user_id)
        check_may_change(caller, user)
        check_not_last(user)
        user.status = "suspended"
        sessions.close_all(session, user_id)
        cancel_jobs(user_id)
    return user


def unsuspend(caller: Caller, user_id: str) -> User:
    with transaction():
        user = lock_user(user_id)
        check_may_change(caller, user)
        user.status = "active"
    return user


def check_may_change(caller: Caller, user: User) -> None:
    """Raise Forbidden or Conflict: only super admins may change admins, and nobody may suspend themselves."""
    if user.id == caller.user_id:
        raise errors.Conflict("This is your own account.", hint="Ask another admin.")
    if user.role in ADMIN_ROLES and not caller.is_super_admin:
        raise errors.Forbidden("Only super admins may do this to an admin.")


def check_not_last(user: User) -> None:
    """Raise Conflict if no other active super admin would be left."""
    conditions = User.role == "super_admin", User.status == "active", User.id != user.id
    if user.role == "super_admin" and user.status == "active" and not count_rows(User, *conditions):
        raise errors.Conflict("This is the last super admin.", hint="Make another user super admin first.")


def cancel_jobs(user_id: str) -> None:
    """Cancel all queued and running jobs of a user, inside a transaction."""
    for job_id in active_jobs(user_id):
        queue.request_cancel(job_id)


def active_jobs(user_id: str) -> Sequence[str]:
    """Return the ids of the queued and running jobs of a user."""
    return session().execute(select(Job.id).where(Job.user_id == user_id, Job.state.in_(ACTIVE_STATES))).scalars().all()


def lock_user(user_id: str) -> User:
    """Return the user, locked. All super admins are locked too, so that two of them cannot remove each other. Raises NotFound."""
    super_admins = select(User.id).where(User.role == "super_admin").order_by(User.id).with_for_update()
    session().execute(super_admins).all()
    user = session().get(User, user_id, populate_existing=True, with_for_update=True)
    if user is None:
        raise errors.NotFound("user")
    return user
