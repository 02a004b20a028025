"""Conditions and orders of lists of recordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from database import db
from domain import Visibility
from lib.text_search import contains_text
from models import Job, Recording
from services.jobs import side_jobs

Sort = Literal["newest", "oldest", "updated", "title", "longest", "shortest"]
_ORDERS: Mapping[Sort, ColumnElement[Any]] = {
    "newest": Recording.created_at.desc(),
    "oldest": Recording.created_at.asc(),
    "updated": Recording.updated_at.desc(),
    "title": func.lower(Recording.title),
    "longest": Recording.duration_s.desc(),
    "shortest": Recording.duration_s.asc(),
}


@dataclass(frozen=True)
class RecordingFilter:
    """Conditions; empty fields match all. `query`: part of title or description; `state`: state of the newest job."""

    query: str = ""
    tag: str = ""
    visibility: Visibility | None = None
    state: str = ""
    in_trash: bool = False


def conditions_of(filters: RecordingFilter) -> list[ColumnElement[bool]]:
    """Return the conditions; without `in_trash`, recordings in the trash do not match."""
    is_in_trash = Recording.deleted_at.is_not(None) if filters.in_trash else Recording.deleted_at.is_(None)
    conditions: list[ColumnElement[bool]] = [is_in_trash]
    if filters.query:
        conditions.append(contains_text(filters.query, Recording.title, Recording.description))
    if filters.tag:
        conditions.append(_has_tag(filters.tag.lower()))
    if filters.visibility is not None:
        conditions.append(Recording.visibility == filters.visibility)
    if filters.state:
        is_last = case((side_jobs.in_side_pipeline(), 1), else_=0)  # a side job counts if there is no other job
        newest_state = select(Job.state).where(Job.recording_id == Recording.id).order_by(is_last, Job.created_at.desc()).limit(1)
        conditions.append(newest_state.scalar_subquery() == filters.state)
    return conditions


def order_of(sort: Sort) -> tuple[ColumnElement[Any], ColumnElement[str]]:
    """Return the columns to order by; the id decides between equals, so that pages never overlap."""
    return _ORDERS[sort], Recording.id.expression


def _has_tag(tag: str) -> ColumnElement[bool]:
    if db.engine.dialect.name == "postgresql":
        return cast(Recording.tags, JSONB).contains([tag])
    values = func.json_each(Recording.tags).table_valued("value")
    return select(1).select_from(values).where(values.c.value == tag).exists()
