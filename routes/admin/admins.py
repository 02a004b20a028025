"""Admins and super admins."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from lib.clock import iso, now
from routes.caller import admins_only, caller
from routes.container import addresses_are_confirmed
from routes.endpoints import Blueprint
from routes.list_responses import list_of
from schemas.accounts import MessageOut
from schemas.admin import AdminIn, AdminPatch
from schemas.admin_responses import AdminDoneOut, AdminOut
from services.operations import admins as use_case

admins = Blueprint("admins", __name__, scope="admin", tag="Admin")
_REFUSALS = {404: "Not found", 409: "The last super admin stays one"}


class AdminStatsOut(BaseModel):
    total_admins: int
    active_admins: int
    super_admins: int
    removed_admins: int
    roles: dict[str, int]
    recent_logins: list[AdminOut]
    timestamp: str | None


@admins.get("/admins")
@admins_only
@admins.output(list_of(AdminOut))
def list_admins() -> Any:
    """All admins, as a bare array."""
    return [AdminOut.of(each) for each in use_case.list_all()]


@admins.post("/admins")
@admins_only
@admins.input(AdminIn)
@admins.output(AdminDoneOut)
@admins.doc(responses={409: "An admin already, or the address is not confirmed"})
def add_admin(json_data: AdminIn) -> Any:
    """Make somebody an admin; for super admins. Who has no account gets one, without a password."""
    made = use_case.add(
        caller(),
        email=json_data.email,
        role=json_data.role,
        description=json_data.description,
        must_be_verified=addresses_are_confirmed(),
    )
    return AdminDoneOut(message="Admin added.", admin=AdminOut.of(made))


@admins.put("/admins/<user_id>")
@admins_only
@admins.input(AdminPatch)
@admins.output(AdminDoneOut)
@admins.doc(responses=_REFUSALS)
def change_admin(user_id: str, json_data: AdminPatch) -> Any:
    """Change an admin's role or description; the status `removed` takes the role away. For super admins."""
    active = None if json_data.status is None else json_data.status == "active"
    changed = use_case.change(caller(), user_id, role=json_data.role, description=json_data.description, active=active)
    return AdminDoneOut(message="Admin updated." if changed else "Admin removed.", admin=AdminOut.of(changed) if changed else None)


@admins.delete("/admins/<user_id>")
@admins_only
@admins.output(MessageOut)
@admins.doc(responses=_REFUSALS)
def remove_admin(user_id: str) -> Any:
    """Take an admin's role away; the account stays. For super admins."""
    use_case.remove(caller(), user_id)
    return MessageOut(message="Admin removed.")


@admins.get("/admins/stats")
@admins_only
@admins.output(AdminStatsOut)
def admin_stats() -> Any:
    """How many admins there are, and who of them logged in last."""
    all_of_them = use_case.list_all()
    shown = [AdminOut.of(each) for each in all_of_them]
    recent = sorted((each for each in shown if each.last_login), key=lambda each: each.last_login or "", reverse=True)
    return AdminStatsOut(
        total_admins=len(shown),
        active_admins=sum(each.status == "active" for each in shown),
        super_admins=sum(each.is_super_admin for each in shown),
        removed_admins=use_case.count_removed(),
        roles={role: sum(each.role == role for each in shown) for role in ("admin", "super_admin")},
        recent_logins=recent[:10],
        timestamp=iso(now()),
    )
