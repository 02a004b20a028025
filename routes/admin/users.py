"""Users: search, make, change, suspend, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from flask import Response

from routes.caller import admins_only, caller
from routes.container import addresses_are_confirmed, container
from routes.endpoints import Blueprint
from routes.list_responses import list_of
from routes.paging import PageQuery, page_response
from schemas.accounts import MessageOut
from schemas.admin import Query, UserIn, UserPatch
from schemas.admin_responses import AdminUserOut, UserDoneOut
from services.operations import users as use_case
from services.operations.users import UserFilter

if TYPE_CHECKING:
    from models import User

users = Blueprint("users", __name__, scope="admin", tag="Admin")
_CONFLICT = {404: "Not found", 409: "It is your own account, or the last super admin"}


class UsersQuery(PageQuery):
    q: Query = ""
    role: Literal["", "user", "admin", "super_admin"] = ""
    status: Literal["", "active", "suspended"] = ""
    sort: Literal["created_at", "-created_at", "email", "-email", "last_login_at", "-last_login_at"] = "-created_at"


@users.get("/users")
@admins_only
@users.input(UsersQuery, location="query")
@users.output(list_of(AdminUserOut))
def list_users(query_data: UsersQuery) -> Response:
    """Users with what they have and do, as a bare array; `q` is a part of an address or a name."""
    wanted = UserFilter(query_data.q, query_data.role, query_data.status, query_data.sort)
    page = use_case.list_page(wanted, query_data.paging)
    return page_response(_shown(page.rows), query_data, page.total)


@users.post("/users")
@admins_only
@users.input(UserIn)
@users.output(UserDoneOut, status_code=201)
@users.doc(responses={409: "Already registered"})
def create_user(json_data: UserIn) -> Any:
    """Make an account; who has no e-mail address logs in by user name."""
    made = use_case.create(
        caller(),
        email=json_data.email or f"{(json_data.username or '').lower()}@users.invalid",
        password=json_data.password,
        username=json_data.username,
        first=json_data.first_name,
        last=json_data.last_name,
        role=json_data.role or ("admin" if json_data.is_admin else "user"),
    )
    return UserDoneOut(message="User created.", user=_shown([made])[0])


@users.get("/users/<user_id>")
@admins_only
@users.output(AdminUserOut)
@users.doc(responses={404: "Not found"})
def show_user(user_id: str) -> Any:
    """One user."""
    return _shown([use_case.find(user_id)])[0]


@users.patch("/users/<user_id>")
@admins_only
@users.input(UserPatch)
@users.output(UserDoneOut)
@users.doc(responses=_CONFLICT)
def change_user(user_id: str, json_data: UserPatch) -> Any:
    """Change role, status, names or quotas."""
    return _done("Changed.", use_case.change(caller(), user_id, json_data.given(), must_be_verified=addresses_are_confirmed()))


@users.post("/users/<user_id>/suspend")
@admins_only
@users.output(UserDoneOut)
@users.doc(responses=_CONFLICT)
def suspend_user(user_id: str) -> Any:
    """Shut a user out at once; their jobs stop."""
    return _done("Suspended.", use_case.change(caller(), user_id, {"status": "suspended"}))


@users.post("/users/<user_id>/unsuspend")
@admins_only
@users.output(UserDoneOut)
@users.doc(responses=_CONFLICT)
def unsuspend_user(user_id: str) -> Any:
    """Let a user in again."""
    return _done("Active again.", use_case.change(caller(), user_id, {"status": "active"}))


@users.delete("/users/<user_id>")
@admins_only
@users.output(MessageOut)
@users.doc(responses={404: "Not found", 409: "User is admin"})
def delete_user(user_id: str) -> Any:
    """Delete a user with everything that is theirs."""
    use_case.delete(caller(), user_id, container().store)
    return MessageOut(message="Deleted.")


def _done(message: str, user: User) -> UserDoneOut:
    return UserDoneOut(message=message, user=_shown([user])[0])


def _shown(found: Any) -> list[AdminUserOut]:
    activity = use_case.activity_of([each.id for each in found])
    return [AdminUserOut.of(each, activity[each.id]) for each in found]
