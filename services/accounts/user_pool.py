"""The port for registration, login and passwords: LocalUserPool keeps passwords in this database, CognitoUserPool in Amazon Cognito."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import errors
from config import Settings
from models import User
from services.accounts.login_throttle import ThrottleLimits
from services.accounts.sessions import ClientInfo, OpenedSession


@dataclass(frozen=True)
class AccountPolicy:
    """The settings that accounts depend on. `email_verification`: "off", "optional" or "required".

    In open mode, nobody gets an account by signing in with an identity provider: a second account would end open mode.
    """

    registration_open: bool = True
    federated_registration_open: bool = True
    email_verification: str = "optional"
    sends_email: bool = False
    open_mode: bool = False
    throttle: ThrottleLimits = field(default_factory=ThrottleLimits)

    @classmethod
    def from_settings(cls, settings: Settings) -> AccountPolicy:
        return cls(
            registration_open=settings.registration_open,
            federated_registration_open=settings.federated_registration_open and settings.open_mode == "off",
            email_verification=settings.email_verification,
            sends_email=bool(settings.smtp_host),
            open_mode=settings.open_mode != "off",
            throttle=ThrottleLimits(settings.lockout_failures, settings.lockout_initial_s, settings.lockout_max_s),
        )

    @property
    def verification_required(self) -> bool:
        return self.email_verification == "required"

    def check_registration_open(self) -> None:
        """Raise Forbidden if registration is closed."""
        if not self.registration_open:
            raise errors.Forbidden("Registration is closed on this server.", hint="Ask an administrator for an account.")


Policy = Callable[[], AccountPolicy]  # admins change settings at run time: read again by each call


@dataclass(frozen=True)
class Registration:
    """The data of a new account."""

    email: str
    password: str
    username: str | None = None
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True)
class EmailProof:
    """Proof that somebody read an e-mail: the token of its link, or the address and the code in it."""

    token: str = ""
    email: str = ""
    code: str = ""


class UserPool(Protocol):
    """`page` arguments are URLs of the web page; the link in the e-mail is the URL with a token appended."""

    def register(self, registration: Registration, page: str) -> User | None:
        """Create an account and return it, or None where its address must be verified before the first login.

        Raises Forbidden, AlreadyRegistered, WeakPassword.
        """

    def verify_email(self, proof: EmailProof, ip_address: str) -> None:
        """Mark an e-mail address as verified. Raises LinkExpired, WrongCode, TooManyAttempts."""

    def resend_verification(self, email: str, page: str) -> None:
        """Send another verification e-mail, if there is an unverified account with this address."""

    def send_password_reset(self, email: str, page: str) -> None:
        """Send an e-mail for setting a new password, if there is an account with this address."""

    def reset_password(self, proof: EmailProof, password: str, ip_address: str) -> None:
        """Set a password and end every session and API key. Raises LinkExpired, WrongCode, WeakPassword, TooManyAttempts."""

    def log_in(self, login: str, password: str, lifetime_s: int, client_info: ClientInfo) -> OpenedSession:
        """Open a session of `lifetime_s` seconds. Raises BadCredentials, EmailNotVerified, TooManyAttempts."""

    def check_session(self, session_id: str) -> None:
        """Check that the pool still accepts a session; end the session and raise Unauthenticated where it does not."""

    def log_out(self, session_id: str) -> None:
        """End a session."""
