"""Revoke the access to channels that were disconnected, or whose user was deleted. They go at once; Google may answer later."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

import errors
from database import end_read, session, transaction
from lib.backoff import backoff_s
from lib.clock import now
from lib.encryption import decrypt
from models import PendingRevocation, YouTubeAccount

if TYPE_CHECKING:
    from services.publishing.channels import PublishingAccess

log = structlog.get_logger(__name__)


def schedule(session: Session, user_id: str) -> None:
    """Note the tokens of a user, in the transaction that deletes the user."""
    tokens = select(YouTubeAccount.sealed_token).where(YouTubeAccount.user_id == user_id)
    session.add_all(PendingRevocation(sealed_token=each) for each in session.execute(tokens).scalars().all())


def run_due(access: PublishingAccess) -> None:
    """Revoke what is due; what fails is tried again later."""
    end_read()
    query = select(PendingRevocation).where(PendingRevocation.due_at <= now()).order_by(PendingRevocation.due_at).limit(20)
    rows = [(row.id, row.sealed_token, row.attempts + 1) for row in session().execute(query).scalars()]
    end_read()
    for revocation_id, sealed_token, number in rows:
        attempt(access, revocation_id, sealed_token, number)


def attempt(access: PublishingAccess, revocation_id: str, sealed_token: str, number: int) -> None:
    """Revoke one token. `number`: which attempt this is, from 1; after a failed one the next is due later."""
    is_this_one = PendingRevocation.id == revocation_id
    token = decrypt(sealed_token, access.key)
    try:
        if token is not None:  # sealed with the present key
            access.youtube.oauth.revoke(token)
    except errors.LecternError as error:
        log.warning("youtube_token_not_revoked", error=str(error))
        due_at = now() + dt.timedelta(seconds=backoff_s(number, 60.0, max_s=86400.0))
        with transaction() as write_session:
            write_session.execute(update(PendingRevocation).where(is_this_one).values(due_at=due_at, attempts=number))
    else:
        with transaction() as write_session:
            write_session.execute(delete(PendingRevocation).where(is_this_one))
