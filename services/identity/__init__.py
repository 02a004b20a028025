"""Outside identity: issuers whose tokens are verified against their public keys, and Amazon Cognito."""

from services.identity.port import FederatedUser, IssuerUnavailable, TokenRefused
from services.identity.tokens import IdentityProviders, Issuer

__all__ = ["FederatedUser", "IdentityProviders", "Issuer", "IssuerUnavailable", "TokenRefused"]
