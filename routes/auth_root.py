"""Logging in at the documented addresses at the root: /auth/*, and /login."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, jsonify

from routes.auth import log_in_with
from routes.caller import caller, signed_in
from routes.services import services
from routes.tokens import access_token, bearer_token, claims_of
from schemas.accounts import AuthUserOut, AuthUserPage, BackendLoginIn, BackendTokenOut, LoginIn, SimpleTokenOut
from services import accounts
from services.tools.clock import iso, now

root_auth = APIBlueprint("root_auth", __name__, tag="Accounts")
simple_login = APIBlueprint("simple_login", __name__, tag="Accounts")


@simple_login.post("/login")
@simple_login.doc(responses={401: "Wrong credentials", 422: "Validation error", 429: "Too many failed attempts"})
@simple_login.output(SimpleTokenOut)
@simple_login.input(LoginIn, location="json_or_form")
def log_in_simply(json_or_form_data: LoginIn) -> Response:
    """Log in for one token that lives as long as LOGIN_TOKEN_S says, without a refresh token."""
    life_s = services().settings.login_token_s
    opened = log_in_with(json_or_form_data, life_s)
    is_admin = opened.user.role in accounts.ADMIN_ROLES
    return jsonify(SimpleTokenOut(access_token=access_token(opened, life_s), is_admin=is_admin, expires_in=life_s).model_dump())


@root_auth.post("/login")
@root_auth.doc(responses={401: "Wrong credentials", 422: "Validation error", 429: "Too many failed attempts"})
@root_auth.output(BackendTokenOut)
@root_auth.input(BackendLoginIn, location="json_or_form")
def log_in(json_or_form_data: BackendLoginIn) -> Response:
    """Exchange a token of one's own (Bearer), or e-mail address and password, for a token that lives BACKEND_TOKEN_S seconds."""
    life_s = services().settings.backend_token_s
    bearer = bearer_token()
    if bearer is not None:
        opened = accounts.opened(claims_of(bearer, "access")["sid"])
    else:
        opened = log_in_with(json_or_form_data.credentials(), life_s)
    token = access_token(opened, life_s)
    body = BackendTokenOut(
        backend_token=token,
        access_token=token,
        expires_in=life_s,
        expires_in_days=max(1, round(life_s / 86400)),
        user=AuthUserOut.of_user(opened.user, "password"),
        message="Logged in.",
    )
    return jsonify(body.model_dump())


@root_auth.get("/user")
@signed_in
@root_auth.output(AuthUserPage)
def show_user() -> Any:
    """The caller's account, at its documented address, and what their token says."""
    user = AuthUserOut.of_user(accounts.user_of(caller()), "password")
    return AuthUserPage(user=user, timestamp=iso(now()))
