"""Access and refresh tokens: create them for a session, return them in a response, read and verify them."""

from __future__ import annotations

import datetime as dt
import functools
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, jsonify, request
from flask_jwt_extended import create_access_token, create_refresh_token, decode_token, set_access_cookies, set_refresh_cookies
from jwt import ExpiredSignatureError

import errors
from routes.container import container, credit_policy
from schemas.accounts import TokensOut, UserOut
from services import accounts
from services.accounts import OpenedSession
from services.credits import overview

if TYPE_CHECKING:
    from models import User


def issue_access_token(login_session: OpenedSession, lifetime_s: int | None = None) -> str:
    """Return a new access token, valid for `lifetime_s` or JWT_ACCESS_TOKEN_EXPIRES. Its claim `sid` is the id of the session."""
    if lifetime_s is not None and lifetime_s <= 0:
        raise ValueError("lifetime_s must be positive: Flask-JWT-Extended takes 0 for a token that does not expire.")
    user = login_session.user
    claims = {"user_id": user.id, "email": user.email, "is_admin": user.role in accounts.ADMIN_ROLES, "sid": login_session.session_id}
    lifetime = None if lifetime_s is None else dt.timedelta(seconds=lifetime_s)
    token: str = create_access_token(user.id, additional_claims=claims, expires_delta=lifetime)
    return token


def issue_tokens(login_session: OpenedSession) -> dict[str, Any]:
    """Return a new access token and refresh token for a session, as fields of a response.

    Claims of the refresh token: `sid` is the id of the session, `rid` the id of the refresh token. Each refresh replaces `rid`, so that
    the reuse of an old token is detected.
    """
    return {
        "access_token": issue_access_token(login_session),
        "refresh_token": create_refresh_token(
            login_session.user.id, additional_claims={"sid": login_session.session_id, "rid": login_session.refresh_token_id}
        ),
        "token_type": "Bearer",
        "expires_in": int(current_app.config["JWT_ACCESS_TOKEN_EXPIRES"].total_seconds()),
    }


def token_response(login_session: OpenedSession, message: str, status: int = 200) -> Response:
    """Return a response with new tokens for a session, in the body and as cookies."""
    tokens = issue_tokens(login_session)
    body = TokensOut(message=message, id=login_session.user.id, user=user_out(login_session.user), **tokens)
    response = jsonify(body.model_dump())
    response.status_code = status
    set_access_cookies(response, tokens["access_token"], max_age=tokens["expires_in"])
    set_refresh_cookies(response, tokens["refresh_token"], max_age=container().settings.refresh_token_s)
    return response


def user_out(user: User) -> UserOut:
    """Return an account with its credits and its plan."""
    return UserOut.of(user, overview.standing(user.id, credit_policy()))


def bearer_token() -> str | None:
    """Return the Bearer token of the Authorization header, or None."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def verified_claims(token: str | None, kind: str) -> Mapping[str, Any]:
    """Verify a token of this server and return its claims. `kind`: access or refresh. Raises Unauthenticated."""
    if not token:
        raise errors.Unauthenticated
    try:
        claims = _decode(token, current_app.config["JWT_SECRET_KEY"])
    except ExpiredSignatureError:
        raise errors.Unauthenticated("The token has expired.") from None
    except Exception:  # any defect makes a token invalid
        raise errors.Unauthenticated("The token is not valid.") from None
    if claims["exp"] <= time.time():
        raise errors.Unauthenticated("The token has expired.")
    if claims.get("type") != kind or "sid" not in claims:
        raise errors.Unauthenticated(f"This is not {'an access' if kind == 'access' else 'a refresh'} token.")
    return claims


@functools.lru_cache(maxsize=1000)
def _decode(token: str, _secret: str) -> Mapping[str, Any]:
    """Verify a token. Clients send the same one with each request, and verifying takes a tenth of a short request."""
    return MappingProxyType(decode_token(token))
