"""Admins and super admins."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from lib.clock import iso, now
from routes.caller import admin_required, caller
from routes.endpoints import Blueprint, endpoint
from routes.list_responses import list_of
from schemas.accounts import MessageOut
from schemas.admin.admins import AdminChangedOut, AdminIn, AdminOut, AdminPatch
from services.accounts import ADMIN_ROLES
from services.operations import admins as use_case

admins = Blueprint("admins", __name__, scope="admin", tag="Admin")
_ERRORS = {404: "Not found", 409: "It is the last super admin"}
_MAX_RECENT_LOGINS = 10


class AdminStatsOut(BaseModel):
    total_admins: int
    active_admins: int
    super_admins: int
    removed_admins: int
    roles: dict[str, int]
    recent_logins: list[AdminOut]
    timestamp: str | None


@admins.get("/admins")
@admin_required
@admins.output(list_of(AdminOut))
def list_admins() -> Any:
    """List all admins, and former ones with the status `removed`, as a bare array."""
    return [AdminOut.of(each) for each in use_case.list_all()]


@admins.post("/admins")
@endpoint(invalid_status=400)
@admin_required
@admins.input(AdminIn)
@admins.output(AdminChangedOut)
@admins.doc(responses={400: "Bad field", 404: "No such account", 409: "Already an admin, or the address is not verified"})
def add_admin(json_data: AdminIn) -> Any:
    """Make a user an admin; for super admins. An account without a password is created if there is none."""
    admin = use_case.add(
        caller(),
        email=json_data.email or "",
        role=json_data.role,
        description=json_data.description,
        user_id=json_data.user_id,
    )
    return AdminChangedOut(message="Admin added.", admin=AdminOut.of(admin))


@admins.put("/admins/<user_id>")
@endpoint(invalid_status=400)
@admin_required
@admins.input(AdminPatch)
@admins.output(AdminChangedOut)
@admins.doc(responses={400: "Bad field", **_ERRORS})
def change_admin(user_id: str, json_data: AdminPatch) -> Any:
    """Change an admin's role or description; the status `removed` revokes the role. For super admins."""
    is_active = None if json_data.status is None else json_data.status == "active"
    admin = use_case.change(caller(), user_id, role=json_data.role, description=json_data.description, is_active=is_active)
    return AdminChangedOut(message="Admin updated." if admin else "Admin removed.", admin=AdminOut.of(admin) if admin else None)


@admins.delete("/admins/<user_id>")
@admin_required
@admins.output(MessageOut)
@admins.doc(responses=_ERRORS)
def remove_admin(user_id: str) -> Any:
    """Revoke an admin's role; the account stays. For super admins."""
    use_case.remove(caller(), user_id)
    return MessageOut(message="Admin removed.")


@admins.get("/admins/stats")
@admin_required
@admins.output(AdminStatsOut)
def admin_stats() -> Any:
    """Count admins by role and status, and list the most recent logins."""
    everyone = [AdminOut.of(admin) for admin in use_case.list_all()]
    rows = [row for row in everyone if row.status != "removed"]
    recent = sorted((row for row in rows if row.last_login), key=lambda row: row.last_login or "", reverse=True)
    return AdminStatsOut(
        total_admins=len(rows),
        active_admins=sum(row.status == "active" for row in rows),
        super_admins=sum(row.is_super_admin for row in rows),
        removed_admins=len(everyone) - len(rows),
        roles={role: sum(row.role == role for row in rows) for role in ADMIN_ROLES},
        recent_logins=recent[:_MAX_RECENT_LOGINS],
        timestamp=iso(now()),
    )
