"""Objects that have to go: written down before anything can fail, so that no crash and no outage leaves them behind.

Whoever puts an object first dooms its key; the transaction that makes it count spares it. Whoever deletes rows dooms their keys
in the same transaction. `dispose` removes what is due, again and again until the store has done it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence

import structlog
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import errors
from database import end_read, session, transaction
from lib.clock import now
from models import PendingDeletion
from services.storage import Store

log = structlog.get_logger(__name__)
UNFINISHED = dt.timedelta(hours=12)  # longer than any put may take
_AT_ONCE = 500


def schedule(writing: Session, keys: Sequence[str], *, after: dt.timedelta = dt.timedelta()) -> None:
    """These keys go, `after` a while, unless they are spared."""
    cancel(writing, keys)
    if keys:
        writing.execute(insert(PendingDeletion), [{"key": key, "due_at": now() + after} for key in keys])


def cancel(writing: Session, keys: Sequence[str]) -> None:
    writing.execute(delete(PendingDeletion).where(PendingDeletion.key.in_(keys)))


def scheduled(prefix: str) -> Sequence[str]:
    """Keys that begin so and have to go some time."""
    end_read()
    return session().execute(select(PendingDeletion.key).where(PendingDeletion.key.startswith(prefix, autoescape=True))).scalars().all()


def expedite(writing: Session, prefix: str) -> None:
    """What begins so goes now."""
    mine = update(PendingDeletion).where(PendingDeletion.key.startswith(prefix, autoescape=True)).values(due_at=now())
    writing.execute(mine.execution_options(synchronize_session=False))


def run_due(store: Store) -> int:
    """Remove what is due; -> how many. What the store does not do now stays due."""
    end_read()
    due = select(PendingDeletion.key).where(PendingDeletion.due_at <= now()).limit(_AT_ONCE)
    keys = session().execute(due).scalars().all()
    end_read()
    if not keys:
        return 0
    store.delete(keys)
    with transaction() as writing:
        cancel(writing, keys)
    return len(keys)


def run_due_now(store: Store) -> None:
    """`dispose`, where a store or a database that is away is no reason to fail: the janitor will do it."""
    with _forgiving():
        run_due(store)


def delete_now(store: Store, keys: Sequence[str]) -> None:
    """What was doomed for later goes now, after a failure; what was spared meanwhile stays."""
    with _forgiving():
        with transaction() as writing:
            writing.execute(update(PendingDeletion).where(PendingDeletion.key.in_(keys)).values(due_at=now()))
        run_due(store)


@contextlib.contextmanager
def _forgiving() -> Iterator[None]:
    try:
        yield
    except (errors.TransientError, OperationalError) as away:
        log.warning("disposal_postponed", error=str(away))
