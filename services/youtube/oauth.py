"""Access to a channel with OAuth 2 by Authlib: authorization code with PKCE (RFC 7636), refresh and revocation."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

import errors
from lib.waiting import before_waiting
from services.youtube.port import ChannelDisconnected, SignIn, SignInFailed

if TYPE_CHECKING:
    from config import Settings

log = structlog.get_logger(__name__)
SCOPES = ("https://www.googleapis.com/auth/youtube.upload", "https://www.googleapis.com/auth/youtube.force-ssl")
_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class AccessToken:
    """`expires_at`: seconds since 1970."""

    token: str
    expires_at: float


@dataclass(frozen=True)
class GoogleOAuth:
    """The OAuth client of this server."""

    client_id: str
    client_secret: str
    redirect_uri: str
    auth_url: str
    token_url: str
    revoke_url: str

    @classmethod
    def from_settings(cls, settings: Settings) -> GoogleOAuth:
        public_url = settings.public_url.rstrip("/")
        return cls(
            settings.google_client_id,
            settings.google_client_secret.get_secret_value(),
            settings.google_redirect_uri or (f"{public_url}/api/v1/youtube/callback" if public_url else ""),
            settings.google_auth_url,
            settings.google_token_url,
            settings.google_revoke_url,
        )

    @property
    def is_configured(self) -> bool:
        return bool(self.client_id and self.redirect_uri)

    def begin(self) -> SignIn:
        """Return a page that asks for access. `consent` makes Google issue a refresh token each time."""
        verifier = secrets.token_urlsafe(64)
        with self._session() as session:
            url, state = session.create_authorization_url(
                self.auth_url, code_verifier=verifier, access_type="offline", prompt="consent", include_granted_scopes="true"
            )
        return SignIn(url, state, verifier)

    def complete(self, code: str, verifier: str) -> tuple[str, AccessToken]:
        """Return the refresh token and an access token for a code. Raises SignInFailed and ProviderDown."""
        try:
            with self._session() as session:
                token = self._call(session.fetch_token, self.token_url, code=code, code_verifier=verifier)
        except _oauth_error() as error:
            raise SignInFailed(f"Google answered: {error.description or error.error}"[:300]) from error
        missing = set(SCOPES) - set(str(token.get("scope") or " ".join(SCOPES)).split())
        if not token.get("refresh_token") or missing:
            raise SignInFailed("Not all permissions were given.")
        return str(token["refresh_token"]), _access(token)

    def refresh(self, refresh_token: str) -> AccessToken:
        """Return a new access token. Raises ChannelDisconnected if the refresh token does not work any more, and ProviderDown."""
        try:
            with self._session() as session:
                return _access(self._call(session.refresh_token, self.token_url, refresh_token=refresh_token))
        except _oauth_error() as error:
            if error.error == "invalid_grant":
                raise ChannelDisconnected(str(error.description or "")) from error
            raise errors.ProviderRefused(f"Google answered: {error.description or error.error}"[:300]) from error

    def revoke(self, refresh_token: str) -> None:
        """Revoke a token at Google; a token that is not valid any more is revoked. Raises ProviderDown."""
        try:
            with self._session() as session:
                self._call(session.revoke_token, self.revoke_url, token=refresh_token)
        except _oauth_error() as error:
            log.info("youtube_token_not_revoked", error=error.error)

    def _session(self) -> Any:
        from authlib.integrations.requests_client import OAuth2Session  # slow to import

        session = OAuth2Session(
            self.client_id,
            self.client_secret,
            scope=" ".join(SCOPES),
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 (a method, no secret)
        )
        session.trust_env = False
        return session

    def _call(self, method: Any, url: str, **fields: Any) -> Mapping[str, Any]:
        before_waiting()
        try:
            answer: Mapping[str, Any] = method(url, timeout=_TIMEOUT_S, **fields)
        except OSError as error:  # the base of all errors of requests
            status = getattr(getattr(error, "response", None), "status_code", "nothing")
            raise errors.ProviderDown(f"Google answered {status} ({type(error).__name__}).") from error
        return answer


def _oauth_error() -> type[Any]:
    """Return the error that Authlib raises for an answer that refuses."""
    from authlib.integrations.base_client.errors import OAuthError

    return OAuthError  # type: ignore[no-any-return]


def _access(token: Mapping[str, Any]) -> AccessToken:
    return AccessToken(str(token["access_token"]), float(token.get("expires_at") or time.time() + float(token.get("expires_in") or 3600)))
