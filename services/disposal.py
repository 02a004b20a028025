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
from database import session, transaction
from models import DoomedObject
from services.storage import Store
from services.tools.clock import now

log = structlog.get_logger(__name__)
UNFINISHED = dt.timedelta(hours=12)  # longer than any put may take
_AT_ONCE = 500


def doom(writing: Session, keys: Sequence[str], *, after: dt.timedelta = dt.timedelta()) -> None:
    """These keys go, `after` a while, unless they are spared."""
    spare(writing, keys)
    if keys:
        writing.execute(insert(DoomedObject), [{"key": key, "due_at": now() + after} for key in keys])


def spare(writing: Session, keys: Sequence[str]) -> None:
    writing.execute(delete(DoomedObject).where(DoomedObject.key.in_(keys)))


def doomed(prefix: str) -> Sequence[str]:
    """Keys that begin so and have to go some time."""
    session().rollback()
    return session().execute(select(DoomedObject.key).where(DoomedObject.key.startswith(prefix, autoescape=True))).scalars().all()


def hasten(writing: Session, prefix: str) -> None:
    """What begins so goes now."""
    mine = update(DoomedObject).where(DoomedObject.key.startswith(prefix, autoescape=True)).values(due_at=now())
    writing.execute(mine.execution_options(synchronize_session=False))


def dispose(store: Store) -> int:
    """Remove what is due; -> how many. What the store does not do now stays due."""
    session().rollback()
    due = select(DoomedObject.key).where(DoomedObject.due_at <= now()).limit(_AT_ONCE)
    keys = session().execute(due).scalars().all()
    session().rollback()
    if not keys:
        return 0
    store.delete(keys)
    with transaction() as writing:
        spare(writing, keys)
    return len(keys)


def dispose_now(store: Store) -> None:
    """`dispose`, where a store or a database that is away is no reason to fail: the janitor will do it."""
    with _forgiving():
        dispose(store)


def abandon(store: Store, keys: Sequence[str]) -> None:
    """What was doomed for later goes now, after a failure; what was spared meanwhile stays."""
    with _forgiving():
        with transaction() as writing:
            writing.execute(update(DoomedObject).where(DoomedObject.key.in_(keys)).values(due_at=now()))
        dispose(store)


@contextlib.contextmanager
def _forgiving() -> Iterator[None]:
    try:
        yield
    except (errors.TransientError, OperationalError) as away:
        log.warning("disposal_postponed", error=str(away))
