"""Identity providers: tokens verified with the public keys of their issuer, Amazon Cognito, AWS signatures."""

from services.identity.port import FederatedUser, IssuerUnavailable, TokenRefused
from services.identity.tokens import IdentityProviders, Issuer

__all__ = ["FederatedUser", "IdentityProviders", "Issuer", "IssuerUnavailable", "TokenRefused"]
