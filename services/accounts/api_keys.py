"""Keys for programs: a user's (scopes, an expiry, usable as Bearer) and the operator's own services'. Shown once, kept hashed."""

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
    """-> the row and the key itself, which is never shown again. Raises ValidationFailed, Forbidden, Conflict."""
    wanted = scopes_.validate(scopes, scopes_.USER_SCOPES)
    if not caller.is_admin and any(scope.startswith("admin:") for scope in wanted):
        raise errors.Forbidden("Admins alone can make keys for admin pages.")
    with transaction():
        if count_live(caller.user_id) >= _MAX_KEYS:
            raise errors.Conflict(f"There are {_MAX_KEYS} keys already.", hint="Revoke one that you no longer need.")
        return _add(USER_KEY, caller.user_id, name, wanted, life_days)


def create_for_service(*, name: str, scopes: Collection[str], life_days: int | None = None) -> tuple[ApiKey, str]:
    """A key for a program of the operator's, which internal addresses alone take. Raises ValidationFailed."""
    with transaction():
        return _add(SERVICE_KEY, None, name, scopes_.validate(scopes, scopes_.SERVICE_SCOPES), life_days)


def list_own(caller: Caller) -> Sequence[ApiKey]:
    """The caller's keys, revoked ones too, newest first."""
    mine = select(ApiKey).where(ApiKey.user_id == caller.user_id).order_by(ApiKey.created_at.desc(), ApiKey.id)
    return session().execute(mine).scalars().all()


def list_service_keys() -> Sequence[ApiKey]:
    return session().execute(select(ApiKey).where(ApiKey.user_id.is_(None)).order_by(ApiKey.created_at, ApiKey.id)).scalars().all()


def revoke(caller: Caller, key_id: str) -> None:
    """Raises NotFound for keys of others."""
    _revoke(key_id, ApiKey.user_id == caller.user_id)


def revoke_all(writing: Session, user_id: str) -> None:
    """End every key of a user, inside a transaction."""
    writing.execute(update(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now()))


def count_live(user_id: str) -> int:
    """How many keys of a user still let somebody in."""
    return count_rows(ApiKey, ApiKey.user_id == user_id, *_live())


def revoke_service_key(key_id: str) -> None:
    _revoke(key_id, ApiKey.user_id.is_(None))


def caller_of(key: str) -> Caller:
    """The user whose key this is. Only a key with an admin scope makes an admin of them. Raises Unauthenticated."""
    found = (
        session()
        .execute(
            select(ApiKey.id, ApiKey.scopes, ApiKey.last_used_at, User.id.label("user_id"), User.email, User.role)
            .join(User, User.id == ApiKey.user_id)
            .where(ApiKey.key_hash == _hash_of(key), *_live(), User.status == "active")
        )
        .one_or_none()
    )
    if found is None:
        raise errors.Unauthenticated("The key is not valid.")
    _touch(found.id, found.last_used_at)
    role = found.role if any(scope.startswith("admin:") for scope in found.scopes) else "user"
    return Caller(found.user_id, found.email, role, f"key:{found.id}", frozenset(found.scopes))


def service_caller_of(key: str) -> ServiceCaller:
    """Raises Unauthenticated."""
    kept = (ApiKey.key_hash == _hash_of(key), ApiKey.user_id.is_(None), *_live())
    found = session().execute(select(ApiKey.id, ApiKey.name, ApiKey.scopes, ApiKey.last_used_at).where(*kept)).one_or_none()
    if found is None:
        raise errors.Unauthenticated("The service token is not valid.")
    _touch(found.id, found.last_used_at)
    return ServiceCaller(found.name, frozenset(found.scopes))


def live_keys(key_ids: Collection[str]) -> set[str]:
    """Those of these keys that still let somebody in."""
    live = select(ApiKey.id).join(User, User.id == ApiKey.user_id).where(ApiKey.id.in_(key_ids), *_live(), User.status == "active")
    return set(session().execute(live).scalars())


def _add(kind: str, user_id: str | None, name: str, scopes: list[str], life_days: int | None) -> tuple[ApiKey, str]:
    key = kind + secrets.token_urlsafe(32)
    ends_at = now() + dt.timedelta(days=life_days) if life_days else None
    made = ApiKey(user_id=user_id, name=name, prefix=key[:_PREFIX_LENGTH], key_hash=_hash_of(key), scopes=scopes, expires_at=ends_at)
    session().add(made)
    session().flush()
    return made, key


def _revoke(key_id: str, whose: ColumnElement[bool]) -> None:
    with transaction() as writing:
        found = writing.execute(select(ApiKey).where(ApiKey.id == key_id, whose)).scalar_one_or_none()
        if found is None:
            raise errors.NotFound("key")
        found.revoked_at = found.revoked_at or now()


def _touch(key_id: str, last_used_at: dt.datetime | None) -> None:
    if last_used_at is None or last_used_at < now() - _LAST_USED_RESOLUTION:
        with transaction() as writing:
            writing.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now()))


def _live() -> tuple[ColumnElement[bool], ...]:
    return ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now())


def _hash_of(key: str) -> str:
    """Keys hold 256 random bits: a plain hash can't be turned back, and looking it up takes no secret-dependent time."""
    return hashlib.sha256(key.encode()).hexdigest()
