"""Replay protection: each signed request is accepted once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

import errors
from database import transaction
from lib.clock import now
from models import UsedSignature


def reject_replay(signature: str, expires_at: dt.datetime) -> None:
    """Store a signature until it expires. Raise Unauthenticated if it was used before."""
    try:
        with transaction() as session:
            session.execute(delete(UsedSignature).where(UsedSignature.expires_at < now()))
            session.add(UsedSignature(signature=signature, expires_at=expires_at))
    except IntegrityError:
        raise errors.Unauthenticated("This signed request was sent before.") from None
