"""Events of the payment provider: stored before they are handled, once each, and handled again until it works."""

from __future__ import annotations

import datetime as dt

import structlog
from sqlalchemy import delete, select, update

import errors
from database import end_read, insert_into, session, transaction
from lib.backoff import backoff_s
from lib.clock import now
from models import PaymentEvent
from services.payments.port import Event, NoSuchObject
from services.subscriptions.copies import Copies

log = structlog.get_logger(__name__)
_RETENTION = dt.timedelta(days=90)
_BATCH_SIZE = 50
_CLAIM = dt.timedelta(minutes=2)  # in which another process does not handle the same event


def store(event: Event) -> bool:
    """Store an event that was verified. Return False if it was stored before."""
    with transaction() as write_session:
        values = {"id": event.id, "type": event.type, "object_kind": event.object_kind, "object_id": event.object_id}
        row = {**values, "received_at": now(), "due_at": now(), "attempts": 0, "error": ""}
        statement = insert_into(PaymentEvent, write_session).values(**row).on_conflict_do_nothing().returning(PaymentEvent.id)
        return write_session.execute(statement).first() is not None


def handle_due(copies: Copies) -> int:
    """Handle the stored events that are due. Return their number."""
    event_count = 0
    while (event := _claim_next()) is not None:
        event_id, kind, object_id, attempt = event
        try:
            _handle(copies, kind, object_id)
        except errors.LecternError as error:
            _finish(event_id, error=str(error), due_at=now() + dt.timedelta(seconds=backoff_s(attempt, 5.0, factor=2.0, max_s=3600.0)))
            log.warning("payment_event_failed", event_id=event_id, error=str(error))
            if isinstance(error, errors.TransientError):
                break
        except Exception as error:  # an object that nobody has foreseen must not stop the events of others
            _finish(event_id, error=repr(error), due_at=now() + dt.timedelta(seconds=backoff_s(attempt, 60.0, factor=2.0, max_s=86400.0)))
            log.exception("payment_event_failed", event_id=event_id)
        else:
            _finish(event_id)
        event_count += 1
        if event_count >= _BATCH_SIZE:
            break
    return event_count


def delete_old() -> None:
    """Delete events that were handled long ago."""
    with transaction() as write_session:
        write_session.execute(delete(PaymentEvent).where(PaymentEvent.received_at < now() - _RETENTION, PaymentEvent.due_at.is_(None)))


def _handle(copies: Copies, kind: str, object_id: str) -> None:
    handlers = {
        "subscription": copies.update_subscription,
        "invoice": copies.update_invoice,
        "checkout.session": copies.update_checkout,
        "charge": copies.update_charge,
    }
    if kind in handlers:
        try:
            handlers[kind](object_id)
        except NoSuchObject as error:  # of another mode or account of the provider
            log.warning("payment_object_missing", kind=kind, object_id=object_id, error=str(error))


def _claim_next() -> tuple[str, str, str, int] | None:
    """Claim the event that has been due for longest."""
    end_read()
    at = now()
    query = select(PaymentEvent.id).where(PaymentEvent.due_at <= at).order_by(PaymentEvent.due_at).limit(1)
    if session().execute(query).first() is None:
        return None
    end_read()
    with transaction() as write_session:
        row = write_session.execute(
            select(PaymentEvent).where(PaymentEvent.due_at <= at).order_by(PaymentEvent.due_at).limit(1).with_for_update(skip_locked=True)
        ).scalar_one_or_none()
        if row is None:
            return None
        row.due_at, row.attempts = at + _CLAIM, row.attempts + 1
        return row.id, row.object_kind, row.object_id, row.attempts


def _finish(event_id: str, *, error: str = "", due_at: dt.datetime | None = None) -> None:
    with transaction() as write_session:
        write_session.execute(update(PaymentEvent).where(PaymentEvent.id == event_id).values(due_at=due_at, error=error[:1000]))
