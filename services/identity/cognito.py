"""Amazon Cognito: signing up, verifying, logging in, renewing and logging out go through the user pool itself.

Its passwords never stay here: they pass through to `InitiateAuth` (USER_PASSWORD_AUTH, which the app client must allow).
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

import boto3  # noqa: TID251, this file speaks to Cognito
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import errors
from lib.clock import now
from services.identity.port import FederatedUser, IssuerBusy, IssuerUnavailable


class NotConfirmed(errors.Forbidden):
    """This e-mail address has not been verified yet."""

    code = "email_not_verified"
    hint = "Send the code from the e-mail to /api/v1/auth/verify-email."


class WrongCode(errors.BadRequest):
    """This code is wrong or has run out."""

    code = "wrong_code"
    hint = "Check the spelling, or ask for another code."


class PasswordTooWeak(errors.ValidationFailed):
    """The user pool does not take this password."""

    code = "password_too_weak"


class AnotherStepNeeded(errors.Forbidden):
    """The user pool asks for a further step that can't be taken here."""

    code = "another_step_needed"
    hint = "Finish it where the account was made: a new password, or a second factor."


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
    """An app client of a user pool. `issuer`: as the pool's tokens name it, where that is known; `endpoint_url` empty: AWS's own."""

    region: str
    client_id: str
    client_secret: str = ""
    issuer: str = ""
    endpoint_url: str = ""


@dataclass(frozen=True)
class PoolLogin:
    """A log-in at the pool: who it is, and what the pool has to be shown to renew or end it."""

    user: FederatedUser
    refresh_token: str


class CognitoClient:
    """No credentials of AWS are needed: these calls are open to whoever knows the app client."""

    name = "cognito"

    def __init__(self, place: CognitoConfig) -> None:
        self._place = place
        config = Config(signature_version=UNSIGNED, connect_timeout=5, read_timeout=15, retries={"max_attempts": 2})
        self._client = boto3.client(
            "cognito-idp", region_name=place.region, endpoint_url=place.endpoint_url or None, config=config, verify=True
        )

    def sign_up(self, email: str, password: str, name: str) -> None:
        """The pool sends the code. Raises AlreadyRegistered, PasswordTooWeak."""
        attributes = [{"Name": "email", "Value": email}, *([{"Name": "name", "Value": name}] if name else [])]
        with _translated_errors():
            self._client.sign_up(Username=email, Password=password, UserAttributes=attributes, **self._app(email))

    def confirm(self, email: str, code: str) -> None:
        """Raises WrongCode."""
        with _hide_unknown_users(), _translated_errors():
            self._client.confirm_sign_up(Username=email, ConfirmationCode=code, **self._app(email))

    def resend_code(self, email: str) -> None:
        with _translated_errors():
            self._client.resend_confirmation_code(Username=email, **self._app(email))

    def send_reset_code(self, email: str) -> None:
        """The pool sends a code for a new password."""
        with _translated_errors():
            self._client.forgot_password(Username=email, **self._app(email))

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Raises WrongCode, PasswordTooWeak."""
        with _hide_unknown_users(), _translated_errors():
            self._client.confirm_forgot_password(Username=email, ConfirmationCode=code, Password=password, **self._app(email))

    def log_in(self, email: str, password: str) -> PoolLogin:
        """Raises BadCredentials, NotConfirmed, AnotherStepNeeded."""
        parameters = {"USERNAME": email, "PASSWORD": password, **self._hash(email)}
        told = self._initiate("USER_PASSWORD_AUTH", parameters)
        who, username = self._who(told["AccessToken"])
        return PoolLogin(who, f"{username} {told['RefreshToken']}")

    def refresh(self, ticket: str) -> FederatedUser:
        """Whether the pool still lets them in. Raises BadCredentials where it does not.

        The hash is of the user name that the pool itself goes by, which need not be the address that was typed.
        """
        username, _, refresh_token = ticket.rpartition(" ")
        told = self._initiate("REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": refresh_token, **self._hash(username)})
        return self._who(told["AccessToken"])[0]

    def log_out(self, ticket: str) -> None:
        """The pool forgets this refresh token, and the access tokens that came of it."""
        _, _, refresh_token = ticket.rpartition(" ")
        secret = {"ClientSecret": self._place.client_secret} if self._place.client_secret else {}
        with _translated_errors():
            self._client.revoke_token(Token=refresh_token, ClientId=self._place.client_id, **secret)

    def _initiate(self, flow: str, parameters: dict[str, str]) -> dict[str, Any]:
        with _translated_errors():
            told = self._client.initiate_auth(AuthFlow=flow, ClientId=self._place.client_id, AuthParameters=parameters)
        if "AuthenticationResult" not in told:
            raise AnotherStepNeeded(str(told.get("ChallengeName", "")))
        result: dict[str, Any] = told["AuthenticationResult"]
        return result

    def _who(self, access_token: str) -> tuple[FederatedUser, str]:
        """What the pool itself says of the bearer of a token that it gave just now, and their user name there."""
        with _translated_errors():
            told = self._client.get_user(AccessToken=access_token)
        said = {each["Name"]: each["Value"] for each in told["UserAttributes"]}
        who = FederatedUser(
            issuer=self._place.issuer or f"cognito:{self._place.client_id}",
            subject=said["sub"],
            provider=self.name,
            email=said.get("email", "").strip().lower(),
            email_verified=said.get("email_verified") == "true",
            name=said.get("name", ""),
            picture=said.get("picture", ""),
            issued_at=now() + dt.timedelta(seconds=1),
        )
        return who, told["Username"]

    def _app(self, username: str) -> dict[str, str]:
        hashed = self._hash(username)
        return {"ClientId": self._place.client_id, **({"SecretHash": hashed["SECRET_HASH"]} if hashed else {})}

    def _hash(self, username: str) -> dict[str, str]:
        """docs.aws.amazon.com/cognito: "Computing secret hash values"."""
        if not self._place.client_secret:
            return {}
        digest = hmac.digest(self._place.client_secret.encode(), (username + self._place.client_id).encode(), hashlib.sha256)
        return {"SECRET_HASH": base64.b64encode(digest).decode()}


@contextlib.contextmanager
def _translated_errors() -> Iterator[None]:
    """The pool's refusals as ours; what it says of passwords goes on to the user."""
    try:
        yield
    except ClientError as error:
        code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        kind = _ERRORS_BY_CODE.get(code)
        if kind is None:
            raise IssuerUnavailable(f"Cognito answered {code}.") from error
        raise kind(said if issubclass(kind, errors.ValidationFailed) else "") from error
    except BotoCoreError as error:
        raise IssuerUnavailable(f"Cognito: {type(error).__name__}.") from error


@contextlib.contextmanager
def _hide_unknown_users() -> Iterator[None]:
    """A code for nobody is as wrong as a wrong one: who has an account is not for others to know."""
    try:
        yield
    except errors.BadCredentials:
        raise WrongCode from None
