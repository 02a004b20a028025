"""Settings of accounts, sessions and tokens."""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, BaseModel, Field, SecretStr


class AccountSettings(BaseModel):
    """Accounts and tokens"""

    registration_open: bool = Field(True, description="Whether anyone may register an account.")
    email_verification: Literal["off", "optional", "required"] = Field(
        "optional",
        description="Whether new users verify their e-mail address (if e-mail is configured); required: before the first sign-in.",
    )
    jwt_secret_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("jwt_secret_key", "JWT_SECRET", "CUSTOM_TOKEN_SECRET"),
        description="Key that signs tokens; default: a random key in DATA_DIR/secret.key.",
    )
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = Field("HS256", description="Signature algorithm of tokens.")
    access_token_s: int = Field(
        900, ge=60, validation_alias=AliasChoices("access_token_s", "JWT_EXPIRATION"), description="Lifetime of an access token, seconds."
    )
    refresh_token_s: int = Field(7 * 86400, ge=300, description="Lifetime of a refresh token, seconds.")
    login_token_s: int = Field(
        72 * 3600, ge=60, description="Lifetime of the access token of POST /login, which has no refresh token, seconds."
    )
    backend_token_s: int = Field(72 * 3600, ge=60, description="Lifetime of tokens of /auth/login and /auth/exchange-token, seconds.")
    refresh_grace_s: float = Field(
        10, ge=0, le=60, description="Seconds for which a replaced refresh token stays valid, for tabs that refresh at the same time."
    )
    lockout_failures: int = Field(5, ge=1, le=1000, description="Consecutive failed sign-ins after which an account is locked.")
    lockout_initial_s: float = Field(30, gt=0, description="First lockout, seconds; each further failure doubles it.")
    lockout_max_s: float = Field(900, gt=0, description="Longest lockout, seconds.")
    worker_api_key: SecretStr = Field(
        SecretStr(""), description="Service token of remote workers, in addition to those from `flask service-token`."
    )
    service_access_key_id: str = Field(
        "", description="Access key of internal requests with AWS signatures (SigV4); default: AWS_ACCESS_KEY_ID."
    )
    service_secret_access_key: SecretStr = Field(
        SecretStr(""), description="Secret of SERVICE_ACCESS_KEY_ID; default: AWS_SECRET_ACCESS_KEY."
    )
    static_bearer_token: SecretStr = Field(
        SecretStr(""), description="Fixed bearer token for test installations only; no default; each start logs a warning."
    )
    static_bearer_email: str = Field("static-token@example.org", description="E-mail address of the account of STATIC_BEARER_TOKEN.")
    static_bearer_is_admin: bool = Field(False, description="Whether the account of STATIC_BEARER_TOKEN is an admin.")
