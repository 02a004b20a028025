"""Tables of credits: a double-entry ledger, the grants that credits come from, and holds for running jobs."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now
from tables.columns import BigKey, new_id


class CreditAccount(Base):
    """The account of a user. Locking its row serialises everything that changes the user's credits."""

    __tablename__ = "credit_accounts"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class CreditGrant(Base):
    """Credits that a user got at once. Grants with a low `priority` are spent first, then those that expire first.

    `source`: plan, bought, welcome or adjustment. `reference`: the id of the invoice or payment, if there is one.
    `owed`: credits whose payment was refunded while they were held or spent; they are taken when they come back.
    """

    __tablename__ = "credit_grants"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(255), default="", index=True)
    amount: Mapped[int] = mapped_column(Integer)
    owed: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    priority: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class CreditHold(Base):
    """Credits that are reserved for a job. `state`: held, settled or released. `amount` is the quote, `settled` what was used.

    A hold without its job, or whose job has ended, ends after `expires_at`.
    """

    __tablename__ = "credit_holds"
    __table_args__ = (
        Index("ix_credit_holds_open", "expires_at", sqlite_where=text("state = 'held'"), postgresql_where=text("state = 'held'")),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    description: Mapped[str] = mapped_column(String(200), default="")
    amount: Mapped[int] = mapped_column(Integer)
    settled: Mapped[int] = mapped_column(Integer, default=0)
    refunded: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[str] = mapped_column(String(10), default="held")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class CreditTransaction(Base):
    """A transaction of the ledger; its entries sum to zero. Append-only (a trigger rejects changes).

    `key` makes it happen once: `reserve:`, `settle:` or `release:` and the id of the hold, `grant:` and what it was given for, ...
    """

    __tablename__ = "credit_transactions"
    __table_args__ = (Index("ix_credit_transactions_statement", "user_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(300), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    hold_id: Mapped[str | None] = mapped_column(ForeignKey("credit_holds.id", ondelete="CASCADE"), index=True)
    description: Mapped[str] = mapped_column(String(500), default="")
    actor: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class CreditEntry(Base):
    """One leg of a transaction: `amount` credits, positive or negative, on an account (services/credits/ledger.py). Append-only."""

    __tablename__ = "credit_entries"
    __table_args__ = (Index("ix_credit_entries_balance", "user_id", "account", "grant_id", "amount"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    transaction_id: Mapped[str] = mapped_column(ForeignKey("credit_transactions.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    account: Mapped[str] = mapped_column(String(12))
    grant_id: Mapped[str] = mapped_column(ForeignKey("credit_grants.id", ondelete="CASCADE"), index=True)
    amount: Mapped[int] = mapped_column(Integer)
