"""Client of an Amazon Cognito user pool: sign-up, verification, login, refresh and logout.

Passwords are passed to `InitiateAuth` (USER_PASSWORD_AUTH, which the app client must allow) and not stored.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3  # noqa: TID251, this file is the Cognito client
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import errors
from config import Settings
from lib.clock import now
from lib.waiting import before_waiting
from services.identity.issuers import cognito_issuer
from services.identity.port import FederatedUser, IssuerBusy, IssuerUnavailable


class NotConfirmed(errors.Forbidden):
    """This e-mail address has not been verified yet."""

    code = "email_not_verified"
    hint = "Send the code from the e-mail to /api/v1/auth/verify-email."


class WrongCode(errors.BadRequest):
    """This code is wrong or has expired."""

    code = "wrong_code"
    hint = "Check the code, or request another."


class PasswordTooWeak(errors.ValidationFailed):
    """The user pool does not accept this password."""

    code = "password_too_weak"


class AnotherStepNeeded(errors.Forbidden):
    """The user pool requires a further step that is not supported here."""

    code = "another_step_needed"
    hint = "Complete it where the account was created: a new password, or a second factor."


_ERRORS_BY_CODE: dict[str, type[errors.LecternError]] = {
    "NotAuthorizedException": errors.BadCredentials,
    "UserNotFoundException": errors.BadCredentials,
    "UserNotConfirmedException": NotConfirmed,
    "PasswordResetRequiredException": AnotherStepNeeded,
    "UsernameExistsException": errors.AlreadyRegistered,
    "AliasExistsException": errors.AlreadyRegistered,
    "CodeMismatchException": WrongCode,
    "ExpiredCodeException": WrongCode,
    "InvalidPasswordException": PasswordTooWeak,
    "InvalidParameterException": errors.ValidationFailed,
    "LimitExceededException": IssuerBusy,
    "TooManyFailedAttemptsException": IssuerBusy,
    "TooManyRequestsException": IssuerBusy,
}


@dataclass(frozen=True)
class CognitoConfig:
    """An app client of a user pool. `issuer`: the issuer in the pool's tokens, if known; `endpoint_url` empty: the default of AWS."""

    region: str
    client_id: str
    client_secret: str = ""
    issuer: str = ""
    endpoint_url: str = ""

    @classmethod
    def from_settings(cls, settings: Settings) -> CognitoConfig:
        pool_id = settings.cognito_user_pool_id
        return cls(
            region=pool_id.partition("_")[0] or settings.aws_region or "us-east-1",
            client_id=settings.cognito_client_id,
            client_secret=settings.cognito_client_secret.get_secret_value(),
            issuer=cognito_issuer(pool_id) if pool_id else "",
            endpoint_url=settings.cognito_endpoint_url,
        )


@dataclass(frozen=True)
class PoolLogin:
    """A login at the pool; `refresh_token`: user name at the pool, a space, and its refresh token."""

    user: FederatedUser
    refresh_token: str


class CognitoClient:
    """These calls need no AWS credentials, only the app client."""

    name = "cognito"

    def __init__(self, config: CognitoConfig) -> None:
        self._config = config
        options = Config(signature_version=UNSIGNED, connect_timeout=5, read_timeout=15, retries={"max_attempts": 2})
        self._client = boto3.client(
            "cognito-idp", region_name=config.region, endpoint_url=config.endpoint_url or None, config=options, verify=True
        )

    def sign_up(self, email: str, password: str, name: str) -> None:
        """Create an account; the pool sends a verification code. Raises AlreadyRegistered, PasswordTooWeak."""
        attributes = [{"Name": "email", "Value": email}, *([{"Name": "name", "Value": name}] if name else [])]
        with _translated_errors():
            self._client.sign_up(Username=email, Password=password, UserAttributes=attributes, **self._app(email))

    def confirm(self, email: str, code: str) -> None:
        """Verify an address. Raises WrongCode."""
        with _hide_unknown_users(), _translated_errors():
            self._client.confirm_sign_up(Username=email, ConfirmationCode=code, **self._app(email))

    def resend_code(self, email: str) -> None:
        with _translated_errors():
            self._client.resend_confirmation_code(Username=email, **self._app(email))

    def send_reset_code(self, email: str) -> None:
        """Have the pool send a code for a new password."""
        with _translated_errors():
            self._client.forgot_password(Username=email, **self._app(email))

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Set a new password. Raises WrongCode, PasswordTooWeak."""
        with _hide_unknown_users(), _translated_errors():
            self._client.confirm_forgot_password(Username=email, ConfirmationCode=code, Password=password, **self._app(email))

    def log_in(self, email: str, password: str) -> PoolLogin:
        """Log in. Raises BadCredentials, NotConfirmed, AnotherStepNeeded."""
        parameters = {"USERNAME": email, "PASSWORD": password, **self._hash(email)}
        tokens = self._initiate("USER_PASSWORD_AUTH", parameters)
        user, username = self._user(tokens["AccessToken"])
        return PoolLogin(user, f"{username} {tokens['RefreshToken']}")

    def refresh(self, ticket: str) -> FederatedUser:
        """Return the user if the pool still accepts the session. Raises BadCredentials.

        The secret hash needs the user name of the pool, which may differ from the e-mail address.
        """
        username, _, refresh_token = ticket.rpartition(" ")
        tokens = self._initiate("REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": refresh_token, **self._hash(username)})
        return self._user(tokens["AccessToken"])[0]

    def log_out(self, ticket: str) -> None:
        """Revoke a refresh token and the access tokens that came from it."""
        _, _, refresh_token = ticket.rpartition(" ")
        secret = {"ClientSecret": self._config.client_secret} if self._config.client_secret else {}
        with _translated_errors():
            self._client.revoke_token(Token=refresh_token, ClientId=self._config.client_id, **secret)

    def _initiate(self, flow: str, parameters: dict[str, str]) -> dict[str, Any]:
        with _translated_errors():
            response = self._client.initiate_auth(AuthFlow=flow, ClientId=self._config.client_id, AuthParameters=parameters)
        if "AuthenticationResult" not in response:
            raise AnotherStepNeeded(str(response.get("ChallengeName", "")))
        result: dict[str, Any] = response["AuthenticationResult"]
        return result

    def _user(self, access_token: str) -> tuple[FederatedUser, str]:
        """Return the owner of a new access token, and their user name at the pool."""
        with _translated_errors():
            response = self._client.get_user(AccessToken=access_token)
        attributes = {each["Name"]: each["Value"] for each in response["UserAttributes"]}
        user = FederatedUser(
            issuer=self._config.issuer or f"cognito:{self._config.client_id}",
            subject=attributes["sub"],
            provider=self.name,
            email=attributes.get("email", "").strip().lower(),
            email_verified=attributes.get("email_verified") == "true",
            name=attributes.get("name", ""),
            picture=attributes.get("picture", ""),
            issued_at=now() + dt.timedelta(seconds=1),
        )
        return user, response["Username"]

    def _app(self, username: str) -> dict[str, str]:
        secret_hash = self._hash(username)
        return {"ClientId": self._config.client_id, **({"SecretHash": secret_hash["SECRET_HASH"]} if secret_hash else {})}

    def _hash(self, username: str) -> dict[str, str]:
        """docs.aws.amazon.com/cognito: "Computing secret hash values"."""
        if not self._config.client_secret:
            return {}
        digest = hmac.digest(self._config.client_secret.encode(), (username + self._config.client_id).encode(), hashlib.sha256)
        return {"SECRET_HASH": base64.b64encode(digest).decode()}


@contextlib.contextmanager
def _translated_errors() -> Iterator[None]:
    """Translate errors of Cognito; messages about passwords are kept for the user."""
    before_waiting()
    try:
        yield
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        error_class = _ERRORS_BY_CODE.get(code)
        if error_class is None:
            raise IssuerUnavailable(f"Cognito answered {code}.") from error
        raise error_class(message if issubclass(error_class, errors.ValidationFailed) else "") from error
    except BotoCoreError as error:
        raise IssuerUnavailable(f"Cognito: {type(error).__name__}.") from error


@contextlib.contextmanager
def _hide_unknown_users() -> Iterator[None]:
    """Report an unknown user like a wrong code, which does not reveal whether an account exists."""
    try:
        yield
    except errors.BadCredentials:
        raise WrongCode from None
