"""Account commands of the operator, recorded in the audit log without an actor."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

import errors
from database import session, transaction
from models import User
from services import accounts
from services.accounts import api_keys, profile
from services.accounts.users import find_by_email
from services.operations import audit

_ROLE = "super_admin"


def create_super_admin(email: str, password: str) -> bool:
    """Create a super admin, or make an existing account one with this password; return whether the account is new.

    The account that open mode has created becomes the new one.
    An existing account loses all sessions and API keys. Raises WeakPassword, and AlreadyRegistered if the address is the
    user name of another account.
    """
    user = find_by_email(email)
    if user is None:
        accounts.register(email=email, password=password, role=_ROLE, email_verified=True, adopts_local=True, then=_record_creation)
        return True
    before = {"role": user.role, "status": user.status, "email_verified": user.email_verified}
    after = {"role": _ROLE, "status": "active", "email_verified": True}

    def promote(session: Session) -> None:
        user = session.get_one(User, user_id)
        for name, value in after.items():
            setattr(user, name, value)
        audit.record(session, None, "user.change", ("user", user_id), before, {**after, "password": "changed"})

    user_id = user.id
    profile.set_password(user_id, password, then=promote)
    return False


def _record_creation(user: User) -> None:
    audit.record(session(), None, "user.create", ("user", user.id), None, {"email": user.email, "role": user.role})


def set_password(login: str, password: str) -> None:
    """Set a password; all sessions and API keys of the account end. Raises NotFound, WeakPassword."""
    user = accounts.find_by_login(login)
    if user is None:
        raise errors.NotFound("account")
    target = ("user", user.id)
    profile.set_password(
        user.id, password, then=lambda session: audit.record(session, None, "user.change", target, None, {"password": "changed"})
    )


def create_service_token(name: str, scopes: Sequence[str], life_days: int | None) -> str:
    """Create a service token and return it; it cannot be read again. Raises ValidationFailed."""
    with transaction() as session:
        row, key = api_keys.create_for_service(name=name, scopes=scopes, life_days=life_days)
        values = {"name": name, "scopes": list(scopes), "days": life_days}
        audit.record(session, None, "service_token.create", ("service_token", row.id), None, values)
    return key


def revoke_service_token(token_id: str) -> None:
    """Revoke a service token. Raises NotFound."""
    with transaction() as session:
        api_keys.revoke_service_key(token_id)
        audit.record(session, None, "service_token.revoke", ("service_token", token_id))
