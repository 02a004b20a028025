"""Pages of query results, and row counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, select

from database import Base, session

Row = TypeVar("Row")


@dataclass(frozen=True)
class Paging:
    """A page of a list: its number, counted from 1, and its maximum number of rows."""

    page: int = 1
    limit: int = 50

    @property
    def offset(self) -> int:
        """The number of rows before the page."""
        return (self.page - 1) * self.limit


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page; `total` counts the rows of all pages."""

    rows: Sequence[Row]
    total: int


def count_exactly(query: Select[Any]) -> int:
    """Count the rows of a query."""
    count_query = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return session().execute(count_query).scalar_one()


def count_groups(query: Select[*tuple[Any, ...]]) -> int:
    """Count the rows of a query with GROUP BY."""
    return session().execute(select(func.count()).select_from(query.order_by(None).subquery())).scalar_one()


def fetch_page(query: Select[Row], paging: Paging, count: Callable[[Select[Any]], int] = count_exactly) -> Page[Row]:
    """Run an ordered query for one page of its first column and count all its rows; the last page tells how many there are."""
    page = fetch_row_page(query, paging, count)
    return Page([row[0] for row in page.rows], page.total)


def fetch_row_page(query: Select[*tuple[Any, ...]], paging: Paging, count: Callable[[Select[*tuple[Any, ...]]], int]) -> Page[Any]:
    """Do the same with all columns of the query."""
    rows = session().execute(query.offset(paging.offset).limit(paging.limit)).all()
    if len(rows) < paging.limit and (rows or paging.offset == 0):
        return Page(rows, paging.offset + len(rows))
    return Page(rows, count(query))


def count_rows(table: type[Base], *conditions: ColumnElement[bool]) -> int:
    """Count a table's rows that meet all conditions; within a transaction it sees that transaction's changes."""
    return session().execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
