"""Which of the operator's own programs asks, at internal addresses: a service token, or a request signed as for AWS."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable
from typing import Any

from flask import g, request

import errors
from lib.clock import now
from routes.caller import document_auth
from routes.container import container
from routes.tokens import bearer_token
from services.accounts import ServiceCaller, api_keys, replay_guard
from services.accounts.scopes import SERVICE_SCOPES, ScopeMissing
from services.identity import sigv4


def services_only(scope: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only for programs of the operator's, with this scope (services/accounts/scopes.py) or any; no user's token opens it."""
    assert scope is None or scope in SERVICE_SCOPES

    def only(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            found = service_caller()
            if scope is not None and scope not in found.scopes:
                raise ScopeMissing(f"It needs the scope {scope}.")
            return view(*args, **kwargs)

        return document_auth(checked, {401: "A service token or a signature is needed", 403: "Another scope is needed"})

    return only


def service_caller() -> ServiceCaller:
    """Of this request; looked at once, as a signature counts once. Raises Unauthenticated."""
    if "service_caller" not in g:
        g.service_caller = _resolve()
    found: ServiceCaller = g.service_caller
    return found


def _resolve() -> ServiceCaller:
    if request.headers.get("Authorization", "").startswith(sigv4.ALGORITHM):
        return _by_signature()
    token = bearer_token() or ""
    if token.startswith(api_keys.SERVICE_KEY):
        return api_keys.service_caller_of(token)
    known = container().settings.worker_api_key.get_secret_value()
    if known and hmac.compare_digest(known.encode(), token.encode()):
        return ServiceCaller("worker", frozenset({"worker", "callbacks"}))
    raise errors.Unauthenticated("A service token is needed here.", hint="The operator makes one with `flask service-token create`.")


def _by_signature() -> ServiceCaller:
    settings = container().settings
    key_id, secret = settings.service_access_key
    if not (key_id and secret):
        raise errors.Unauthenticated("No access key is configured for signed requests.", hint="Set SERVICE_ACCESS_KEY_ID and its secret.")
    found = sigv4.verify(_as_sent(), key_id, secret, now())
    replay_guard.reject_replay(found.value, found.expires_at)
    return ServiceCaller(f"access key {found.key_id}", frozenset(SERVICE_SCOPES))


def _as_sent() -> sigv4.SignedRequest:
    """Path and query as they stood in the request line: decoded and encoded again they might differ."""
    url = f"{request.scheme}://{request.host}{request.environ.get('RAW_URI') or request.full_path.rstrip('?')}"
    headers = {name.lower(): ",".join(request.headers.getlist(name)) for name in request.headers.keys()}  # noqa: SIM118, a multi-dict
    return sigv4.SignedRequest(request.method, url, headers, request.get_data(cache=True))
