"""Changes that users make to their own account."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

import errors
from database import notify_after_commit, session, transaction
from models import User
from services.accounts import api_keys, passwords, sessions
from services.accounts.callers import Caller
from services.accounts.topics import OWNER_CHANGED
from services.accounts.users import normalize_login


def change(caller: Caller, **values: str) -> User:
    """Set first name, last name or user name. Raises AlreadyRegistered if the user name is taken."""
    if "username" in values:
        values["username"] = normalize_login(values["username"])
    with transaction(errors.AlreadyRegistered()) as write_session:
        is_taken = (User.id != caller.user_id, or_(User.username == values.get("username", ""), User.email == values.get("username", "")))
        if write_session.execute(select(User.id).where(*is_taken)).first():
            raise errors.AlreadyRegistered
        if values:
            write_session.execute(update(User).where(User.id == caller.user_id).values(**values))
            notify_after_commit(OWNER_CHANGED, caller.user_id)
    return session().get_one(User, caller.user_id, populate_existing=True)


def check_password(user_id: str, password: str) -> None:
    """Raise WeakPassword unless a password is strong enough for this user."""
    personal_data = session().execute(select(User.email, User.username, User.first_name, User.last_name).where(User.id == user_id)).one()
    passwords.check_strength(password, [each for each in personal_data if each])


def change_password(caller: Caller, password: str, *, confirmed_hash: str | None, keep_keys: bool) -> int:
    """Set the caller's password, keep this session only, and return the number of API keys that still work.

    `confirmed_hash`: of the password that the caller has confirmed. Raises WeakPassword, and BadCredentials if another request has
    changed it since.
    """

    def check_still_set(session: Session) -> None:
        current_hash = session.execute(select(User.password_hash).where(User.id == caller.user_id).with_for_update()).scalar_one()
        if current_hash != confirmed_hash:
            raise errors.BadCredentials("The password is wrong.")

    set_password(caller.user_id, password, keep_session=caller.session_id, keep_keys=keep_keys, first=check_still_set)
    return api_keys.count_live(caller.user_id)


def set_password(
    user_id: str,
    password: str,
    *,
    keep_session: str = "",
    keep_keys: bool = False,
    first: Callable[[Session], None] | None = None,
    then: Callable[[Session], None] | None = None,
) -> None:
    """Set a password, end the user's sessions except `keep_session`, and revoke the API keys unless `keep_keys`.

    Hashing is slow: call this outside a transaction. `first` and `then` run in the transaction, before and after the change. Raises
    WeakPassword.
    """
    check_password(user_id, password)
    password_hash = passwords.hash_password(password)
    with transaction() as session:
        if first is not None:
            first(session)
        session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))
        sessions.close_all(session, user_id, except_id=keep_session)
        if not keep_keys:
            api_keys.revoke_all(session, user_id)
        if then is not None:
            then(session)
