"""An issuer's public keys: fetched over HTTP, kept for an hour, fetched anew when one is not known.

RFC 7517. While the issuer is away the keys that are known serve on, for a day at most.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from lib import http_client
from services.identity.port import IssuerUnavailable, TokenRefused

_FRESH_S, _STALE_S = 3600.0, 86400.0
_RETRY_AFTER_S = 5.0
_MIN_FETCH_INTERVAL_S = 30.0  # unknown keys make us ask no more often
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
    """`find_url` says where the keys stand; it may ask the issuer, and is asked again with every fetch."""

    def __init__(self, find_url: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._find_url, self._clock = find_url, clock
        self._keys: Mapping[str, Mapping[str, Any]] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._failed_at: float | None = None
        self._lock = threading.Lock()

    def key(self, kid: str | None, algorithm: str) -> Any:
        """The public key of this name, of the kind that the algorithm takes. Raises TokenRefused and IssuerUnavailable."""
        with self._lock:
            self._renew_if_old()
            found = self._find(kid)
            if found is None and self._may_ask():
                self._renew()
                found = self._find(kid)
        if found is None:
            raise TokenRefused("It is signed with a key that its issuer does not have.")
        kind, curve = KEY_TYPES[algorithm]
        fits = found.get("kty") == kind and found.get("alg", algorithm) == algorithm and found.get("use", "sig") == "sig"
        if not fits or (curve and found.get("crv") != curve):
            raise TokenRefused("It is signed in a way that its key is not for.")
        try:
            return jwt.PyJWK.from_dict(dict(found), algorithm).key
        except (jwt.exceptions.PyJWTError, ValueError, TypeError):
            raise TokenRefused("Its issuer's key can't be read.") from None

    def check(self) -> None:
        """Raise IssuerUnavailable where there are no keys to verify with."""
        with self._lock:
            self._renew_if_old()

    def _find(self, kid: str | None) -> Mapping[str, Any] | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _renew_if_old(self) -> None:
        age_s = None if self._fetched_at is None else self._clock() - self._fetched_at
        if age_s is not None and (age_s < _FRESH_S or (age_s < _STALE_S and not self._may_ask())):
            return
        try:
            self._renew()
        except IssuerUnavailable:
            if age_s is None or age_s >= _STALE_S:
                raise

    def _may_ask(self) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at >= _MIN_FETCH_INTERVAL_S

    def _renew(self) -> None:
        if self._failed_at is not None and self._clock() - self._failed_at < _RETRY_AFTER_S:
            raise IssuerUnavailable("It was asked a moment ago.")  # who waited for that answer need not wait for another
        self._asked_at = self._clock()
        try:
            told = fetch_json(self._find_url())
        except IssuerUnavailable:
            self._failed_at = self._clock()
            raise
        listed = told.get("keys")
        if not isinstance(listed, list):
            raise IssuerUnavailable("It has no list of keys.")
        usable = [each for each in listed[:_MAX_KEYS] if isinstance(each, dict) and each.get("kty") in ("RSA", "EC", "OKP")]
        self._keys = {str(each.get("kid", "")): each for each in usable}
        self._fetched_at = self._clock()


def fetch_json(url: str) -> Mapping[str, Any]:
    """One object. The operator named the address: it may be on a network of one's own. Raises IssuerUnavailable."""
    try:
        answer = http_client.fetch(url, max_bytes=_MAX_BYTES, allow_private=True)
        told = json.loads(answer.text) if answer.status == 200 else None
    except (http_client.NoAnswer, http_client.UrlRefused, ValueError, RecursionError) as error:
        raise IssuerUnavailable(f"{url}: {error}"[:300]) from None
    if not isinstance(told, dict):
        raise IssuerUnavailable(f"{url}: answered {answer.status}, without a JSON object."[:300])
    return told
