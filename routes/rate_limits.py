"""Rate limits per user, or per network address without a login. A request above one gets 429 with Retry-After."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from limits import parse_many

import errors
from config import Settings
from lib.rate_counts import MemoryCounts
from routes.caller import caller
from routes.endpoints import RateLimit, is_quiet, rate_limits_of
from routes.errors import error_response
from routes.tokens import bearer_token
from services.accounts import login_throttle
from services.accounts.users import normalize_login

_ACCOUNTS_OF_ADDRESS = 4


def init_rate_limits(app: Flask, settings: Settings) -> None:
    """Apply the limits that the views declare; call it when all routes are registered. Endpoints with the same limit share its count."""
    if not settings.rate_limits:
        return
    app.before_request(_find_client)  # before the limiter's own hook
    limiter = Limiter(
        _user_or_address,
        app=app,
        application_limits=[settings.rate_limit_default],
        storage_uri=settings.redis or f"{MemoryCounts.STORAGE_SCHEME[0]}://",
        strategy="fixed-window",
        in_memory_fallback=[settings.rate_limit_default],
        in_memory_fallback_enabled=bool(settings.redis),
        key_prefix="lectern",
    )
    limits = _limits(settings)
    limited_views: dict[Callable[..., Any], Callable[..., Any]] = {}  # a view at two addresses is wrapped once, so it counts once
    for name, view in app.view_functions.items():
        if is_quiet(view):
            limiter.exempt(view)
        if view not in limited_views:
            limited_view: Callable[..., Any] = view
            for limit in rate_limits_of(view):
                for rate, key, scope in limits[limit]:
                    limited_view = limiter.shared_limit(rate, key_func=key, scope=scope, **_options(limit))(limited_view)
            limited_views[view] = limited_view
        app.view_functions[name] = limited_views[view]
    app.register_error_handler(RateLimitExceeded, _too_many)


def _limits(settings: Settings) -> dict[RateLimit, Sequence[tuple[str, Callable[[], str], str]]]:
    """Return the rates of each limit, what they count by, and the names under which they count."""
    # Nobody may try many passwords for one account, or many accounts from one address.
    logins = [
        (settings.rate_limit_login, _address_and_login, "login"),
        (_multiple(settings.rate_limit_login), _address, "logins of an address"),
    ]
    return {
        "login": logins,
        "token_or_login": logins,
        "registration": [(settings.rate_limit_register, _address, "registration")],
        "password": [(settings.rate_limit_register, _user_or_address, "password")],
        "email_sender": [(settings.rate_limit_mail_sender, _address, "email_sender")],
        "email_recipient": [(settings.rate_limit_mail, _recipient, "email_recipient")],
        "upload": [(settings.rate_limit_upload, _user_or_address, "upload")],
        "comment": [(settings.rate_limit_comments, _user_or_address, "comment")],
    }


def _options(limit: RateLimit) -> dict[str, Any]:
    """Return the other arguments of `shared_limit`. Only failed log-ins count, and none with a token in place of a password."""
    if limit not in ("login", "token_or_login"):
        return {}
    exempt = {"exempt_when": lambda: bearer_token() is not None} if limit == "token_or_login" else {}
    return {"deduct_when": _is_failed_login, **exempt}


def _is_failed_login(response: Response) -> bool:
    return response.status_code == errors.BadCredentials.status and response.get_json()["code"] == errors.BadCredentials.code


def _find_client() -> None:
    """Find whom to count this request for: the user, or the network address of a request without a valid login. Does not check permissions.

    The limiter takes an exception in one of its key functions for a failure of its storage and forgets its counts, so they must not raise.
    Unexpected errors end the request here.
    """
    g.rate_limit_client = _address()
    if request.endpoint is None or is_quiet(current_app.view_functions[request.endpoint]):
        return
    try:
        g.rate_limit_client = f"user:{caller().user_id}"
    except errors.DatabaseBusy:  # the view would time out too
        raise
    except errors.LecternError:  # counted by address; views that need a user report it
        return


def _user_or_address() -> str:
    return str(g.rate_limit_client)


def _address() -> str:
    return login_throttle.network_subject(request.remote_addr or "").key


def _address_and_login() -> str:
    """The address with the account that somebody tries to enter, so that others at the same address are not locked out."""
    try:
        body = request.get_json(force=True, silent=True) or {}
        login = body.get("email") or body.get("username")
    except Exception:  # the view reports the malformed body; see _find_client
        login = None
    return f"{_address()} {normalize_login(login)[:254]}" if isinstance(login, str) and login else _address()


def _multiple(rate: str) -> str:
    """Return the limit for all accounts together: `_ACCOUNTS_OF_ADDRESS` times the number of requests."""
    items = [(item.amount * _ACCOUNTS_OF_ADDRESS, item.multiples, item.GRANULARITY.name) for item in parse_many(rate)]
    return "; ".join(f"{amount} per {multiples} {unit}" for amount, multiples, unit in items)


def _recipient() -> str:
    """The e-mail address in the body: many people share a network address, but not an e-mail address."""
    try:
        email = request.get_json(force=True).get("email")  # whatever the Content-Type says, like the view
    except Exception:  # the view reports the malformed body; see _find_client
        email = None
    return f"email:{normalize_login(email)[:254]}" if isinstance(email, str) and email else _address()


def _too_many(_: RateLimitExceeded) -> Response:
    limiter: Limiter = next(iter(current_app.extensions["limiter"]))
    limit = limiter.current_limit
    wait_s = max(1, int(limit.reset_at - time.time()) + 1) if limit else 60
    return error_response(errors.TooManyRequests(wait_s=wait_s))
