"""Accounts and log-ins: who someone is, and until when."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import or_, select, update

import errors
from database import session, transaction
from models import LoginSession, User
from services.tools.clock import now

ADMIN_ROLES = ("admin", "super_admin")
_hasher = PasswordHasher()


@dataclass(frozen=True)
class Caller:
    """Who asks, resolved once per request."""

    user_id: str
    email: str
    role: str
    session_id: str

    @property
    def is_admin(self) -> bool:
        return self.role in ADMIN_ROLES


@dataclass(frozen=True)
class OpenedSession:
    """What tokens are made of."""

    user: User
    session_id: str
    refresh_id: str


def register(
    *, email: str, password: str, username: str | None = None, first_name: str = "", last_name: str = "", role: str = "user"
) -> User:
    """Make an account. Raises AlreadyRegistered."""
    email, username = email.strip().lower(), (username or "").strip().lower() or None
    hashed = _hasher.hash(password)
    with transaction() as writing:
        same = [User.email == email] + ([User.username == username] if username else [])
        if writing.execute(select(User.id).where(or_(*same))).first():
            raise errors.AlreadyRegistered
        user = User(email=email, username=username, password_hash=hashed, first_name=first_name, last_name=last_name, role=role)
        writing.add(user)
    return user


@functools.cache
def _hash_of_nothing() -> str:
    """Compared when there is no such user, so that both take as long."""
    return _hasher.hash("nothing")


def authenticate(login: str, password: str) -> User:
    """The active user with this e-mail address or user name and password. Raises BadCredentials."""
    name = login.strip().lower()
    user = session().execute(select(User).where(or_(User.email == name, User.username == name))).scalar_one_or_none()
    try:
        _hasher.verify(user.password_hash if user and user.password_hash else _hash_of_nothing(), password)
    except (VerificationError, InvalidHashError):
        raise errors.BadCredentials from None
    if user is None or user.password_hash is None or user.status != "active":
        raise errors.BadCredentials
    if _hasher.check_needs_rehash(user.password_hash):
        with transaction() as writing:
            writing.execute(update(User).where(User.id == user.id).values(password_hash=_hasher.hash(password)))
    return user


def open_session(user: User, life_s: int, *, user_agent: str = "", address: str = "") -> OpenedSession:
    user_id = user.id
    with transaction() as writing:
        opened = LoginSession(
            user_id=user_id,
            refresh_id=str(uuid.uuid4()),
            user_agent=user_agent[:255],
            address=address[:64],
            expires_at=now() + dt.timedelta(seconds=life_s),
        )
        writing.add(opened)
        writing.execute(update(User).where(User.id == user_id).values(last_login_at=now()))
        writing.flush()
        session_id, refresh_id = opened.id, opened.refresh_id
    return OpenedSession(session().get_one(User, user_id), session_id, refresh_id)


def rotate_session(session_id: str, refresh_id: str, life_s: int) -> OpenedSession:
    """Exchange a refresh token for the next of its family; one that was used before ends the family. Raises Unauthenticated."""
    fresh = str(uuid.uuid4())
    with transaction() as writing:
        known = writing.get(LoginSession, session_id, populate_existing=True)
        if known is None or known.revoked_at is not None or known.expires_at <= now():
            raise errors.Unauthenticated("The session has ended.")
        user_id = known.user_id
        reused = known.refresh_id != refresh_id
        if reused:
            known.revoked_at = now()
        else:
            known.refresh_id, known.expires_at = fresh, now() + dt.timedelta(seconds=life_s)
    if reused:
        raise errors.Unauthenticated("This refresh token was used before; the session has been ended.")
    user = session().get(User, user_id)
    if user is None or user.status != "active":
        raise errors.Unauthenticated
    return OpenedSession(user, session_id, fresh)


def close_session(session_id: str) -> None:
    with transaction() as writing:
        writing.execute(
            update(LoginSession).where(LoginSession.id == session_id, LoginSession.revoked_at.is_(None)).values(revoked_at=now())
        )


def caller_of(session_id: str) -> Caller:
    """The caller behind a live session. Raises Unauthenticated for a revoked one or a suspended user."""
    row = (
        session()
        .execute(
            select(User.id, User.email, User.role)
            .join(LoginSession, LoginSession.user_id == User.id)
            .where(
                LoginSession.id == session_id, LoginSession.revoked_at.is_(None), LoginSession.expires_at > now(), User.status == "active"
            )
        )
        .one_or_none()
    )
    if row is None:
        raise errors.Unauthenticated("The session has ended.")
    return Caller(row.id, row.email, row.role, session_id)


def live_sessions(session_ids: Collection[str]) -> set[str]:
    """Those of these sessions that still let somebody in."""
    live = (
        select(LoginSession.id)
        .join(User, User.id == LoginSession.user_id)
        .where(
            LoginSession.id.in_(session_ids), LoginSession.revoked_at.is_(None), LoginSession.expires_at > now(), User.status == "active"
        )
    )
    return set(session().execute(live).scalars())


def static_caller(email: str, is_admin: bool) -> Caller:
    """The account that a fixed token acts as; made when it is first used. It has no password."""
    role = "admin" if is_admin else "user"
    with transaction() as writing:
        user = writing.execute(select(User).where(User.email == email.lower())).scalar_one_or_none()
        if user is None:
            user = User(email=email.lower(), username=None, first_name="Static", last_name="Token", role=role)
            writing.add(user)
            writing.flush()
        elif user.status != "active":
            raise errors.Unauthenticated("The account is suspended.")
        return Caller(user.id, user.email, role, "")


def user_of(caller: Caller) -> User:
    return session().get_one(User, caller.user_id)


def emails_of(user_ids: Collection[str]) -> dict[str, str]:
    """E-mail addresses by user id, in one query."""
    found = session().execute(select(User.id, User.email).where(User.id.in_(user_ids)))
    return {row.id: row.email for row in found}
