"""How often one may ask, by user where one is signed in, else by address. Past that: 429 with Retry-After."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import HTTPException

import errors
from config import Settings
from routes.caller import caller
from routes.errors import answer
from services.accounts.users import normal

# What a client asks while it waits or a browser while it loads; nobody guesses anything by these.
_NOT_COUNTED = ("/health", "/health/live", "/api/v1/health", "/metrics", "/web/<path:name>", "/favicon.ico", "/static/<path:filename>")
LOG_INS = ("/api/v1/auth/login", "/auth/login", "/auth/exchange-token", "/login")
REGISTRATIONS = ("/api/v1/auth/register", "/api/v1/auth/signup")
MAILS = (
    "/api/v1/auth/forgot-password",
    "/api/v1/auth/reset-password",
    "/api/v1/auth/resend-verification",
    "/api/v1/auth/verify-email",
    "/admin/email/test",
    "/api/v1/admin/email/test",
    "/admin/test-notification",
    "/api/v1/admin/test-notification",
)
LETTERS = ("/api/v1/auth/forgot-password", "/api/v1/auth/resend-verification", *REGISTRATIONS)
UPLOADS = ("/upload", "/api/v1/recordings", "/assemble-file")


def init_rate_limits(app: Flask, settings: Settings) -> None:
    """After all routes are known. Each group of addresses counts as one."""
    if not settings.rate_limits:
        return
    limiter = Limiter(
        _who,
        app=app,
        application_limits=[settings.rate_limit_default],
        storage_uri=settings.redis or "memory://",
        strategy="fixed-window",
        in_memory_fallback=[settings.rate_limit_default],
        in_memory_fallback_enabled=bool(settings.redis),
        key_prefix="lectern",
    )
    groups: tuple[tuple[str, tuple[str, ...], str, Callable[[], str]], ...] = (
        ("log-in", LOG_INS, settings.rate_limit_login, _address),
        ("registration", REGISTRATIONS, settings.rate_limit_register, _address),
        ("password", ("/api/v1/auth/change-password",), settings.rate_limit_register, _who),
        ("mail", MAILS, settings.rate_limit_mail_sender, _address),
        ("mail-to", LETTERS, settings.rate_limit_mail, _recipient),
        ("upload", UPLOADS, settings.rate_limit_upload, _who),
    )
    counted: dict[tuple[str, Callable[..., Any]], Callable[..., Any]] = {}  # a view that stands at two addresses counts once
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.rule in _NOT_COUNTED:
            limiter.exempt(view)
        for scope, paths, limit, key in groups:
            if rule.rule in paths and "POST" in (rule.methods or ()):
                known = (scope, view)
                view = counted[known] = counted.get(known) or limiter.shared_limit(limit, scope=scope, key_func=key)(view)
                app.view_functions[rule.endpoint] = view
    app.register_error_handler(RateLimitExceeded, _too_many)


def _who() -> str:
    """The user, else the address. Whether the caller may do this at all is not asked here."""
    with contextlib.suppress(errors.LecternError):
        return f"user:{caller().user_id}"
    return _address()


def _address() -> str:
    return f"address:{request.remote_addr or ''}"


def _recipient() -> str:
    """The e-mail address that is asked about: many people share a network address, and nobody shares theirs."""
    try:
        email = request.get_json(force=True).get("email")  # whatever the Content-Type says: so does the view
    except (errors.LecternError, HTTPException):  # the view says what is wrong with it
        email = None
    return f"email:{normal(email)[:254]}" if isinstance(email, str) and email else _address()


def _too_many(_: RateLimitExceeded) -> Response:
    limiter: Limiter = next(iter(current_app.extensions["limiter"]))
    broken = limiter.current_limit
    wait_s = max(1, int(broken.reset_at - time.time()) + 1) if broken else 60
    return answer(errors.TooManyRequests(wait_s=wait_s))
