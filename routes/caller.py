"""Who asks: an API key, the static token, an outside issuer's token, an access token from header or cookie, in this order; else 401."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, request

import errors
from routes.container import container
from routes.endpoints import SAFE_METHODS, required_scope
from routes.tokens import bearer_token, claims_of
from services import accounts
from services.accounts import Caller, api_keys, federated
from services.accounts.scopes import ScopeMissing


def caller() -> Caller:
    """The caller of this request. Raises Unauthenticated, and ScopeMissing for a key that may not do this."""
    if "caller" not in g:
        g.caller = _resolve()
    found: Caller = g.caller
    return found


def login_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Only for those who are logged in; stands above whatever reads the body."""

    @functools.wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        caller()
        return view(*args, **kwargs)

    return document_auth(
        checked, {401: "Authentication required", 403: "The key has no scope for this, or the request comes from another site"}
    )


def session_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Only for those who logged in themselves, whatever scopes a key has."""

    @functools.wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if caller().scopes is not None:
            raise ScopeMissing("No key may do this.")
        return view(*args, **kwargs)

    return document_auth(checked, {401: "Authentication required", 403: "A key can't do this"})


def admins_only(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not caller().is_admin:
            raise errors.Forbidden("This is for admins.")
        return view(*args, **kwargs)

    return document_auth(checked, {401: "Authentication required", 403: "Forbidden"})


def document_auth(view: Callable[..., Any], refusals: dict[int, str]) -> Callable[..., Any]:
    """Say in the API's description that one must be logged in, beside what the view says itself (APIFlask's `doc` would replace that)."""
    said = dict(getattr(view, "_spec", {}))
    said["security"] = ["bearer", "cookie"]
    said["responses"] = {**refusals, **(said.get("responses") or {})}
    view._spec = said  # type: ignore[attr-defined]
    return view


def refresh_claims(given: str | None) -> dict[str, Any]:
    """The claims of a refresh token from the body, the header or the cookie. Raises Unauthenticated."""
    cookie = request.cookies.get(current_app.config["JWT_REFRESH_COOKIE_NAME"])
    token = given or bearer_token() or cookie
    if token == cookie:
        _check_origin()
    return claims_of(token, "refresh")


def _resolve() -> Caller:
    bearer = bearer_token()
    if bearer is None:
        token = request.cookies.get(current_app.config["JWT_ACCESS_COOKIE_NAME"])
        g.token_claims = claims_of(token, "access")
        _check_origin()
        return accounts.caller_of(g.token_claims["sid"])
    if bearer.startswith(api_keys.USER_KEY):
        return _by_key(bearer)
    static = _static_caller(bearer)
    if static is not None:
        return static
    if container().identities.knows(bearer):
        settings = container().settings
        return federated.caller_of(container().identities.verify(bearer), registration_open=settings.federated_registration_open)
    g.token_claims = claims_of(bearer, "access")
    return accounts.caller_of(g.token_claims["sid"])


def _by_key(key: str) -> Caller:
    found = api_keys.caller_of(key)
    needed = required_scope()
    if needed is not None and found.scopes is not None and needed not in found.scopes:
        raise ScopeMissing(f"It needs the scope {needed}.")
    return found


def _static_caller(bearer: str) -> Caller | None:
    settings = container().settings
    static = settings.static_bearer_token.get_secret_value()
    if static and hmac.compare_digest(static.encode(), bearer.encode()):
        return accounts.static_caller(settings.static_bearer_email, settings.static_bearer_is_admin)
    return None


def _check_origin() -> None:
    """A browser says where a cookie-borne write comes from; other sites may not write (Fetch Metadata, W3C)."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    allowed = {request.host_url.rstrip("/"), *current_app.config["ALLOWED_ORIGINS"]}
    if origin is not None and origin not in allowed and urlsplit(origin).netloc != request.host:
        raise errors.Forbidden("The request comes from another site.")
    if origin is None and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise errors.Forbidden("The request comes from another site.")
