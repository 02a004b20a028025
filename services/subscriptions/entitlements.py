"""The current plan of a user, and the limits that come from it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lib.clock import now
from models import Subscription, User

MANUAL = "manual"  # status of a plan that an admin gave


def current(session: Session, user_id: str) -> Subscription | None:
    """Return the subscription with the largest plan that is in effect, or None."""
    query = select(Subscription).where(Subscription.user_id == user_id, is_entitled())
    return session.execute(query.order_by(Subscription.plan_rank.desc(), Subscription.id).limit(1)).scalar_one_or_none()


def newest(session: Session, user_id: str) -> Subscription | None:
    """Return the subscription in effect, or else the one that ended last."""
    query = select(Subscription).where(Subscription.user_id == user_id).order_by(Subscription.created_at.desc(), Subscription.id).limit(1)
    return current(session, user_id) or session.execute(query).scalar_one_or_none()


def is_entitled() -> ColumnElement[bool]:
    """Return the condition that a subscription is in effect."""
    return or_(Subscription.entitled_until.is_(None), Subscription.entitled_until > now())


def limit(session: Session, user_id: str, column: InstrumentedAttribute[int | None], default: int) -> int:
    """Return a limit of a user: their own (a column of User), else that of their plan, else the server's."""
    of_plan = getattr(Subscription, column.key)
    from_plan = select(of_plan).where(Subscription.user_id == user_id, is_entitled(), of_plan.is_not(None))
    best = from_plan.order_by(Subscription.plan_rank.desc()).limit(1).scalar_subquery()
    value = session.execute(select(func.coalesce(column, best)).where(User.id == user_id)).scalar_one()
    return default if value is None else int(value)


def priority(session: Session, user_id: str) -> int:
    """Return the priority of the jobs of a user's plan."""
    query = select(func.coalesce(func.max(Subscription.priority), 0)).where(Subscription.user_id == user_id, is_entitled())
    return int(session.execute(query).scalar_one())
