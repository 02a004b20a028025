"""Conditions for suspended users, whose public and shared recordings are hidden."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from database import session
from models import User

_SUSPENDED_IDS = select(User.id).where(User.status != "active")


def is_active(owner: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Return the condition that the owner of a row is not suspended. The suspended users are read once per query."""
    return owner.not_in(_SUSPENDED_IDS)


def suspended_among(user_ids: Collection[str]) -> set[str]:
    """Return those of these users who are suspended."""
    return set(session().execute(_SUSPENDED_IDS.where(User.id.in_(user_ids))).scalars()) if user_ids else set()
