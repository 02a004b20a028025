"""The account of the caller: profile, export, deletion."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, stream_with_context
from flask_jwt_extended import unset_jwt_cookies

import errors
from routes.caller import caller, login_required, session_required
from routes.client import client_info, throttle_limits
from routes.container import container, plan_table
from routes.endpoints import Blueprint
from routes.file_responses import binary_response
from routes.tokens import user_out
from schemas.accounts import DeleteAccountIn, MeOut, MessageOut, ProfileIn, StorageOut
from services import accounts
from services.accounts import deletion, export, profile
from services.accounts.users import normalize_login
from services.library import storage_use
from services.library.storage_use import StorageRules

users = Blueprint("users", __name__, scope="account", tag="Accounts")


@users.get("/me")
@login_required
@users.output(MeOut)
def show_profile() -> Any:
    """Return the account of the caller."""
    return MeOut.of_user(user_out(accounts.user_of(caller())))


@users.put("/me")
@session_required
@users.input(ProfileIn)
@users.output(MeOut)
@users.doc(responses={409: "The user name is taken"})
def change_profile(json_data: ProfileIn) -> Any:
    """Change first name, last name or user name. Fields that are left out stay unchanged."""
    return _change(json_data)


@users.patch("/me")
@session_required
@users.input(ProfileIn)
@users.output(MeOut)
@users.doc(responses={409: "The user name is taken"})
def patch_profile(json_data: ProfileIn) -> Any:
    """Change first name, last name or user name; the same as PUT."""
    return _change(json_data)


@users.get("/me/storage")
@login_required
@users.output(StorageOut)
def show_storage() -> Any:
    """Return how much of the quota the caller uses, for what, and after how many days recordings are deleted."""
    rules = StorageRules.from_settings(container().settings)
    return StorageOut(**vars(storage_use.of_user(caller(), rules, plan_table())))


@users.get("/me/export")
@session_required
@users.doc(responses={200: binary_response("A zip archive of everything in the account", "application/zip")})
def export_account() -> Response:
    """Export everything in the account (profile, recordings, documents, jobs) as JSON and files in one zip archive."""
    content = export.collect(caller())
    response = Response(stream_with_context(export.stream(content, container().store)), mimetype="application/zip")
    response.headers["Content-Disposition"] = "attachment; filename=lectern-export.zip"
    return response


@users.delete("/me")
@session_required
@users.input(DeleteAccountIn)
@users.output(MessageOut)
@users.doc(responses={401: "The password is wrong", 409: "The last super admin cannot be deleted", 429: "Too many failed attempts"})
def delete_account(json_data: DeleteAccountIn) -> Response:
    """Delete the account of the caller with everything in it. This cannot be undone."""
    accounts.confirm_password(caller(), json_data.password, ip_address=client_info().ip_address, limits=throttle_limits())
    deletion.delete_user(caller().user_id, container().store)
    response = jsonify(MessageOut(message="The account and everything in it has been deleted.").model_dump())
    unset_jwt_cookies(response)
    return response


def _change(data: ProfileIn) -> MeOut:
    if data.email is not None and normalize_login(data.email) != caller().email:
        raise errors.ValidationFailed("email: it cannot be changed", hint="Export your data and register with the other address.")
    return MeOut.of_user(user_out(profile.change(caller(), **data.changes())))
