"""The public keys of an issuer (JWKS, RFC 7517): cached for an hour, fetched again for an unknown key id.

During an outage of the issuer the cached keys stay valid for up to a day.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt

import errors
from lib import http_client
from lib.waiting import before_waiting
from services.identity.port import IssuerUnavailable, TokenRefused

_FRESH_S, _STALE_S = 3600.0, 86400.0
_RETRY_AFTER_S = 5.0
_MIN_FETCH_INTERVAL_S = 30.0  # limits the requests that unknown key ids cause
_MAX_BYTES, _MAX_KEYS = 256 * 1024, 50
KEY_TYPES: Mapping[str, tuple[str, str]] = {  # algorithm: key type and curve (RFC 7518, 3.1; RFC 8037)
    "RS256": ("RSA", ""),
    "RS384": ("RSA", ""),
    "RS512": ("RSA", ""),
    "PS256": ("RSA", ""),
    "PS384": ("RSA", ""),
    "PS512": ("RSA", ""),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}


class KeySet:
    """`find_url` returns the URL of the keys; it may query the issuer and is called for every fetch."""

    def __init__(self, find_url: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._find_url, self._clock = find_url, clock
        self._keys: Mapping[str, Mapping[str, Any]] = {}
        self._fetched_at: float | None = None
        self._requested_at: float | None = None
        self._failed_at: float | None = None
        self._lock = threading.Lock()

    def key(self, kid: str | None, algorithm: str) -> Any:
        """Return the public key with this id for an algorithm. Raises TokenRefused, IssuerUnavailable."""
        jwk = self._find(kid) if self._is_fetching() else None  # known keys work while another thread waits for the issuer
        if jwk is None:
            before_waiting()
            with self._lock:
                self._fetch_if_old()
                jwk = self._find(kid)
                if jwk is None and self._may_fetch():
                    self._fetch()
                    jwk = self._find(kid)
        if jwk is None:
            raise TokenRefused("It is signed with an unknown key.")
        key_type, curve = KEY_TYPES[algorithm]
        fits = jwk.get("kty") == key_type and jwk.get("alg", algorithm) == algorithm and jwk.get("use", "sig") == "sig"
        if not fits or (curve and jwk.get("crv") != curve):
            raise TokenRefused("Its algorithm does not match its key.")
        try:
            return jwt.PyJWK.from_dict(dict(jwk), algorithm).key
        except (jwt.exceptions.PyJWTError, ValueError, TypeError):
            raise TokenRefused("The key of its issuer is not valid.") from None

    def check(self) -> None:
        """Raise IssuerUnavailable if there are no keys and none can be fetched."""
        with self._lock:
            self._fetch_if_old()

    def _is_fetching(self) -> bool:
        """Whether another thread fetches the keys while those that are known are recent enough."""
        return self._lock.locked() and self._fetched_at is not None and self._clock() - self._fetched_at < _STALE_S

    def _find(self, kid: str | None) -> Mapping[str, Any] | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _fetch_if_old(self) -> None:
        age_s = None if self._fetched_at is None else self._clock() - self._fetched_at
        if age_s is not None and (age_s < _FRESH_S or (age_s < _STALE_S and not self._may_fetch())):
            return
        try:
            self._fetch()
        except IssuerUnavailable:
            if age_s is None or age_s >= _STALE_S:
                raise

    def _may_fetch(self) -> bool:
        return self._requested_at is None or self._clock() - self._requested_at >= _MIN_FETCH_INTERVAL_S

    def _fetch(self) -> None:
        if self._failed_at is not None and self._clock() - self._failed_at < _RETRY_AFTER_S:
            raise IssuerUnavailable("The last request failed a moment ago.")
        self._requested_at = self._clock()
        try:
            document = fetch_json(self._find_url())
        except IssuerUnavailable:
            self._failed_at = self._clock()
            raise
        keys = document.get("keys")
        if not isinstance(keys, list):
            raise IssuerUnavailable("The response has no list of keys.")
        usable_keys = [each for each in keys[:_MAX_KEYS] if isinstance(each, dict) and each.get("kty") in ("RSA", "EC", "OKP")]
        self._keys = {str(each.get("kid", "")): each for each in usable_keys}
        self._fetched_at = self._clock()


def fetch_json(url: str) -> Mapping[str, Any]:
    """Fetch a JSON object. Private addresses are allowed, as the operator configures the URL. Raises IssuerUnavailable."""
    try:
        response = http_client.get(url, max_bytes=_MAX_BYTES, allow_private=True)
        document = json.loads(response.text) if response.status == 200 else None
    except (http_client.NoAnswer, http_client.ResponseTooLarge, errors.UrlRefused, ValueError, RecursionError) as error:
        raise IssuerUnavailable(f"{url}: {error}"[:300]) from None
    if not isinstance(document, dict):
        raise IssuerUnavailable(f"{url}: status {response.status} without a JSON object."[:300])
    return document
