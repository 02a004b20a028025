"""A test notice, with which an admin checks that notices arrive."""

from __future__ import annotations

from database import transaction
from models import Notice
from services.accounts import Caller
from services.operations import audit


def create(caller: Caller, title: str, text: str) -> None:
    """Add a notice to the caller's own."""
    with transaction() as session:
        session.add(Notice(user_id=caller.user_id, kind="test", title=title, text=text))
        audit.record(session, caller, "notification.test", ("user", caller.user_id))
