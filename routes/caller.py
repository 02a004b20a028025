"""Who asks: resolved once per request, from the Authorization header or the cookie. Every failure is a 401."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, g, request
from flask_jwt_extended import create_access_token, create_refresh_token, decode_token, set_access_cookies, set_refresh_cookies

import errors
from routes.services import services
from services import accounts
from services.accounts import Caller, OpenedSession

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def caller() -> Caller:
    """The caller of this request. Raises Unauthenticated."""
    if "caller" not in g:
        g.caller = _resolve()
    found: Caller = g.caller
    return found


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Only for those who are logged in; stands above whatever reads the body."""

    @functools.wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        caller()
        return view(*args, **kwargs)

    return _guarded(checked, {401: "Authentication required"})


def admins_only(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not caller().is_admin:
            raise errors.Forbidden("This is for admins.")
        return view(*args, **kwargs)

    return _guarded(checked, {401: "Authentication required", 403: "Forbidden"})


def _guarded(view: Callable[..., Any], refusals: dict[int, str]) -> Callable[..., Any]:
    """Say in the API's description that one must be logged in, beside what the view says itself (APIFlask's `doc` would replace that)."""
    said = dict(getattr(view, "_spec", {}))
    said["security"] = ["bearer", "cookie"]
    said["responses"] = {**refusals, **(said.get("responses") or {})}
    view._spec = said  # type: ignore[attr-defined]
    return view


def tokens_for(opened: OpenedSession) -> dict[str, Any]:
    """Access and refresh token of a session, with the claims that clients read out of them."""
    user = opened.user
    claims = {"user_id": user.id, "email": user.email, "is_admin": user.role in accounts.ADMIN_ROLES, "sid": opened.session_id}
    return {
        "access_token": create_access_token(user.id, additional_claims=claims),
        "refresh_token": create_refresh_token(user.id, additional_claims={"sid": opened.session_id, "rid": opened.refresh_id}),
        "token_type": "Bearer",
        "expires_in": int(current_app.config["JWT_ACCESS_TOKEN_EXPIRES"].total_seconds()),
    }


def with_cookies(response: Response, tokens: dict[str, Any]) -> Response:
    set_access_cookies(response, tokens["access_token"])
    set_refresh_cookies(response, tokens["refresh_token"])
    return response


def refresh_claims(given: str | None) -> dict[str, Any]:
    """The claims of a refresh token from the body, the header or the cookie. Raises Unauthenticated."""
    cookie = request.cookies.get(current_app.config["JWT_REFRESH_COOKIE_NAME"])
    token = given or bearer_token() or cookie
    if token == cookie:
        _check_origin()
    return _decode(token, "refresh")


def _resolve() -> Caller:
    bearer = bearer_token()
    if bearer is not None:
        settings = services().settings
        static = settings.static_bearer_token.get_secret_value()
        if static and hmac.compare_digest(static.encode(), bearer.encode()):
            return accounts.static_caller(settings.static_bearer_email, settings.static_bearer_is_admin)
        return accounts.caller_of(_decode(bearer, "access")["sid"])
    token = request.cookies.get(current_app.config["JWT_ACCESS_COOKIE_NAME"])
    claims = _decode(token, "access")
    _check_origin()
    return accounts.caller_of(claims["sid"])


def bearer_token() -> str | None:
    """What stands in the Authorization header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _decode(token: str | None, kind: str) -> dict[str, Any]:
    if not token:
        raise errors.Unauthenticated
    try:
        claims: dict[str, Any] = decode_token(token)
    except Exception as error:  # whatever is wrong with a token, it opens nothing
        raise errors.Unauthenticated("The token has expired." if "Expired" in type(error).__name__ else "The token is not valid.") from None
    if claims.get("type") != kind or "sid" not in claims:
        raise errors.Unauthenticated(f"This is no {kind} token.")
    return claims


def _check_origin() -> None:
    """A browser says where a cookie-borne write comes from; other sites may not write (Fetch Metadata, W3C)."""
    if request.method in _SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    allowed = {request.host_url.rstrip("/"), *current_app.config["ALLOWED_ORIGINS"]}
    if origin is not None and origin not in allowed and urlsplit(origin).netloc != request.host:
        raise errors.Forbidden("The request comes from another site.")
    if origin is None and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise errors.Forbidden("The request comes from another site.")
