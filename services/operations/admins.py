"""The list of admins: add, change, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

import errors
from database import session, transaction
from models import AuditEntry, LoginSession, User
from services import accounts
from services.accounts import ADMIN_ROLES, Caller
from services.operations import audit
from services.operations.users import require_verified_email

ADDED, REMOVED = "admin.add", "admin.remove"


@dataclass(frozen=True)
class Admin:
    """An admin or a former one. `role`: the present role, or the one that was removed."""

    user: User
    role: str
    is_removed: bool
    description: str
    added_by: str
    log_ins: int


def list_all() -> list[Admin]:
    """Return all admins and former admins in the order of registration."""
    former = select(AuditEntry.target_id).where(AuditEntry.action == REMOVED)
    users = select(User).where(or_(User.role.in_(ADMIN_ROLES), User.id.in_(former))).order_by(User.created_at, User.id)
    return _with_details(session().execute(users).scalars().all())


def find(user_id: str) -> Admin:
    """Return an admin who is not removed. Raises NotFound."""
    user = session().get(User, user_id, populate_existing=True)
    if user is None or user.role not in ADMIN_ROLES:
        raise errors.NotFound("admin")
    return _with_details([user])[0]


def _with_details(users: Sequence[User]) -> list[Admin]:
    ids = [each.id for each in users]
    additions, removals = audit.newest_by_target(ADDED, ids), audit.newest_by_target(REMOVED, ids)
    session_counts = select(LoginSession.user_id, func.count()).where(LoginSession.user_id.in_(ids)).group_by(LoginSession.user_id)
    log_ins: dict[str, int] = dict(session().execute(session_counts).all())
    return [
        Admin(
            user=each,
            role=each.role if each.role in ADMIN_ROLES else str((removals[each.id].before or {}).get("role", "admin")),
            is_removed=each.role not in ADMIN_ROLES,
            description=str(additions[each.id].after.get("description", "")) if each.id in additions else "",
            added_by=additions[each.id].actor_email if each.id in additions else "",
            log_ins=log_ins.get(each.id, 0),
        )
        for each in users
    ]


def add(caller: Caller, *, email: str, role: str, description: str, user_id: str = "") -> Admin:
    """Make a user an admin. A missing account is created without a password: its owner signs in with an identity or resets it.

    An account whose address is not verified can be promoted by `user_id` only: the address may belong to another person. Raises
    Forbidden, NotFound, and Conflict if the user is an admin already or the address is not verified.
    """
    _require_super_admin(caller)
    with transaction() as session:
        user = session.get(User, user_id) if user_id else accounts.find_by_login(email)
        if user is None and user_id:
            raise errors.NotFound("user")
        if user is None:
            user = User(email=email.strip().lower(), role="user")
            session.add(user)
            session.flush()
        elif not user_id:
            require_verified_email(user)
        if user.role in ADMIN_ROLES:
            raise errors.Conflict(f"{user.email} is {user.role.replace('_', ' ')} already.", hint="PUT changes an admin's role.")
        before = {"role": user.role}
        accounts.set_role(caller, user.id, role)
        audit.record(session, caller, ADDED, ("user", user.id), before, {"role": role, "description": description})
        user_id = user.id
    return find(user_id)


def change(caller: Caller, user_id: str, *, role: str | None, description: str | None, is_active: bool | None) -> Admin | None:
    """Change role or description; with `active=False` remove the admin and return None."""
    _require_super_admin(caller)
    if is_active is False:
        remove(caller, user_id)
        return None
    admin = find(user_id)
    before = {"role": admin.user.role, "description": admin.description}
    after = {"role": role or admin.user.role, "description": admin.description if description is None else description}
    with transaction() as session:
        accounts.set_role(caller, user_id, after["role"])
        session.add(audit.build_entry(caller, ADDED, ("user", user_id), before, after))  # unchanged values too, for `_with_details`
    return find(user_id)


def remove(caller: Caller, user_id: str) -> None:
    """Remove the admin role; the account stays. Raises Forbidden, NotFound, Conflict."""
    _require_super_admin(caller)
    before = {"role": find(user_id).user.role}
    with transaction() as session:
        accounts.set_role(caller, user_id, "user")
        audit.record(session, caller, REMOVED, ("user", user_id), before, {"role": "user"})


def _require_super_admin(caller: Caller) -> None:
    if not caller.is_super_admin:
        raise errors.Forbidden("Super admin privileges required.")
