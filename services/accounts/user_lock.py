"""The lock of a user, which orders the transactions that count what a user has before they add more."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import User


def lock_user(session: Session, user_id: str) -> None:
    """Let one transaction of this user go on at a time; the others wait until it ends. Lock a recording before its user.

    The lock does not block rows that are inserted and refer to the user (PostgreSQL: FOR NO KEY UPDATE). SQLite has one writer anyway.
    """
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
