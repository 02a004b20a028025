"""Login sessions: open, refresh, list, end."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, ColumnElement, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

import errors
from database import session, transaction
from lib.clock import now
from models import LoginSession, User
from services.accounts import api_keys, login_throttle
from services.accounts.callers import Caller

_RETENTION = dt.timedelta(days=30)
_LAST_USED_RESOLUTION = dt.timedelta(minutes=1)  # precision of `last_used_at`


@dataclass(frozen=True)
class OpenedSession:
    """The data that tokens are created from."""

    user: User
    session_id: str
    refresh_token_id: str


@dataclass(frozen=True)
class ClientInfo:
    """The client of a request."""

    user_agent: str = ""
    ip_address: str = ""


def open_session(user: User, lifetime_s: int, client_info: ClientInfo, *, upstream_refresh_token: str | None = None) -> OpenedSession:
    user_id = user.id
    with transaction() as write_session:
        row = LoginSession(
            user_id=user_id,
            refresh_token_id=str(uuid.uuid4()),
            upstream_refresh_token=upstream_refresh_token,
            user_agent=client_info.user_agent[:255],
            ip_address=client_info.ip_address[:64],
            expires_at=now() + dt.timedelta(seconds=lifetime_s),
            last_used_at=now(),
        )
        write_session.add(row)
        write_session.execute(update(User).where(User.id == user_id).values(last_login_at=now()))
        write_session.flush()
        session_id, refresh_token_id = row.id, row.refresh_token_id
    return OpenedSession(session().get_one(User, user_id), session_id, refresh_token_id)


def rotate_session(session_id: str, refresh_token_id: str, lifetime_s: int, *, grace_s: float = 0) -> OpenedSession:
    """Exchange a refresh token for a new one. Raises Unauthenticated.

    Reuse of an old token ends the session, unless it was replaced less than `grace_s` ago: then two tabs refreshed
    at the same time, and the second gets the same new token as the first.
    """
    new_id = str(uuid.uuid4())
    with transaction() as write_session:
        login = write_session.get(LoginSession, session_id, populate_existing=True, with_for_update=True)
        if login is None or login.revoked_at is not None or login.expires_at <= now():
            raise errors.Unauthenticated("The session has ended.")
        user_id = login.user_id
        is_reused = not (login.refresh_token_id == refresh_token_id or _is_concurrent_refresh(login, refresh_token_id, grace_s))
        if is_reused:
            login.revoked_at = now()
        elif login.refresh_token_id == refresh_token_id:
            login.previous_refresh_token_id, login.rotated_at = refresh_token_id, now()
            login.refresh_token_id, login.expires_at = new_id, now() + dt.timedelta(seconds=lifetime_s)
        login.last_used_at = now()
        refresh_token_id = login.refresh_token_id
    if is_reused:
        raise errors.Unauthenticated("This refresh token was used before. The session has ended.")
    user = session().get(User, user_id)
    if user is None or user.status != "active":
        raise errors.Unauthenticated
    return OpenedSession(user, session_id, refresh_token_id)


def _is_concurrent_refresh(login: LoginSession, refresh_token_id: str, grace_s: float) -> bool:
    since = now() - dt.timedelta(seconds=grace_s)
    return login.previous_refresh_token_id == refresh_token_id and login.rotated_at is not None and login.rotated_at > since


def get_live(session_id: str) -> OpenedSession:
    """Return a live session. Raises Unauthenticated."""
    result = session().execute(
        select(LoginSession, User).join(User, User.id == LoginSession.user_id).where(LoginSession.id == session_id, *_live())
    )
    row = result.one_or_none()
    if row is None or row.User.status != "active":
        raise errors.Unauthenticated("The session has ended.")
    return OpenedSession(row.User, session_id, row.LoginSession.refresh_token_id)


def upstream_refresh_token_of(session_id: str) -> str | None:
    """Return the encrypted refresh token of the external user pool for a live session, if any."""
    return (
        session().execute(select(LoginSession.upstream_refresh_token).where(LoginSession.id == session_id, *_live())).scalar_one_or_none()
    )


def close_session(session_id: str) -> None:
    with transaction() as session:
        session.execute(
            update(LoginSession).where(LoginSession.id == session_id, LoginSession.revoked_at.is_(None)).values(revoked_at=now())
        )


def close_all(session: Session, user_id: str, *, except_id: str = "") -> None:
    """End every session of a user except `except_id`, and reject tokens that identity providers issued before now."""
    conditions = (LoginSession.user_id == user_id, LoginSession.id != except_id, LoginSession.revoked_at.is_(None))
    session.execute(update(LoginSession).where(*conditions).values(revoked_at=now()))
    session.execute(update(User).where(User.id == user_id).values(tokens_valid_from=now()))


def log_out_everywhere(caller: Caller) -> None:
    with transaction() as session:
        close_all(session, caller.user_id)


def list_live(caller: Caller) -> Sequence[LoginSession]:
    """Return the live sessions of the caller, last used first; at most 500."""
    query = select(LoginSession).where(LoginSession.user_id == caller.user_id, *_live())
    return session().execute(query.order_by(LoginSession.last_used_at.desc(), LoginSession.id).limit(500)).scalars().all()


def revoke(caller: Caller, session_id: str) -> None:
    """End a session of the caller. Raises NotFound."""
    rows = session().execute(select(LoginSession.id).where(LoginSession.id == session_id, LoginSession.user_id == caller.user_id))
    if rows.first() is None:
        raise errors.NotFound("session")
    close_session(session_id)


def delete_expired() -> None:
    """Delete sessions that ended more than 30 days ago."""
    cutoff = now() - _RETENTION
    with transaction() as session:
        session.execute(delete(LoginSession).where(or_(LoginSession.expires_at < cutoff, LoginSession.revoked_at < cutoff)))


def _live(at: dt.datetime | BindParameter[dt.datetime] | None = None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of a session that is live at this time; None means now."""
    return LoginSession.revoked_at.is_(None), LoginSession.expires_at > (now() if at is None else at)


_CALLER_QUERY = (  # every request runs it, and building a query takes as long as running it
    select(User.id, User.email, User.role, LoginSession.last_used_at)
    .join(LoginSession, LoginSession.user_id == User.id)
    .where(LoginSession.id == bindparam("session_id"), *_live(bindparam("now")), User.status == "active")
)


def caller_of(session_id: str) -> Caller:
    """Return the caller of a live session, and record its use. Raises Unauthenticated if it has ended or the user is suspended."""
    row = session().execute(_CALLER_QUERY, {"session_id": session_id, "now": now()}).one_or_none()
    if row is None:
        raise errors.Unauthenticated("The session has ended.")
    if row.last_used_at is None or row.last_used_at < now() - _LAST_USED_RESOLUTION:
        with transaction() as write_session:
            write_session.execute(update(LoginSession).where(LoginSession.id == session_id).values(last_used_at=now()))
    return Caller(row.id, row.email, row.role, session_id)


def has_logged_in_from(user_id: str, network: str) -> bool:
    """Return whether a stored session of this user came from the network whose `network_subject` has this key."""
    query = select(LoginSession.ip_address).where(LoginSession.user_id == user_id).distinct()
    return any(login_throttle.network_subject(each).key == network for each in session().execute(query).scalars() if each)


def filter_live(session_ids: Collection[str]) -> set[str]:
    """Return those of these `Caller.session_id` values that are still valid; one query for each kind."""
    logins, keys, users = _by_kind(session_ids)
    is_active = User.status == "active"
    valid = set()
    if logins:
        live = select(LoginSession.id).join(User, User.id == LoginSession.user_id)
        valid |= set(session().execute(live.where(LoginSession.id.in_(logins), *_live(), is_active)).scalars())
    if keys:
        valid |= {f"key:{key_id}" for key_id in api_keys.live_keys(keys)}
    if users:
        valid |= {f"user:{user_id}" for user_id in session().execute(select(User.id).where(User.id.in_(users), is_active)).scalars()}
    return valid


def _by_kind(session_ids: Collection[str]) -> tuple[set[str], set[str], set[str]]:
    keys = {each.removeprefix("key:") for each in session_ids if each.startswith("key:")}
    users = {each.removeprefix("user:") for each in session_ids if each.startswith("user:")}
    return {each for each in session_ids if ":" not in each}, keys, users
