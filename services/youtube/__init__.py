"""YouTube: access to channels, and uploads that survive interruptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.keys import signing_key
from lib.encryption import decrypt
from services.youtube.oauth import AccessToken, GoogleOAuth
from services.youtube.port import ChannelDisconnected

if TYPE_CHECKING:
    from config import Settings
    from services.youtube.client import YouTubeClient

__all__ = ["YouTubeOptions", "from_settings"]


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

    def client(self, fetch_token: Callable[[], AccessToken]) -> YouTubeClient:
        """Return a client of the API."""
        from services.youtube.client import YouTubeClient  # slow to import

        return YouTubeClient(self.api_url, fetch_token)

    def client_of_channel(self, sealed_token: str) -> YouTubeClient:
        """Return a client that fetches access tokens as it needs them. It raises ChannelDisconnected if it gets none."""

        def fetch_token() -> AccessToken:
            token = self.unseal(sealed_token)
            if token is None:
                raise ChannelDisconnected("The key of this server has changed.")
            return self.oauth.refresh(token)

        return self.client(fetch_token)


def from_settings(settings: Settings) -> YouTubeOptions:
    """Return the options of YouTube; `oauth.is_configured` tells whether they can be used."""
    return YouTubeOptions(
        GoogleOAuth.from_settings(settings),
        settings.youtube_api_url,
        settings.youtube_chunk_bytes,
        lambda sealed: decrypt(sealed, signing_key(settings)),
    )
