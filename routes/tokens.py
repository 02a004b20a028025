"""Access and refresh tokens: create them for a session, return them in a response, read and verify them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_jwt_extended import create_access_token, create_refresh_token, decode_token, set_access_cookies, set_refresh_cookies

import errors
from routes.container import container
from schemas.accounts import TokensOut, UserOut
from services import accounts
from services.accounts import OpenedSession


def access_token(login_session: OpenedSession, life_s: int | None = None) -> str:
    """Create an access token with the claims that clients read, and `sid`, the id of the session. It lives `life_s` or the default."""
    user = login_session.user
    claims = {"user_id": user.id, "email": user.email, "is_admin": user.role in accounts.ADMIN_ROLES, "sid": login_session.session_id}
    life = dt.timedelta(seconds=life_s) if life_s else None
    token: str = create_access_token(user.id, additional_claims=claims, expires_delta=life)
    return token


def tokens_for(login_session: OpenedSession) -> dict[str, Any]:
    """Create the access token and the refresh token of a session.

    Claims of the refresh token: `sid` is the id of the session, `rid` the id of the refresh token. Each refresh replaces `rid`, so that
    the reuse of an old token is detected.
    """
    return {
        "access_token": access_token(login_session),
        "refresh_token": create_refresh_token(
            login_session.user.id, additional_claims={"sid": login_session.session_id, "rid": login_session.refresh_token_id}
        ),
        "token_type": "Bearer",
        "expires_in": int(current_app.config["JWT_ACCESS_TOKEN_EXPIRES"].total_seconds()),
    }


def token_response(login_session: OpenedSession, message: str, status: int = 200) -> Response:
    """Return the tokens of a session in the body and as cookies."""
    tokens = tokens_for(login_session)
    body = TokensOut(message=message, id=login_session.user.id, user=UserOut.of(login_session.user), **tokens)
    response = jsonify(body.model_dump())
    response.status_code = status
    set_access_cookies(response, tokens["access_token"], max_age=tokens["expires_in"])
    set_refresh_cookies(response, tokens["refresh_token"], max_age=container().settings.refresh_token_s)
    return response


def bearer_token() -> str | None:
    """Return the Bearer token of the Authorization header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def verified_claims(token: str | None, kind: str) -> dict[str, Any]:
    """Verify a token of this server and return its claims. `kind`: access or refresh. Raises Unauthenticated."""
    if not token:
        raise errors.Unauthenticated
    try:
        claims: dict[str, Any] = decode_token(token)
    except Exception as error:  # any defect makes a token invalid
        raise errors.Unauthenticated("The token has expired." if "Expired" in type(error).__name__ else "The token is not valid.") from None
    if claims.get("type") != kind or "sid" not in claims:
        raise errors.Unauthenticated(f"This is not {'an access' if kind == 'access' else 'a refresh'} token.")
    return claims
