"""Token issuers from the settings."""

from __future__ import annotations

from config import Settings
from services.identity.tokens import Issuer


def cognito_issuer(pool_id: str) -> str:
    """Return the issuer in the tokens of a Cognito user pool. The pool's id begins with its region."""
    return f"https://cognito-idp.{pool_id.partition('_')[0]}.amazonaws.com/{pool_id}"


def from_settings(settings: Settings) -> list[Issuer]:
    """Return the configured issuers; none by default."""
    issuers = []
    if settings.firebase_project_id:
        project = settings.firebase_project_id
        url = f"https://securetoken.google.com/{project}"
        issuers.append(Issuer("firebase", url, (project,), settings.firebase_jwks_url, "firebase"))
    if settings.oidc_issuer:
        issuers.append(Issuer(settings.oidc_name, settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks_url))
    if settings.cognito_user_pool_id and settings.cognito_client_id:
        pool_id = settings.cognito_user_pool_id
        url = cognito_issuer(pool_id)
        base_url = f"{settings.cognito_endpoint_url.rstrip('/')}/{pool_id}" if settings.cognito_endpoint_url else url
        issuers.append(Issuer("cognito", url, (settings.cognito_client_id,), f"{base_url}/.well-known/jwks.json", "cognito"))
    return issuers
