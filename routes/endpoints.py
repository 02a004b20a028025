"""The scope and the rate limits that each endpoint declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from apiflask import APIBlueprint
from flask import Flask, current_app, request

from services.accounts.scopes import ScopeMissing

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# "open": anyone may call it; "service": only the operator's own programs (routes/service_caller.py checks their scopes).
Scope = Literal["content", "webhooks", "admin", "account", "service", "open"]
# "token_or_login": like "login", with the same count, for endpoints that ignore the body of a request with a Bearer token.
RateLimit = Literal["login", "token_or_login", "registration", "password", "email_sender", "email_recipient", "upload", "comment"]
_INVALID_STATUS = 422
View = TypeVar("View", bound=Callable[..., Any])


class Blueprint(APIBlueprint):
    """A blueprint with a scope for all its endpoints; a view may declare another with `endpoint`."""

    def __init__(self, name: str, import_name: str, *, scope: Scope | None = None, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.scope = scope


def endpoint(
    *, scope: Scope | None = None, rate_limits: tuple[RateLimit, ...] = (), quiet: bool = False, invalid_status: int = _INVALID_STATUS
) -> Callable[[View], View]:
    """Declare a view's scope and the rate limits that apply besides RATE_LIMIT_DEFAULT.

    `quiet` is for probes and assets: no rate limit counts them, and they are logged at DEBUG. `invalid_status`: the status of the response
    to input that does not match its schema, for documented paths with another one than 422.
    """

    def declare(view: View) -> View:
        view.__dict__.update(_scope=scope, _rate_limits=rate_limits, _is_quiet=quiet, _invalid_status=invalid_status)
        return view

    return declare


def scope_of(app: Flask, name: str | None) -> Scope | None:
    """The scope that an endpoint declares, itself or by its blueprint; None if it declares none."""
    if name is None:
        return None
    scope: Scope | None = getattr(app.view_functions[name], "_scope", None)
    while scope is None and "." in name:
        name = name.rpartition(".")[0]
        scope = getattr(app.blueprints.get(name), "scope", None)
    return scope


def rate_limits_of(view: Callable[..., Any]) -> tuple[RateLimit, ...]:
    """The rate limits that a view declares besides the default one."""
    limits: tuple[RateLimit, ...] = getattr(view, "_rate_limits", ())
    return limits


def is_quiet(view: Callable[..., Any]) -> bool:
    """Whether a view is a probe or an asset: exempt from rate limits, and logged at DEBUG."""
    return bool(getattr(view, "_is_quiet", False))


def invalid_status_of(view: Callable[..., Any] | None) -> int:
    """The status of the response of a view, or of none, to input that does not match its schema."""
    return int(getattr(view, "_invalid_status", _INVALID_STATUS))


def required_scope() -> str | None:
    """The scope that an API key needs for this request; None for an open endpoint. Raises ScopeMissing if none is declared.

    No key has `account:write` or a `service` scope: accounts are changed after a login only.
    """
    scope = scope_of(current_app, request.endpoint)
    if scope is None:
        raise ScopeMissing("This endpoint declares no scope.")
    return None if scope == "open" else f"{scope}:{'read' if request.method in SAFE_METHODS else 'write'}"
