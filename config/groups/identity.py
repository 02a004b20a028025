"""Settings of external sign-in: Firebase, OpenID Connect and Amazon Cognito."""

from __future__ import annotations

from typing import Self

from pydantic import AliasChoices, BaseModel, Field, SecretStr, model_validator

from config.types import CommaSeparated


class IdentitySettings(BaseModel):
    """External sign-in"""

    federated_registration_open: bool = Field(
        True, description="Whether users of an external issuer get an account at their first sign-in."
    )
    firebase_project_id: str = Field(
        "",
        validation_alias=AliasChoices("firebase_project_id", "GOOGLE_CLOUD_PROJECT"),
        description="Firebase project whose users may sign in with their ID tokens.",
    )
    firebase_jwks_url: str = Field(
        "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
        description="URL of Firebase's public keys.",
    )
    oidc_issuer: str = Field("", description="OpenID Connect issuer whose users may sign in, exactly as in its tokens (https://...).")
    oidc_audience: CommaSeparated = Field((), description="Client ids that the issuer's tokens must be made for, comma-separated.")
    oidc_name: str = Field("oidc", max_length=40, description="Name of the issuer in this system.")
    oidc_jwks_url: str = Field("", description="URL of the issuer's public keys; default: OpenID Connect Discovery.")
    cognito_client_id: str = Field("", description="Amazon Cognito app client for registration and sign-in.")
    cognito_client_secret: SecretStr = Field(SecretStr(""), description="Secret of the app client, if it has one.")
    cognito_user_pool_id: str = Field("", description="Cognito user pool whose tokens are accepted as bearer tokens; empty: none.")
    cognito_endpoint_url: str = Field("", description="Address of a Cognito-compatible service other than AWS.")

    @model_validator(mode="after")
    def _require_audience(self) -> Self:
        if self.oidc_issuer and not self.oidc_audience:
            raise ValueError("OIDC_ISSUER requires OIDC_AUDIENCE: tokens that were issued for other programs must be refused")
        return self
