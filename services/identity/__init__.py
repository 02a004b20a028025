"""Identity providers: tokens verified with the public keys of their issuer, Amazon Cognito, AWS signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.identity import issuers
from services.identity.port import FederatedUser, IssuerUnavailable, TokenRefused
from services.identity.tokens import IdentityProviders, Issuer

if TYPE_CHECKING:
    from config import Settings

__all__ = ["FederatedUser", "IdentityProviders", "Issuer", "IssuerUnavailable", "TokenRefused", "from_settings"]


def from_settings(settings: Settings) -> IdentityProviders:
    """Return the verifier of the configured issuers' tokens."""
    return IdentityProviders(issuers.from_settings(settings))
