"""Create, find and authenticate users."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

import errors
from database import end_read, session, transaction
from lib.clock import iso, now
from models import LoginSession, User
from services.accounts import login_throttle, passwords, sessions
from services.accounts.callers import Caller
from services.accounts.login_throttle import Subject, ThrottleLimits

_EMAILS_QUERY = select(User.id, User.email).where(User.id.in_(bindparam("ids", expanding=True)))
_TOKENS_QUERY = select(User.tokens_valid_from).where(User.id == bindparam("user_id"), User.status == "active")
_RECENT_LOGIN = dt.timedelta(minutes=10)
LOCAL_EMAIL = "local@lectern.invalid"
"""The address of the account that open mode creates; it has no password."""


class AccountSuspended(errors.Forbidden):
    """This account is suspended."""

    code = "account_suspended"
    hint = "Ask an administrator of this server."


class EmailNotVerified(errors.Forbidden):
    """This e-mail address has not been verified yet."""

    code = "email_not_verified"
    hint = "Open the link in the verification e-mail, or request another at /api/v1/auth/resend-verification."


def register(
    *,
    email: str,
    password: str,
    username: str | None = None,
    first_name: str = "",
    last_name: str = "",
    role: str = "user",
    email_verified: bool = False,
    adopts_local: bool = False,
    then: Callable[[User], None] | None = None,
) -> User:
    """Create an account; `then` runs in the same transaction. Hashing is slow: call this outside a transaction.

    `adopts_local`: the account that open mode has created, if there is one, becomes this one and keeps its recordings.
    Raises AlreadyRegistered, WeakPassword.
    """
    email, username = normalize_login(email), normalize_login(username or "") or None
    passwords.check_strength(password, (email, username or "", first_name, last_name))
    password_hash = passwords.hash_password(password)
    with transaction(errors.AlreadyRegistered()) as session:
        names = [email, *([username] if username else [])]  # both log in, so a user name must not be another user's address
        if session.execute(select(User.id).where(or_(User.email.in_(names), User.username.in_(names)))).first():
            raise errors.AlreadyRegistered
        user = (_locked_local_user(session) if adopts_local else None) or User()
        user.email, user.username, user.password_hash = email, username, password_hash
        user.first_name, user.last_name, user.role, user.email_verified = first_name, last_name, role, email_verified
        session.add(user)
        if then is not None:
            session.flush()
            then(user)
    return user


def _locked_local_user(session: Session) -> User | None:
    query = select(User).where(User.email == LOCAL_EMAIL, User.password_hash.is_(None))
    return session.execute(query.with_for_update().execution_options(populate_existing=True)).scalar_one_or_none()


def authenticate(
    login: str, password: str, *, ip_address: str = "", limits: ThrottleLimits | None = None, verified_only: bool = False
) -> User:
    """Return the active user with this login and password. Raises BadCredentials, TooManyAttempts, AccountSuspended, EmailNotVerified."""
    user = find_by_login(login)
    subjects = _throttled_subjects(user, normalize_login(login), ip_address)
    login_throttle.count_attempt(subjects, limits or ThrottleLimits())
    end_read()  # hold no connection during the slow comparison
    if not _verify_password(subjects, user.password_hash if user else None, password) or user is None:
        raise errors.BadCredentials
    user = session().get(User, user.id, populate_existing=True)
    if user is None:
        raise errors.BadCredentials
    login_throttle.record_success(*subjects)
    if user.status != "active":
        raise AccountSuspended
    if verified_only and not user.email_verified:
        raise EmailNotVerified
    if user.password_hash and passwords.is_outdated(user.password_hash):
        user_id, password_hash = user.id, passwords.hash_password(password)
        with transaction() as write_session:
            write_session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))
    return user


def confirm_password(caller: Caller, password: str, *, ip_address: str = "", limits: ThrottleLimits | None = None) -> str | None:
    """Check the caller's password again before a sensitive change; return its hash. Raises BadCredentials, TooManyAttempts.

    An account without a password has to have logged in lately.
    """
    user = user_of(caller)
    if user.password_hash is None:
        _check_recent_login(caller)
        return None
    confirmed_hash = user.password_hash
    subjects = _throttled_subjects(user, user.email, ip_address)
    login_throttle.count_attempt(subjects, limits or ThrottleLimits())
    if not _verify_password(subjects, confirmed_hash, password):
        raise errors.BadCredentials("The password is wrong.")
    login_throttle.record_success(*subjects)
    return confirmed_hash


def _verify_password(subjects: Sequence[Subject], password_hash: str | None, password: str) -> bool:
    """Return whether the password is right. An attempt that could not be checked does not count as failed."""
    try:
        return passwords.verify(password_hash, password)
    except passwords.PasswordChecksBusy:
        login_throttle.take_back(subjects)
        raise


def _throttled_subjects(user: User | None, login: str, ip_address: str) -> tuple[Subject, Subject]:
    """Return the account and the address whose attempts are counted.

    Attempts from a network where the owner has logged in before count separately: guesses from elsewhere don't lock the owner out.
    """
    account, network = login_throttle.account_subject(user.email if user else login), login_throttle.network_subject(ip_address)
    if user is not None and ip_address and sessions.has_logged_in_from(user.id, network.key):
        account = login_throttle.known_network_subject(account, network)
    return account, network


def _check_recent_login(caller: Caller) -> None:
    """Require a recent login from users without a password."""
    opened_at = session().execute(select(LoginSession.created_at).where(LoginSession.id == caller.session_id)).scalar_one_or_none()
    if opened_at is None or opened_at < now() - _RECENT_LOGIN:
        raise errors.Unauthenticated("Log in again, then repeat this within ten minutes.")


def normalize_login(login: str) -> str:
    """Return an e-mail address or user name in its stored form."""
    return login.strip().lower()


def find_by_login(login: str) -> User | None:
    """Return the user with this e-mail address or user name, with any status."""
    name = normalize_login(login)
    return session().execute(select(User).where(or_(User.email == name, User.username == name))).scalars().first()


def find_by_email(email: str) -> User | None:
    """Return the user with this e-mail address."""
    return session().execute(select(User).where(User.email == normalize_login(email))).scalar_one_or_none()


def static_caller(email: str, is_admin: bool) -> Caller:
    """Return the caller for the static token; its account is created on first use, without a password."""
    role = "admin" if is_admin else "user"
    user = find_by_email(email)
    if user is None:
        with contextlib.suppress(errors.AlreadyRegistered), transaction(errors.AlreadyRegistered()) as session:
            session.add(User(email=normalize_login(email), username=None, first_name="Static", last_name="Token", role=role))
        user = find_by_email(email)
    if user is None or user.status != "active":
        raise errors.Unauthenticated("The account is suspended.")
    return Caller(user.id, user.email, role, f"user:{user.id}")


def user_of(caller: Caller) -> User:
    return session().get_one(User, caller.user_id)


def token_generation(user_id: str) -> str | None:
    """Return a value that changes when all sessions of a user end; None without such an active user."""
    row = session().execute(_TOKENS_QUERY, {"user_id": user_id}).first()
    return None if row is None else iso(row.tokens_valid_from) or ""


def emails_of(user_ids: Collection[str]) -> dict[str, str]:
    """Return e-mail addresses by user id, in one query."""
    rows = session().execute(_EMAILS_QUERY, {"ids": list(user_ids)})
    return {row.id: row.email for row in rows}
