"""Users: search, create, change, suspend, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from flask import Response

from routes.caller import admin_required, caller
from routes.container import addresses_are_confirmed, container
from routes.endpoints import Blueprint
from routes.list_responses import list_of
from routes.paging import PageQuery, page_response
from schemas.accounts import MessageOut
from schemas.admin.common import Query
from schemas.admin.users import AdminUserOut, UserChangedOut, UserIn, UserPatch
from services.operations import users as use_case
from services.operations.users import UserFilter

if TYPE_CHECKING:
    from models import User

users = Blueprint("users", __name__, scope="admin", tag="Admin")
_CONFLICT = {404: "Not found", 409: "It is your own account, or the last super admin"}


class UsersQuery(PageQuery):
    q: Query = ""
    role: Literal["", "user", "moderator", "admin", "super_admin"] = ""
    status: Literal["", "active", "suspended"] = ""
    sort: Literal["created_at", "-created_at", "email", "-email", "last_login_at", "-last_login_at"] = "-created_at"


@users.get("/users")
@admin_required
@users.input(UsersQuery, location="query")
@users.output(list_of(AdminUserOut))
def list_users(query_data: UsersQuery) -> Response:
    """List users with their activity, as a bare array; `q` is a part of an address or a name."""
    user_filter = UserFilter(query_data.q, query_data.role, query_data.status, query_data.sort)
    page = use_case.list_page(user_filter, query_data.paging)
    return page_response(_users_out(page.rows), query_data, page.total)


@users.post("/users")
@admin_required
@users.input(UserIn)
@users.output(UserChangedOut, status_code=201)
@users.doc(responses={409: "Already registered"})
def create_user(json_data: UserIn) -> Any:
    """Create an account; a user without an e-mail address logs in by user name."""
    user = use_case.create(
        caller(),
        email=json_data.email or f"{(json_data.username or '').lower()}@users.invalid",
        password=json_data.password,
        username=json_data.username,
        first=json_data.first_name,
        last=json_data.last_name,
        role=json_data.role or ("admin" if json_data.is_admin else "user"),
    )
    return UserChangedOut(message="User created.", user=_users_out([user])[0])


@users.get("/users/<user_id>")
@admin_required
@users.output(AdminUserOut)
@users.doc(responses={404: "Not found"})
def show_user(user_id: str) -> Any:
    """Show a user."""
    return _users_out([use_case.find(user_id)])[0]


@users.patch("/users/<user_id>")
@admin_required
@users.input(UserPatch)
@users.output(UserChangedOut)
@users.doc(responses=_CONFLICT)
def change_user(user_id: str, json_data: UserPatch) -> Any:
    """Change a user's role, status, names or quotas."""
    return _changed_response("Changed.", use_case.change(caller(), user_id, json_data.changes(), verified_only=addresses_are_confirmed()))


@users.post("/users/<user_id>/suspend")
@admin_required
@users.output(UserChangedOut)
@users.doc(responses=_CONFLICT)
def suspend_user(user_id: str) -> Any:
    """Suspend a user: sessions and keys stop working immediately, jobs are cancelled."""
    return _changed_response("Suspended.", use_case.change(caller(), user_id, {"status": "suspended"}))


@users.post("/users/<user_id>/unsuspend")
@admin_required
@users.output(UserChangedOut)
@users.doc(responses=_CONFLICT)
def unsuspend_user(user_id: str) -> Any:
    """Lift a suspension."""
    return _changed_response("Active again.", use_case.change(caller(), user_id, {"status": "active"}))


@users.delete("/users/<user_id>")
@admin_required
@users.output(MessageOut)
@users.doc(responses={404: "Not found", 409: "User is admin"})
def delete_user(user_id: str) -> Any:
    """Delete a user and all of their data."""
    use_case.delete(caller(), user_id, container().store)
    return MessageOut(message="Deleted.")


def _changed_response(message: str, user: User) -> UserChangedOut:
    return UserChangedOut(message=message, user=_users_out([user])[0])


def _users_out(users: Sequence[User]) -> list[AdminUserOut]:
    activity = use_case.activity_of([user.id for user in users])
    return [AdminUserOut.of(user, activity[user.id]) for user in users]
