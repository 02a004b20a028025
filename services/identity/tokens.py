"""Verification of tokens of identity providers: signature, issuer, audience and times.

RFC 8725 (JWT Best Current Practices): only listed asymmetric algorithms are accepted, each with a matching key.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import jwt

from services.identity.jwks import KEY_TYPES, KeySet, fetch_json
from services.identity.port import FederatedUser, IssuerUnavailable, TokenRefused

_LEEWAY_S = 30
_MAX_LENGTH = 12_000


@dataclass(frozen=True)
class Issuer:
    """A trusted issuer and the accepted audiences. `jwks_url` empty: found by OpenID Connect Discovery."""

    name: str
    url: str
    audiences: tuple[str, ...]
    jwks_url: str = ""
    kind: Literal["oidc", "firebase", "cognito"] = "oidc"


class IdentityProviders:
    """All configured issuers."""

    def __init__(self, issuers: Sequence[Issuer], clock: Callable[[], float] = time.monotonic) -> None:
        self._issuers = {issuer.url: issuer for issuer in issuers}
        self._keys = {issuer.url: KeySet(_jwks_url_finder(issuer), clock) for issuer in issuers}

    @property
    def names(self) -> list[str]:
        return [issuer.name for issuer in self._issuers.values()]

    def check(self) -> str:
        """Return their names. Raises IssuerUnavailable if the keys of one are not available."""
        for keys in self._keys.values():
            keys.check()
        return ", ".join(self.names)

    def knows(self, token: str) -> bool:
        """Return whether the unverified token names one of these issuers."""
        return _unverified_issuer(token) in self._issuers

    def verify(self, token: str) -> FederatedUser:
        """Verify a token and return its user. Raises TokenRefused, IssuerUnavailable."""
        issuer = self._issuers.get(_unverified_issuer(token) or "")
        if issuer is None:
            raise TokenRefused("Its issuer is not configured here.")
        claims = _verified_claims(token, issuer, self._keys[issuer.url])
        return _user_from(issuer, claims)


def _jwks_url_finder(issuer: Issuer) -> Callable[[], str]:
    def find() -> str:
        if issuer.jwks_url:
            return issuer.jwks_url
        discovery = fetch_json(issuer.url.rstrip("/") + "/.well-known/openid-configuration")
        if discovery.get("issuer") != issuer.url or not isinstance(discovery.get("jwks_uri"), str):
            raise IssuerUnavailable(f"The discovery document of {issuer.url} names another issuer or no keys.")
        return str(discovery["jwks_uri"])

    return find


def _unverified_issuer(token: str) -> str | None:
    """Return the issuer in an unverified token; use it only to choose the keys for the verification."""
    if len(token) > _MAX_LENGTH or token.count(".") != 2:
        return None
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, RecursionError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else None


def _verified_claims(token: str, issuer: Issuer, keys: KeySet) -> Mapping[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.exceptions.PyJWTError:
        raise TokenRefused("It is malformed.") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in KEY_TYPES:
        raise TokenRefused("Its algorithm is not accepted.")
    key = keys.key(kid if isinstance(kid, str) else None, algorithm)
    checks_client = issuer.kind == "cognito"  # its access tokens have `client_id` instead of `aud`
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=[algorithm],
            audience=None if checks_client else list(issuer.audiences),
            issuer=issuer.url,
            leeway=_LEEWAY_S,
            options={"require": ["exp", "iat", "iss", "sub", *([] if checks_client else ["aud"])], "verify_aud": not checks_client},
        )
    except jwt.exceptions.ExpiredSignatureError:
        raise TokenRefused("It has expired.") from None
    except jwt.exceptions.InvalidAudienceError:
        raise TokenRefused("It was issued for another audience.") from None
    except (jwt.exceptions.PyJWTError, ValueError, TypeError):
        raise TokenRefused from None
    _check_kind(issuer, claims)
    return claims


def _check_kind(issuer: Issuer, claims: Mapping[str, Any]) -> None:
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise TokenRefused("It has no valid subject.")
    logged_in_at = claims.get("auth_time")
    if issuer.kind == "firebase" and not (isinstance(logged_in_at, int) and 0 < logged_in_at <= time.time() + _LEEWAY_S):
        raise TokenRefused("It has no valid time of login.")  # https://firebase.google.com/docs/auth/admin/verify-id-tokens
    if issuer.kind == "cognito":  # docs.aws.amazon.com/cognito: "Verifying JSON web tokens"
        audience = {"id": claims.get("aud"), "access": claims.get("client_id")}.get(str(claims.get("token_use")))
        if audience not in issuer.audiences:
            raise TokenRefused("It was issued for another audience.")


def _user_from(issuer: Issuer, claims: Mapping[str, Any]) -> FederatedUser:
    name = claims.get("name") or " ".join(str(claims.get(part) or "") for part in ("given_name", "family_name")).strip()
    return FederatedUser(
        issuer=issuer.url,
        subject=claims["sub"],
        provider=issuer.name,
        email=str(claims.get("email") or "").strip().lower()[:254],
        email_verified=claims.get("email_verified") in (True, "true"),
        name=str(name)[:240],
        picture=str(claims.get("picture") or "")[:1000],
        issued_at=dt.datetime.fromtimestamp(float(claims["iat"]), dt.UTC),
    )
