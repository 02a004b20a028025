"""YouTube: access to channels, and uploads that survive interruptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from config.keys import signing_key
from lib.encryption import decrypt
from services.youtube.client import AccessRefused, YouTubeClient
from services.youtube.oauth import AccessToken, GoogleOAuth
from services.youtube.port import ChannelDisconnected

if TYPE_CHECKING:
    from config import Settings

__all__ = ["ChannelAccess", "YouTubeClient", "YouTubeOptions", "from_settings"]
Result = TypeVar("Result")


@dataclass(frozen=True)
class YouTubeOptions:
    """The access to YouTube. `unseal` decrypts a stored refresh token; None if the signing key has changed."""

    oauth: GoogleOAuth
    api_url: str
    chunk_bytes: int
    unseal: Callable[[str], str | None] = field(compare=False)

    @property
    def fingerprint(self) -> str:
        return self.api_url


class ChannelAccess:
    """Calls the API of a channel; fetches an access token when it needs one."""

    def __init__(self, options: YouTubeOptions, sealed_token: str) -> None:
        self._options, self._sealed = options, sealed_token
        self._access: AccessToken | None = None

    def call(self, action: Callable[[YouTubeClient], Result]) -> Result:
        """Run an action, again with a new token if YouTube refuses the old one. Raises ChannelDisconnected."""
        try:
            return action(self._client())
        except AccessRefused:
            self._access = None
        try:
            return action(self._client())
        except AccessRefused as error:
            raise ChannelDisconnected(error.detail) from error

    def _client(self) -> YouTubeClient:
        if self._access is None or not self._access.is_fresh:
            token = self._options.unseal(self._sealed)
            if token is None:
                raise ChannelDisconnected("The key of this server has changed.")
            self._access = self._options.oauth.refresh(token)
        return YouTubeClient(self._options.api_url, self._access.token)


def from_settings(settings: Settings) -> YouTubeOptions:
    """Return the options of YouTube; `oauth.is_configured` tells whether they can be used."""
    return YouTubeOptions(
        GoogleOAuth.from_settings(settings),
        settings.youtube_api_url,
        settings.youtube_chunk_bytes,
        lambda sealed: decrypt(sealed, signing_key(settings)),
    )
