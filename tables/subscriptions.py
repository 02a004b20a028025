"""Tables of subscriptions and of payments. What Stripe knows is kept as a copy; Stripe is the source."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, UtcDateTime
from lib.clock import now


class BillingCustomer(Base):
    """The id that the payment provider has given to a user as its customer."""

    __tablename__ = "billing_customers"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(255), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)


class Subscription(Base):
    """A subscription, or a plan that an admin gave (`manual:` and the user's id).

    `entitled_until`: when its plan ends without another payment; None: never. Limits and priority are copies of the plan's.
    """

    __tablename__ = "subscriptions"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    plan: Mapped[str] = mapped_column(String(40))
    next_plan: Mapped[str] = mapped_column(String(40), default="")
    plan_rank: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str] = mapped_column(String(30))
    price_id: Mapped[str] = mapped_column(String(255), default="")
    period_start: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    period_end: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    cancels_at_period_end: Mapped[bool] = mapped_column(default=False, server_default=false())
    entitled_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    quota_bytes: Mapped[int | None] = mapped_column(BigInteger)
    quota_jobs: Mapped[int | None] = mapped_column(Integer)
    quota_uploads: Mapped[int | None] = mapped_column(Integer)
    priority: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class PaymentEvent(Base):
    """An event of the payment provider, stored before it is handled. It only says which object to fetch."""

    __tablename__ = "payment_events"
    __table_args__ = (
        Index("ix_payment_events_due", "due_at", sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    type: Mapped[str] = mapped_column(String(100))
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(255))
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, index=True)
    due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str] = mapped_column(Text, default="")


class PaymentObject(Base):
    """The number of requests for an object of the payment provider, and the one that the stored copy comes from."""

    __tablename__ = "payment_objects"

    object_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    requested: Mapped[int] = mapped_column(Integer, default=0)
    stored: Mapped[int] = mapped_column(Integer, default=0)


class FormerCustomer(Base):
    """The payment provider's customer id of a deleted account, whose remaining subscriptions are cancelled."""

    __tablename__ = "former_customers"

    customer_id: Mapped[str] = mapped_column(String(255), primary_key=True)


class PendingCancellation(Base):
    """A subscription of a deleted account, which the payment provider has not cancelled yet."""

    __tablename__ = "pending_cancellations"

    subscription_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
