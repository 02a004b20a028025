"""Deletion of stored objects that survives crashes and outages.

Schedule the deletion of a key before you put its object; cancel it in the transaction that creates the row with the key. Schedule the
keys of rows in the transaction that deletes the rows. `run_due` deletes objects that are due; if the store fails, they stay due.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence

import structlog
from sqlalchemy import ColumnElement, delete, exists, literal, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import errors
from database import end_read, insert_into, session, transaction
from lib.clock import now
from models import Job, PendingDeletion
from services.storage import Store, keys

log = structlog.get_logger(__name__)
UPLOAD_GRACE = dt.timedelta(hours=12)  # longer than any upload takes
_BATCH_SIZE = 500
_END_OF_JOBS = dt.timedelta(minutes=10)  # a cancelled job has stored its last object by then


def schedule(session: Session, keys: Sequence[str], *, after: dt.timedelta = dt.timedelta()) -> None:
    """Schedule the deletion of these keys, `after` this time, unless it is cancelled. Two requests may schedule the same ones."""
    if keys:
        rows = [{"key": key, "due_at": now() + after} for key in sorted(set(keys))]
        new_rows = insert_into(PendingDeletion, session)
        session.execute(new_rows.on_conflict_do_update(index_elements=["key"], set_={"due_at": new_rows.excluded.due_at}), rows)


def postpone(session: Session, key: str, until: dt.datetime) -> None:
    """Postpone a scheduled deletion to this time, unless it is later already."""
    session.execute(update(PendingDeletion).where(PendingDeletion.key == key, PendingDeletion.due_at < until).values(due_at=until))


def cancel(session: Session, keys: Sequence[str]) -> None:
    """Cancel the deletion of these keys."""
    session.execute(delete(PendingDeletion).where(PendingDeletion.key.in_(keys)))


def list_scheduled(prefix: str) -> Sequence[str]:
    """Return the scheduled keys with this prefix."""
    end_read()
    return session().execute(select(PendingDeletion.key).where(PendingDeletion.key.startswith(prefix, autoescape=True))).scalars().all()


def expedite(session: Session, prefix: str) -> None:
    """Make the scheduled deletions of all keys with this prefix due now."""
    statement = update(PendingDeletion).where(PendingDeletion.key.startswith(prefix, autoescape=True)).values(due_at=now())
    session.execute(statement.execution_options(synchronize_session=False))


def expedite_jobs(session: Session, condition: ColumnElement[bool]) -> None:
    """Call it before such jobs are deleted: their files for a retry are deleted when running jobs have certainly ended."""
    due_at = now() + _END_OF_JOBS
    belongs_to_job = exists().where(PendingDeletion.key.startswith(literal(keys.JOBS) + Job.id + "/"), condition)
    statement = update(PendingDeletion).where(PendingDeletion.due_at > due_at, belongs_to_job).values(due_at=due_at)
    session.execute(statement.execution_options(synchronize_session=False))


def run_due(store: Store) -> int:
    """Delete the objects that are due. Return their number. Raises TransientError while the store is down."""
    end_read()
    query = select(PendingDeletion.key).where(PendingDeletion.due_at <= now()).limit(_BATCH_SIZE)
    due_keys = session().execute(query).scalars().all()
    end_read()
    if not due_keys:
        return 0
    store.delete(due_keys)
    with transaction() as write_session:
        cancel(write_session, due_keys)
    return len(due_keys)


def try_run_due(store: Store) -> None:
    """Call `run_due`, but leave the deletions to the janitor if the store or the database is down."""
    with _log_outage():
        run_due(store)


def delete_now(store: Store, keys: Sequence[str]) -> None:
    """Delete scheduled keys at once, after a failure; keys whose deletion was cancelled stay."""
    with _log_outage():
        with transaction() as session:
            session.execute(update(PendingDeletion).where(PendingDeletion.key.in_(keys)).values(due_at=now()))
        run_due(store)


@contextlib.contextmanager
def _log_outage() -> Iterator[None]:
    try:
        yield
    except (errors.TransientError, OperationalError) as error:
        log.warning("deletion_postponed", error=str(error))
