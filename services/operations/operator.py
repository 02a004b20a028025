"""What the operator does to accounts at the command line; each act is noted in the audit log, without a name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
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
    """Give the address a super admin's account with this password; -> whether it is new.

    Who had registered the address before loses every log-in and API key. Raises WeakPassword, and AlreadyRegistered where it is
    somebody's user name.
    """
    user = find_by_email(email)
    if user is None:
        accounts.register(email=email, password=password, role=_ROLE, email_verified=True, then=_record_creation)
        return True
    before = {"role": user.role, "status": user.status, "email_verified": user.email_verified}
    after = {"role": _ROLE, "status": "active", "email_verified": True}

    def promote(writing: Session) -> None:
        writing.execute(update(User).where(User.id == user_id).values(**after))
        audit.record(writing, None, "user.change", ("user", user_id), before, {**after, "password": "set anew"})

    user_id = user.id
    profile.set_password(user_id, password, then=promote)
    return False


def _record_creation(user: User) -> None:
    audit.record(session(), None, "user.create", ("user", user.id), None, {"email": user.email, "role": user.role})


def set_password(login: str, password: str) -> None:
    """Every log-in and API key of the account ends. Raises NotFound and WeakPassword."""
    user = accounts.find_by_login(login)
    if user is None:
        raise errors.NotFound("account")
    target = ("user", user.id)
    profile.set_password(
        user.id, password, then=lambda writing: audit.record(writing, None, "user.change", target, None, {"password": "set anew"})
    )


def create_service_token(name: str, scopes: Sequence[str], life_days: int | None) -> str:
    """-> the token, which is never shown again. Raises ValidationFailed."""
    with transaction() as writing:
        made, key = api_keys.create_for_service(name=name, scopes=scopes, life_days=life_days)
        told = {"name": name, "scopes": list(scopes), "days": life_days}
        audit.record(writing, None, "service_token.create", ("service_token", made.id), None, told)
    return key


def revoke_service_token(token_id: str) -> None:
    """Raises NotFound."""
    with transaction() as writing:
        api_keys.revoke_service_key(token_id)
        audit.record(writing, None, "service_token.revoke", ("service_token", token_id))
