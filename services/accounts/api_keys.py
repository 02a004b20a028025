"""API keys: those of users (Bearer tokens with scopes and an expiry) and those of the operator's services. Stored hashed."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

import errors
from database import session, transaction
from lib.clock import now
from lib.paging import count_rows
from models import ApiKey, User
from services.accounts import scopes as scopes_
from services.accounts.callers import Caller, ServiceCaller

USER_KEY, SERVICE_KEY = "lk_", "ls_"
_MAX_KEYS = 50
_PREFIX_LENGTH = 9
_LAST_USED_RESOLUTION = dt.timedelta(minutes=1)


def create(caller: Caller, *, name: str, scopes: Collection[str], life_days: int | None) -> tuple[ApiKey, str]:
    """Create a key; return its row and the key itself, which cannot be read again. Raises ValidationFailed, Forbidden, Conflict."""
    valid_scopes = scopes_.validate(scopes, scopes_.USER_SCOPES)
    if not caller.is_admin and any(scope.startswith("admin:") for scope in valid_scopes):
        raise errors.Forbidden("Only admins can create keys with admin scopes.")
    with transaction():
        if count_live(caller.user_id) >= _MAX_KEYS:
            raise errors.Conflict(f"You already have {_MAX_KEYS} keys.", hint="Revoke one that you no longer need.")
        return _add(USER_KEY, caller.user_id, name, valid_scopes, life_days)


def create_for_service(*, name: str, scopes: Collection[str], life_days: int | None = None) -> tuple[ApiKey, str]:
    """Create a key for a service of the operator; only internal paths accept it. Raises ValidationFailed."""
    with transaction():
        return _add(SERVICE_KEY, None, name, scopes_.validate(scopes, scopes_.SERVICE_SCOPES), life_days)


def list_own(caller: Caller) -> Sequence[ApiKey]:
    """Return the caller's keys, including revoked ones, newest first."""
    query = select(ApiKey).where(ApiKey.user_id == caller.user_id).order_by(ApiKey.created_at.desc(), ApiKey.id)
    return session().execute(query).scalars().all()


def list_service_keys() -> Sequence[ApiKey]:
    return session().execute(select(ApiKey).where(ApiKey.user_id.is_(None)).order_by(ApiKey.created_at, ApiKey.id)).scalars().all()


def revoke(caller: Caller, key_id: str) -> None:
    """Revoke a key of the caller. Raises NotFound."""
    _revoke(key_id, ApiKey.user_id == caller.user_id)


def revoke_all(session: Session, user_id: str) -> None:
    """Revoke every key of a user, inside a transaction."""
    session.execute(update(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now()))


def count_live(user_id: str) -> int:
    """Count the valid keys of a user."""
    return count_rows(ApiKey, ApiKey.user_id == user_id, *_live())


def revoke_service_key(key_id: str) -> None:
    _revoke(key_id, ApiKey.user_id.is_(None))


def caller_of(key: str) -> Caller:
    """Return the caller for a key; only a key with an admin scope keeps the admin role. Raises Unauthenticated."""
    row = (
        session()
        .execute(
            select(ApiKey.id, ApiKey.scopes, ApiKey.last_used_at, User.id.label("user_id"), User.email, User.role)
            .join(User, User.id == ApiKey.user_id)
            .where(ApiKey.key_hash == _hash_of(key), *_live(), User.status == "active")
        )
        .one_or_none()
    )
    if row is None:
        raise errors.Unauthenticated("The key is not valid.")
    _touch(row.id, row.last_used_at)
    role = row.role if any(scope.startswith("admin:") for scope in row.scopes) else "user"
    return Caller(row.user_id, row.email, role, f"key:{row.id}", frozenset(row.scopes))


def service_caller_of(key: str) -> ServiceCaller:
    """Return the service for a key. Raises Unauthenticated."""
    matching = (ApiKey.key_hash == _hash_of(key), ApiKey.user_id.is_(None), *_live())
    row = session().execute(select(ApiKey.id, ApiKey.name, ApiKey.scopes, ApiKey.last_used_at).where(*matching)).one_or_none()
    if row is None:
        raise errors.Unauthenticated("The service token is not valid.")
    _touch(row.id, row.last_used_at)
    return ServiceCaller(row.name, frozenset(row.scopes))


def live_keys(key_ids: Collection[str]) -> set[str]:
    """Return the ids of these keys that are valid."""
    live = select(ApiKey.id).join(User, User.id == ApiKey.user_id).where(ApiKey.id.in_(key_ids), *_live(), User.status == "active")
    return set(session().execute(live).scalars())


def _add(kind: str, user_id: str | None, name: str, scopes: list[str], life_days: int | None) -> tuple[ApiKey, str]:
    key = kind + secrets.token_urlsafe(32)
    ends_at = now() + dt.timedelta(days=life_days) if life_days else None
    row = ApiKey(user_id=user_id, name=name, prefix=key[:_PREFIX_LENGTH], key_hash=_hash_of(key), scopes=scopes, expires_at=ends_at)
    session().add(row)
    session().flush()
    return row, key


def _revoke(key_id: str, owner: ColumnElement[bool]) -> None:
    with transaction() as session:
        row = session.execute(select(ApiKey).where(ApiKey.id == key_id, owner)).scalar_one_or_none()
        if row is None:
            raise errors.NotFound("key")
        row.revoked_at = row.revoked_at or now()


def _touch(key_id: str, last_used_at: dt.datetime | None) -> None:
    if last_used_at is None or last_used_at < now() - _LAST_USED_RESOLUTION:
        with transaction() as session:
            session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now()))


def _live() -> tuple[ColumnElement[bool], ...]:
    return ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now())


def _hash_of(key: str) -> str:
    """Keys hold 256 random bits, so a plain hash cannot be reversed, and a lookup by hash leaks nothing through timing."""
    return hashlib.sha256(key.encode()).hexdigest()
