"""Login at the documented root paths /auth/* and /login."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from flask import Response, g, jsonify

from lib.clock import iso, now
from routes.auth import LOGIN_RESPONSES, open_session
from routes.caller import caller, login_required
from routes.client import client_info
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.errors import error_body
from routes.tokens import bearer_token, issue_access_token, verified_claims
from schemas.accounts import (
    AuthUserOut,
    AuthUserPage,
    AuthUserTimesOut,
    BackendLoginIn,
    BackendTokenOut,
    ExchangedTokenOut,
    LoginIn,
    SimpleTokenOut,
)
from services import accounts
from services.accounts import OpenedSession, federated

root_auth = Blueprint("root_auth", __name__, scope="account", tag="Accounts")
simple_login = Blueprint("simple_login", __name__, scope="account", tag="Accounts")


@simple_login.post("/login")
@endpoint(rate_limits=("login",))
@simple_login.doc(responses=LOGIN_RESPONSES)
@simple_login.output(SimpleTokenOut)
@simple_login.input(LoginIn, location="json_or_form")
def log_in_simply(json_or_form_data: LoginIn) -> Response:
    """Log in for one access token that is valid for LOGIN_TOKEN_S seconds, without a refresh token."""
    lifetime_s = container().settings.login_token_s
    login_session = open_session(json_or_form_data, lifetime_s)
    is_admin = login_session.user.role in accounts.ADMIN_ROLES
    token = issue_access_token(login_session, lifetime_s)
    return jsonify(SimpleTokenOut(access_token=token, is_admin=is_admin, expires_in=lifetime_s).model_dump())


@root_auth.post("/login")
@endpoint(rate_limits=("token_or_login",))
@root_auth.doc(responses={**LOGIN_RESPONSES, 409: "The e-mail address belongs to another account"})
@root_auth.output(BackendTokenOut)
@root_auth.input(BackendLoginIn, location="json_or_form")
def log_in(json_or_form_data: BackendLoginIn) -> Response:
    """Exchange credentials or the ID token of an identity provider for a token that is valid for BACKEND_TOKEN_S seconds.

    An access token of this server (Bearer) is exchanged too, for one that expires no later.
    """
    lifetime_s, bearer = container().settings.backend_token_s, bearer_token()
    if bearer is None:
        login_session = open_session(json_or_form_data.credentials(), lifetime_s)
    elif container().identities.knows(bearer):
        login_session = _open_federated_session(bearer, lifetime_s)
    else:
        claims = verified_claims(bearer, "access")
        login_session, lifetime_s = accounts.get_live(claims["sid"]), min(lifetime_s, max(1, int(claims["exp"] - time.time())))
    token = issue_access_token(login_session, lifetime_s)
    body = BackendTokenOut(
        backend_token=token,
        access_token=token,
        expires_in=lifetime_s,
        expires_in_days=lifetime_s // 86_400,
        user=_user_out(login_session),
        message="Logged in.",
    )
    return jsonify(body.model_dump())


@root_auth.post("/exchange-token")
@root_auth.doc(responses={**LOGIN_RESPONSES, 400: "Already exchanged", 409: "The e-mail address belongs to another account"})
@root_auth.output(ExchangedTokenOut)
def exchange_token() -> Any:
    """Exchange the ID token of an identity provider (Bearer) for a token that is valid for BACKEND_TOKEN_S seconds."""
    lifetime_s, bearer = container().settings.backend_token_s, bearer_token() or ""
    if not container().identities.knows(bearer):
        return _already_exchanged(verified_claims(bearer, "access"))
    login_session = _open_federated_session(bearer, lifetime_s)
    return ExchangedTokenOut(
        message="Token exchanged.",
        custom_token=issue_access_token(login_session, lifetime_s),
        expires_in_hours=lifetime_s / 3600,
        expires_at=time.time() + lifetime_s,
        user=_user_out(login_session),
    )


@root_auth.get("/user")
@login_required
@root_auth.output(AuthUserPage)
def show_user() -> Any:
    """Return the account of the caller and how they sign in."""
    user = accounts.user_of(caller())
    account = AuthUserOut.of_user(user, federated.identity_of(user.id))
    claims = g.get("token_claims", {})
    times = {"token_issued_at": claims.get("iat"), "token_expires_at": claims.get("exp")}
    times["auth_time"] = user.last_login_at.timestamp() if user.last_login_at else None
    return AuthUserPage(user=AuthUserTimesOut(**account.model_dump(), **times), timestamp=iso(now()))


def _open_federated_session(bearer: str, lifetime_s: int) -> OpenedSession:
    """Verify the token of an identity provider and open a session for its user."""
    identity = container().identities.verify(bearer)
    user = federated.sign_in(identity, registration_open=container().account_policy().federated_registration_open)
    return accounts.open_session(user, lifetime_s, client_info())


def _user_out(login_session: OpenedSession) -> AuthUserOut:
    return AuthUserOut.of_user(login_session.user, federated.identity_of(login_session.user.id))


def _already_exchanged(claims: Mapping[str, Any]) -> Response:
    accounts.get_live(claims["sid"])
    body = error_body("This is a token of this server already.", code="already_exchanged", status=400, hint="Use it unchanged.")
    response = jsonify({**body, "expires_at": float(claims["exp"]), "token_type": "custom"})
    response.status_code = 400
    return response
