"""Log-ins that go through a user pool (Amazon Cognito): the pool keeps the passwords, the account and its things are here."""

from __future__ import annotations

from typing import Protocol

import errors
from database import end_read, transaction
from lib.encryption import unseal
from models import User
from services.accounts import api_keys, federated, login_throttle, sessions
from services.accounts.login_throttle import ThrottleLimits
from services.accounts.users import find_by_login, normalize_login
from services.identity.port import FederatedUser


class Entered(Protocol):
    """A log-in at the pool."""

    @property
    def user(self) -> FederatedUser: ...

    @property
    def refresh_token(self) -> str: ...


class UserPool(Protocol):
    """Where sign-up and log-in go instead of to our own table. Errors: BadCredentials, and what the pool's adapter says more."""

    def sign_up(self, email: str, password: str, name: str) -> None: ...

    def confirm(self, email: str, code: str) -> None: ...

    def send_code_again(self, email: str) -> None: ...

    def forgot(self, email: str) -> None: ...

    def reset(self, email: str, code: str, password: str) -> None: ...

    def log_in(self, email: str, password: str) -> Entered: ...

    def renew(self, ticket: str) -> FederatedUser: ...

    def log_out(self, ticket: str) -> None: ...


def has_password_here(login: str) -> bool:
    """Whether this account logs in here all the same, as the first admin does."""
    user = find_by_login(login)
    return user is not None and user.password_hash is not None


def authenticate(
    pool: UserPool, login: str, password: str, *, address: str, rules: ThrottleLimits, registration_open: bool
) -> tuple[User, str]:
    """-> the user and what the pool has to be shown later. Raises BadCredentials, TooManyAttempts and what the pool says."""
    counted = (login_throttle.account_subject(normalize_login(login)), login_throttle.address_subject(address))
    login_throttle.count_attempt(counted, rules)
    end_read()
    try:
        entered = pool.log_in(normalize_login(login), password)
    except errors.TransientError:
        login_throttle.record_success(*counted)  # nobody guessed wrong: the pool is away
        raise
    login_throttle.record_success(*counted)
    return federated.sign_in(entered.user, registration_open=registration_open), entered.refresh_token


def reset(pool: UserPool, email: str, code: str, password: str) -> None:
    """Have the pool set a password; here every log-in and key of the account ends. Raises what the pool says."""
    pool.reset(email, code, password)
    user = find_by_login(email)
    if user is not None and user.email == email:
        user_id = user.id
        with transaction() as writing:
            sessions.close_all(writing, user_id)
            api_keys.revoke_all(writing, user_id)


def check_still_in(pool: UserPool | None, session_id: str, signing_key: str) -> None:
    """Where a session came through the pool, the pool is asked whether it goes on; if not, it ends here too. Raises Unauthenticated."""
    kept = sessions.upstream_refresh_token_of(session_id)
    end_read()
    if kept is None:
        return
    ticket = unseal(kept, signing_key)
    try:
        if pool is None or ticket is None:
            raise errors.Unauthenticated
        pool.renew(ticket)
    except errors.Unauthenticated:
        sessions.close_session(session_id)
        raise errors.Unauthenticated("The session has ended.") from None


def log_out(pool: UserPool | None, session_id: str, signing_key: str) -> None:
    """The pool forgets the session too."""
    kept = sessions.upstream_refresh_token_of(session_id)
    end_read()
    ticket = unseal(kept, signing_key) if kept else None
    if pool is not None and ticket is not None:
        pool.log_out(ticket)
