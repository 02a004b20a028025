"""Tokens of identity providers: valid ones are accepted, forged ones refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from services.identity import IdentityProviders, Issuer, IssuerUnavailable, TokenRefused
from tests.identity.issuer import AUDIENCE, LocalIssuer, rsa_key


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def providers(issuer: LocalIssuer, clock: Clock) -> IdentityProviders:
    return IdentityProviders([Issuer("local", issuer.url, (AUDIENCE, "another client"))], clock)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def build_token(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None) -> str:
    """Return a token built without a JWT library, which would refuse to create it."""
    signing_input = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signing_input}.{b64(hmac.digest(secret, signing_input.encode(), hashlib.sha256)) if secret is not None else ''}"


@pytest.mark.parametrize(("kid", "algorithm"), [("first", "RS256"), ("first", "PS384"), ("curve", "ES256")])
def test_a_valid_token_identifies_its_user(issuer: LocalIssuer, providers: IdentityProviders, kid: str, algorithm: str) -> None:
    token = issuer.token(kid, algorithm=algorithm)
    assert providers.knows(token)
    user = providers.verify(token)
    assert (user.issuer, user.subject, user.provider) == (issuer.url, "subject-1", "local")
    assert (user.email, user.email_verified, user.name) == ("grace@example.org", True, "Grace Brewster Hopper")
    assert providers.verify(issuer.token(kid, algorithm=algorithm, aud=["x", AUDIENCE])).subject == "subject-1"
    assert issuer.fetches == 1, "keys are cached"


def test_a_forged_signature_is_refused(issuer: LocalIssuer, providers: IdentityProviders) -> None:
    with pytest.raises(TokenRefused):
        providers.verify(issuer.token("first", key=rsa_key()))
    head, body, signature = issuer.token().split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=="))
    payload["email"] = "admin@example.org"
    with pytest.raises(TokenRefused):
        providers.verify(f"{head}.{b64(json.dumps(payload).encode())}.{signature}")


def test_an_expired_token_is_refused(issuer: LocalIssuer, providers: IdentityProviders) -> None:
    with pytest.raises(TokenRefused, match="expired"):
        providers.verify(issuer.token(exp=int(time.time()) - 120))


def test_a_token_from_the_future_is_refused(issuer: LocalIssuer, providers: IdentityProviders) -> None:
    for claims in ({"nbf": int(time.time()) + 600}, {"iat": int(time.time()) + 600}):
        with pytest.raises(TokenRefused):
            providers.verify(issuer.token(**claims))


@pytest.mark.parametrize("audience", ["another program", ["x", "y"], None])
def test_a_token_for_another_audience_is_refused(issuer: LocalIssuer, providers: IdentityProviders, audience: Any) -> None:
    with pytest.raises(TokenRefused):
        providers.verify(issuer.token(aud=audience))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_a_token_without_signature_is_refused(issuer: LocalIssuer, providers: IdentityProviders, algorithm: str) -> None:
    for header in ({"alg": algorithm, "kid": "first"}, {"alg": algorithm}):
        with pytest.raises(TokenRefused):
            providers.verify(build_token(header, issuer.claims(), None))


def test_the_public_key_cannot_be_used_as_a_shared_secret(issuer: LocalIssuer, providers: IdentityProviders) -> None:
    """Key confusion: HS256 with the public key as secret."""
    public = issuer.keys["first"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    modulus = public.public_numbers().n.to_bytes(256, "big")
    for secret in (pem, pem.rstrip(), modulus, json.dumps(issuer.jwks()["keys"][0]).encode()):
        with pytest.raises(TokenRefused, match="algorithm is not accepted"):
            providers.verify(build_token({"alg": "HS256", "kid": "first"}, issuer.claims(), secret))


def test_a_key_is_valid_for_its_own_algorithms_only(issuer: LocalIssuer, providers: IdentityProviders) -> None:
    token = issuer.token("curve", key=issuer.keys["first"], algorithm="RS256")
    with pytest.raises(TokenRefused, match="does not match"):
        providers.verify(token)


def test_symmetric_keys_in_the_key_set_are_ignored(
    issuer: LocalIssuer, providers: IdentityProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_set = {"keys": [*issuer.jwks()["keys"], {"kty": "oct", "kid": "shared", "k": b64(b"shared secret of 32 characters!!")}]}
    monkeypatch.setattr(issuer, "jwks", lambda: key_set)
    with pytest.raises(TokenRefused):
        providers.verify(build_token({"alg": "HS256", "kid": "shared"}, issuer.claims(), b"shared secret of 32 characters!!"))


def test_fetches_for_unknown_keys_are_limited(issuer: LocalIssuer, providers: IdentityProviders, clock: Clock) -> None:
    providers.verify(issuer.token())
    token = issuer.token("unheard-of", key=rsa_key())
    for _ in range(20):
        with pytest.raises(TokenRefused, match="unknown key"):
            providers.verify(token)
    assert issuer.fetches == 1
    clock.at += 31
    for _ in range(20):
        with pytest.raises(TokenRefused):
            providers.verify(token)
    assert issuer.fetches == 2


def test_a_token_without_a_key_id_is_refused_if_there_are_several_keys(issuer: LocalIssuer, providers: IdentityProviders) -> None:
    with pytest.raises(TokenRefused):
        providers.verify(issuer.token(None))


def test_keys_and_key_urls_in_a_token_are_ignored(issuer: LocalIssuer, providers: IdentityProviders) -> None:
    own = rsa_key()
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(own.public_key()))
    for header in ({"jwk": jwk}, {"jku": f"{issuer.url}/evil"}, {"kid": "../../evil", "jwk": jwk}):
        token = jwt.encode(issuer.claims(), own, algorithm="RS256", headers=header)
        with pytest.raises(TokenRefused):
            providers.verify(token)


def test_rotated_keys_replace_old_ones(issuer: LocalIssuer, providers: IdentityProviders, clock: Clock) -> None:
    old = issuer.token()
    providers.verify(old)
    issuer.keys = {"second": rsa_key()}
    clock.at += 31
    assert providers.verify(issuer.token("second")).subject == "subject-1"
    with pytest.raises(TokenRefused):
        providers.verify(old)


def test_cached_keys_are_valid_for_a_day_during_an_outage(issuer: LocalIssuer, providers: IdentityProviders, clock: Clock) -> None:
    providers.verify(issuer.token())
    issuer.down = True
    clock.at += 7200
    assert providers.verify(issuer.token()).subject == "subject-1"
    clock.at += 90_000
    with pytest.raises(IssuerUnavailable):
        providers.verify(issuer.token())


def test_the_health_check_fails_without_keys(issuer: LocalIssuer, providers: IdentityProviders, clock: Clock) -> None:
    issuer.down = True
    with pytest.raises(IssuerUnavailable):
        providers.check()
    issuer.down = False
    with pytest.raises(IssuerUnavailable, match="a moment ago"):
        providers.check()
    clock.at += 6
    assert providers.check() == "local"
    issuer.down = True
    assert providers.check() == "local"
    assert issuer.fetches == 1


def test_invalid_answers_of_an_issuer_are_handled(
    issuer: LocalIssuer, providers: IdentityProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[tuple[int, Any]] = [(200, b"no json"), (200, [1]), (200, {"keys": 7}), (500, {}), (302, {}), (200, b" " * 300_000)]
    for answer in answers:
        monkeypatch.setattr(issuer, "answer", lambda _path, answer=answer: answer)
        with pytest.raises(IssuerUnavailable):
            IdentityProviders([Issuer("local", issuer.url, (AUDIENCE,))]).verify(issuer.token())


def test_a_discovery_document_of_another_issuer_is_refused(issuer: LocalIssuer, providers: IdentityProviders) -> None:
    issuer.document = {"issuer": "https://elsewhere.example.org", "jwks_uri": issuer.jwks_url}
    with pytest.raises(IssuerUnavailable, match="another issuer"):
        providers.verify(issuer.token())


@pytest.mark.parametrize("named_issuer", ["https://elsewhere.example.org", "", None, 7, ["x"]])
def test_a_token_of_an_unknown_issuer_is_refused_without_a_fetch(
    issuer: LocalIssuer, providers: IdentityProviders, named_issuer: Any
) -> None:
    token = build_token({"alg": "RS256", "kid": "first"}, {**issuer.claims(), "iss": named_issuer}, b"x")
    assert not providers.knows(token)
    with pytest.raises(TokenRefused):
        providers.verify(token)
    assert issuer.fetches == 0


@pytest.mark.parametrize("claim", ["sub", "exp", "iat"])
def test_a_token_without_a_required_claim_is_refused(issuer: LocalIssuer, providers: IdentityProviders, claim: str) -> None:
    with pytest.raises(TokenRefused):
        providers.verify(issuer.token(**{claim: None}))


def test_malformed_tokens_are_refused(providers: IdentityProviders) -> None:
    for token in ("", "a.b.c", "a.b", "." * 5, "x" * 20_000, f"{b64(b'[]')}.{b64(b'{}')}.", f"a.{b64(b'[' * 5000)}.c"):
        assert not providers.knows(token)
        with pytest.raises(TokenRefused):
            providers.verify(token)


def test_firebase_tokens_need_a_login_in_the_past(issuer: LocalIssuer) -> None:
    providers = IdentityProviders([Issuer("firebase", issuer.url, (AUDIENCE,), issuer.jwks_url, "firebase")])
    assert providers.verify(issuer.token()).provider == "firebase"
    for at in (None, 0, int(time.time()) + 600):
        with pytest.raises(TokenRefused):
            providers.verify(issuer.token(auth_time=at))


def test_cognito_id_and_access_tokens_are_accepted(issuer: LocalIssuer) -> None:
    providers = IdentityProviders([Issuer("cognito", issuer.url, (AUDIENCE,), issuer.jwks_url, "cognito")])
    assert providers.verify(issuer.token(token_use="id")).subject == "subject-1"
    assert providers.verify(issuer.token(token_use="access", aud=None, client_id=AUDIENCE)).subject == "subject-1"
    for claims in (
        {"token_use": "access", "client_id": "another"},
        {"token_use": "id", "aud": "another", "client_id": AUDIENCE},
        {"token_use": "refresh", "client_id": AUDIENCE},
        {},
    ):
        with pytest.raises(TokenRefused):
            providers.verify(issuer.token(**claims))
