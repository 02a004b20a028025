"""Monthly statements, read from the ledger. Holds do not appear: they change no settled balance until they are settled."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

import errors
from database import session as current_session
from lib.clock import iso
from models import CreditEntry, CreditHold, CreditTransaction, Job, Recording
from services.credits.ledger import OF_USER


@dataclass(frozen=True)
class StatementLine:
    """A change of the settled balance. `balance` is the one after it; `title` that of the recording that the job read or made."""

    at: dt.datetime
    kind: str
    description: str
    amount: int
    balance: int
    title: str


@dataclass(frozen=True)
class Statement:
    """The changes of one month, UTC. `opening` and `closing` are settled balances."""

    month: str
    opening: int
    closing: int
    lines: Sequence[StatementLine]


def statement(session: Session, user_id: str, month: str) -> Statement:
    """Return the statement of a month (`2026-11`). Raises ValidationFailed."""
    start, end = month_bounds(month)
    conditions = (CreditTransaction.user_id == user_id, CreditEntry.account.in_(OF_USER))
    sums = select(func.coalesce(func.sum(CreditEntry.amount), 0)).join(
        CreditTransaction, CreditTransaction.id == CreditEntry.transaction_id
    )
    opening = balance = int(session.execute(sums.where(*conditions, CreditTransaction.created_at < start)).scalar_one())
    net = func.sum(CreditEntry.amount)
    order = (CreditTransaction.created_at, func.min(CreditEntry.id))
    title = func.coalesce(func.max(Recording.title), "")
    query = (
        select(CreditTransaction.created_at, CreditTransaction.kind, CreditTransaction.description, net, title)
        .join(CreditEntry, CreditEntry.transaction_id == CreditTransaction.id)
        .outerjoin(CreditHold, CreditHold.id == CreditTransaction.hold_id)
        .outerjoin(Job, Job.id == CreditHold.job_id)
        .outerjoin(Recording, and_(Recording.id == Job.recording_id, Recording.user_id == user_id))
        .where(*conditions, CreditTransaction.created_at >= start, CreditTransaction.created_at < end)
        .group_by(CreditTransaction.id, CreditTransaction.created_at, CreditTransaction.kind, CreditTransaction.description)
        .having(net != 0)
        .order_by(*order)
    )
    lines = list[StatementLine]()
    for at, kind, description, amount, about in session.execute(query):
        balance += int(amount)
        lines.append(StatementLine(at, kind, description, int(amount), balance, about))
    return Statement(month, opening, balance, lines)


def for_user(user_id: str, month: str) -> Statement:
    """Do the same in the current read."""
    return statement(current_session(), user_id, month)


def as_csv(account_statement: Statement) -> str:
    """Return a statement as CSV (RFC 4180), from the opening balance to the closing one. Texts that look like formulas are quoted."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("time", "kind", "description", "credits", "balance", "recording"))
    writer.writerow((f"{account_statement.month}-01T00:00:00.000Z", "opening", "Opening balance", "", account_statement.opening, ""))
    for line in account_statement.lines:
        description, title = (f"'{each}" if each[:1] in tuple("=+-@\t\r") else each for each in (line.description, line.title))
        writer.writerow((iso(line.at), line.kind, description, line.amount, line.balance, title))
    writer.writerow(("", "closing", "Closing balance", "", account_statement.closing, ""))
    return text.getvalue()


def month_bounds(month: str) -> tuple[dt.datetime, dt.datetime]:
    """Return the start of a month and that of the next one. Raises ValidationFailed."""
    try:
        start = dt.datetime.strptime(month, "%Y-%m").replace(tzinfo=dt.UTC)
        return start, (start + dt.timedelta(days=32)).replace(day=1)
    except (ValueError, OverflowError):
        raise errors.ValidationFailed("month: must be like 2026-11") from None
