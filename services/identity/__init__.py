"""Outside identity: issuers whose tokens are verified against their public keys, and Amazon Cognito."""

from services.identity.port import IssuerUnavailable, OutsideUser, TokenRefused
from services.identity.tokens import IdentityProviders, Issuer

__all__ = ["IdentityProviders", "Issuer", "IssuerUnavailable", "OutsideUser", "TokenRefused"]
