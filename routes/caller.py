"""Authentication: an API key, the static token, a federated ID token or an access token (header or cookie), in this order."""

from __future__ import annotations

import dataclasses
import functools
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, g, request

import errors
from lib.waiting import before_waiting
from routes.container import container
from routes.endpoints import SAFE_METHODS, required_scope
from routes.request_origin import request_origin
from routes.strict_requests import authority_of
from routes.tokens import bearer_token, verified_claims
from services import accounts
from services.accounts import Caller, api_keys, federated, open_mode
from services.accounts.scopes import ADMIN_SCOPES, ScopeMissing


def caller() -> Caller:
    """Return the authenticated user of this request. Raises Unauthenticated, and ScopeMissing for a key without the scope."""
    if "caller" not in g:
        g.caller = _authenticate()
        if container().settings.redis:
            before_waiting()  # the rate limits are counted there
    user: Caller = g.caller
    return user


def viewer() -> Caller | None:
    """Return the caller, or None for a visitor without an account if PUBLIC_WITHOUT_ACCOUNT lets them watch. Raises Unauthenticated.

    A cookie that has expired counts as none.
    """
    if not container().settings.public_without_account or bearer_token() is not None:
        return caller()
    try:
        return caller()
    except errors.Unauthenticated:
        return None


def find_caller() -> Caller | None:
    """Return the caller of an open endpoint, or None without valid credentials."""
    try:
        return caller()
    except (errors.Unauthenticated, errors.Forbidden):
        return None


def viewer_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Allow authenticated users, and visitors without an account if PUBLIC_WITHOUT_ACCOUNT is set."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        viewer()
        return view(*args, **kwargs)

    return document_auth(wrapper, {401: "Authentication required, unless the server is public", 403: "The key lacks the required scope"})


def login_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Allow authenticated users only. Place it above decorators that read the body."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        caller()
        return view(*args, **kwargs)

    return document_auth(
        wrapper, {401: "Authentication required", 403: "The key lacks the required scope, or the request comes from another site"}
    )


def session_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Allow logged-in users, but no API key, even with all scopes."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if caller().scopes is not None:
            raise ScopeMissing("API keys can't do this.")
        return view(*args, **kwargs)

    return document_auth(wrapper, {401: "Authentication required", 403: "API keys can't do this"})


def admin_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Allow admins only."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not caller().is_admin:
            raise errors.Forbidden("This is for admins.")
        return view(*args, **kwargs)

    return document_auth(wrapper, {401: "Authentication required", 403: "Forbidden"})


def document_auth(view: Callable[..., Any], responses: dict[int, str]) -> Callable[..., Any]:
    """Add the login requirement to the view's OpenAPI description. APIFlask's `doc` would replace the view's own declarations."""
    spec = dict(getattr(view, "_spec", {}))
    spec["security"] = ["bearer", "cookie"]
    spec["responses"] = {**responses, **(spec.get("responses") or {})}
    view._spec = spec  # type: ignore[attr-defined]
    return view


def refresh_claims(body_token: str | None) -> Mapping[str, Any]:
    """Return the claims of the refresh token in the body, the header or the cookie. Raises Unauthenticated."""
    cookie = request.cookies.get(current_app.config["JWT_REFRESH_COOKIE_NAME"])
    token = body_token or bearer_token() or cookie
    if token == cookie:
        check_origin()
    return verified_claims(token, "refresh")


def _authenticate() -> Caller:
    bearer = bearer_token()
    if bearer is None:
        token = request.cookies.get(current_app.config["JWT_ACCESS_COOKIE_NAME"])
        mode = container().settings.open_mode
        if not token and mode != "off" and (required_scope() or "").startswith("content:"):
            check_origin()
            g.resource_policy = "same-site"  # clients that send no credentials are served by another port of the same host
            return open_mode.caller_without_credentials(mode, request_origin())
        g.token_claims = verified_claims(token, "access")
        check_origin()
        return accounts.caller_of(g.token_claims["sid"])
    if bearer.startswith(api_keys.USER_KEY):
        return _key_caller(bearer)
    static = _static_caller(bearer)
    if static is not None:
        return static
    if container().identities.knows(bearer):
        policy = container().account_policy()
        return federated.caller_of(container().identities.verify(bearer), registration_open=policy.federated_registration_open)
    g.token_claims = verified_claims(bearer, "access")
    return accounts.caller_of(g.token_claims["sid"])


def _key_caller(key: str) -> Caller:
    """Return the caller for an API key. It has the rights of an admin only at endpoints that require an admin scope."""
    key_caller = api_keys.caller_of(key)
    scope = required_scope()
    if scope is not None and key_caller.scopes is not None and scope not in key_caller.scopes:
        raise ScopeMissing(f"The scope {scope} is required.")
    method = "read" if request.method in SAFE_METHODS else "write"
    acts_as_admin = scope in ADMIN_SCOPES or (scope is None and f"admin:{method}" in (key_caller.scopes or ()))
    return key_caller if acts_as_admin else dataclasses.replace(key_caller, role="user")


def _static_caller(bearer: str) -> Caller | None:
    settings = container().settings
    static = settings.static_bearer_token.get_secret_value()
    if static and hmac.compare_digest(static.encode(), bearer.encode()):
        return accounts.static_caller(settings.static_bearer_email, settings.static_bearer_is_admin)
    return None


def same_site_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse requests of other sites. For views that set cookies: a foreign page must not log a browser in to another account."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        check_origin()
        return view(*args, **kwargs)

    return wrapper


def check_origin() -> None:
    """Refuse a write from another site; browsers send where a request comes from (Fetch Metadata, W3C)."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    allowed_origins = {request.host_url.rstrip("/"), *current_app.config["ALLOWED_ORIGINS"]}
    if origin is not None and origin not in allowed_origins and authority_of(origin) != request.host:
        raise errors.Forbidden("The request comes from another site.")
    if origin is None and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise errors.Forbidden("The request comes from another site.")
