"""Authentication of the operator's own programs at internal endpoints: a service token or an AWS Signature Version 4."""

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


def service_required(scope: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Allow only service tokens and signed requests with this scope (services/accounts/scopes.py), or with any scope if None."""
    assert scope is None or scope in SERVICE_SCOPES

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if scope is not None and scope not in service_caller().scopes:
                raise ScopeMissing(f"The scope {scope} is required.")
            service_caller()
            return view(*args, **kwargs)

        return document_auth(wrapper, {401: "A service token or a signature is required", 403: "Another scope is required"})

    return decorate


def service_caller() -> ServiceCaller:
    """Return the program that sent this request. It is checked once, because a signature is valid once. Raises Unauthenticated."""
    if "service_caller" not in g:
        g.service_caller = _authenticate()
    service: ServiceCaller = g.service_caller
    return service


def _authenticate() -> ServiceCaller:
    if request.headers.get("Authorization", "").startswith(sigv4.ALGORITHM):
        return _signature_caller()
    token = bearer_token() or ""
    if token.startswith(api_keys.SERVICE_KEY):
        return api_keys.service_caller_of(token)
    worker_key = container().settings.worker_api_key.get_secret_value()
    if worker_key and hmac.compare_digest(worker_key.encode(), token.encode()):
        return ServiceCaller("worker", frozenset({"worker", "callbacks"}))
    raise errors.Unauthenticated("A service token is required.", hint="The operator creates one with `flask service-token create`.")


def _signature_caller() -> ServiceCaller:
    settings = container().settings
    key_id, secret = settings.service_access_key
    if not (key_id and secret):
        raise errors.Unauthenticated("No access key is configured for signed requests.", hint="Set SERVICE_ACCESS_KEY_ID and its secret.")
    signature = sigv4.verify(_signed_request(), key_id, secret, now())
    replay_guard.reject_replay(signature.value, signature.expires_at)
    return ServiceCaller(f"access key {signature.key_id}", frozenset(SERVICE_SCOPES))


def _signed_request() -> sigv4.SignedRequest:
    """Return the request with path and query as in the request line; decoding and encoding might change them."""
    url = f"{request.scheme}://{request.host}{request.environ.get('RAW_URI') or request.full_path.rstrip('?')}"
    headers = {name.lower(): ",".join(request.headers.getlist(name)) for name in request.headers.keys()}  # noqa: SIM118, a multi-dict
    return sigv4.SignedRequest(request.method, url, headers, request.get_data(cache=True))
