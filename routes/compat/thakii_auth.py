"""Logging in at the documented addresses at the root: /auth/*, and /login."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flask import Response, g, jsonify

from lib.clock import iso, now
from routes.auth import LOGGING_IN, log_in_with
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.errors import envelope
from routes.tokens import access_token, bearer_token, claims_of, visit
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

if TYPE_CHECKING:
    from models import User

root_auth = Blueprint("root_auth", __name__, scope="account", tag="Accounts")
simple_login = Blueprint("simple_login", __name__, scope="account", tag="Accounts")


@simple_login.post("/login")
@endpoint(rate_limits=("login",))
@simple_login.doc(responses=LOGGING_IN)
@simple_login.output(SimpleTokenOut)
@simple_login.input(LoginIn, location="json_or_form")
def log_in_simply(json_or_form_data: LoginIn) -> Response:
    """Log in for one token that lives as long as LOGIN_TOKEN_S says, without a refresh token."""
    life_s = container().settings.login_token_s
    opened = log_in_with(json_or_form_data, life_s)
    is_admin = opened.user.role in accounts.ADMIN_ROLES
    return jsonify(SimpleTokenOut(access_token=access_token(opened, life_s), is_admin=is_admin, expires_in=life_s).model_dump())


@root_auth.post("/login")
@endpoint(rate_limits=("login",))
@root_auth.doc(responses={**LOGGING_IN, 409: "The address is another's"})
@root_auth.output(BackendTokenOut)
@root_auth.input(BackendLoginIn, location="json_or_form")
def log_in(json_or_form_data: BackendLoginIn) -> Response:
    """Exchange an outside issuer's ID token or credentials for a token that lives BACKEND_TOKEN_S seconds.

    A token of ours (Bearer) is exchanged too, for one that lives no longer than it.
    """
    life_s, bearer = container().settings.backend_token_s, bearer_token()
    if bearer is None:
        opened = log_in_with(json_or_form_data.credentials(), life_s)
    elif container().identities.knows(bearer):
        opened = _enter(bearer, life_s)
    else:
        claims = claims_of(bearer, "access")
        opened, life_s = accounts.get_live(claims["sid"]), min(life_s, max(1, int(claims["exp"] - time.time())))
    token = access_token(opened, life_s)
    body = BackendTokenOut(
        backend_token=token,
        access_token=token,
        expires_in=life_s,
        expires_in_days=life_s // 86_400,
        user=_shown(opened.user),
        message="Logged in.",
    )
    return jsonify(body.model_dump())


@root_auth.post("/exchange-token")
@endpoint(rate_limits=("login",))
@root_auth.doc(responses={**LOGGING_IN, 400: "It is one of ours already", 409: "The address is another's"})
@root_auth.output(ExchangedTokenOut)
def exchange_token() -> Any:
    """Exchange an outside issuer's ID token (Bearer) for a token of ours that lives BACKEND_TOKEN_S seconds."""
    life_s, bearer = container().settings.backend_token_s, bearer_token() or ""
    if not container().identities.knows(bearer):
        return _already_ours(claims_of(bearer, "access"))
    opened = _enter(bearer, life_s)
    return ExchangedTokenOut(
        message="Token exchanged.",
        custom_token=access_token(opened, life_s),
        expires_in_hours=life_s / 3600,
        expires_at=time.time() + life_s,
        user=_shown(opened.user),
    )


@root_auth.get("/user")
@login_required
@root_auth.output(AuthUserPage)
def show_user() -> Any:
    """The caller's account, at its documented address, and who vouches for it."""
    user = accounts.user_of(caller())
    claims = g.get("token_claims", {})
    times = {"token_issued_at": claims.get("iat"), "token_expires_at": claims.get("exp")}
    times["auth_time"] = user.last_login_at.timestamp() if user.last_login_at else None
    return AuthUserPage(user=AuthUserTimesOut(**_shown(user).model_dump(), **times), timestamp=iso(now()))


def _enter(bearer: str, life_s: int) -> OpenedSession:
    """A session for whom an outside issuer's token, once verified, vouches."""
    who = container().identities.verify(bearer)
    user = federated.sign_in(who, registration_open=container().settings.federated_registration_open)
    return accounts.open_session(user, life_s, visit())


def _shown(user: User) -> AuthUserOut:
    known = federated.identity_of(user.id)
    return AuthUserOut.of_user(user, known.provider if known else "password", known.picture if known else "")


def _already_ours(claims: dict[str, Any]) -> Response:
    accounts.get_live(claims["sid"])
    body = envelope("This is a token of ours already.", code="already_exchanged", status=400, hint="Use it as it is.")
    response = jsonify({**body, "expires_at": float(claims["exp"]), "token_type": "custom"})
    response.status_code = 400
    return response
