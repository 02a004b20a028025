"""The port of the search index: terms of recordings and of their moments. Each database has its own adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import TextClause
from sqlalchemy.orm import Session

from lib.paging import Paging
from services.search.query import Query

SLIDE_BIT = 1 << 31  # set in the numbers of moments that are slides
MAX_CANDIDATES = 2_000
"""The maximum number of recordings that are ranked. Ranking all that contain a common word would take seconds."""


@dataclass(frozen=True)
class DocumentTerms:
    """The terms of a recording, in the order of the text. `typos`: variants of the title's words; `marks`: facts to filter by."""

    title: Sequence[str] = ()
    about: Sequence[str] = ()
    slides: Sequence[str] = ()
    speech: Sequence[str] = ()
    typos: Sequence[str] = ()
    marks: Sequence[str] = ()


@dataclass(frozen=True)
class Filter:
    """Marks that a recording must have: of every group at least one. `document_ids`: only these recordings; None: all."""

    marks: tuple[tuple[str, ...], ...] = ()
    document_ids: Sequence[int] | None = None


@dataclass(frozen=True)
class Ranking:
    """Some of the ranked recordings with their scores, the best first; `total` counts all that were ranked.

    `is_truncated`: older recordings were not looked at.
    """

    rows: Sequence[tuple[int, float]]
    total: int
    is_truncated: bool = False


class SearchIndex(Protocol):
    """The terms of all recordings. A moment is a segment of speech (its id) or a slide (its number with SLIDE_BIT)."""

    def put(self, session: Session, document_id: int, document: DocumentTerms, moments: Mapping[int, Sequence[str]]) -> None:
        """Replace the terms of a recording."""

    def rank(self, session: Session, query: Query, condition: Filter, paging: Paging) -> Ranking:
        """Rank at most MAX_CANDIDATES recordings and return a page of them."""

    def moments(self, session: Session, query: Query, document_ids: Sequence[int], limit: int) -> Mapping[int, Sequence[int]]:
        """Return moments of each recording: a slide and at most `limit` segments, those that meet the whole query before others."""


def any_part(query: Query) -> Query:
    """Return the query that is met by any part of this one."""
    return Query((tuple(phrase for group in query.groups for phrase in group),))


def read_ranking(session: Session, statement: TextClause, values: Mapping[str, object], paging: Paging) -> Ranking:
    """Run a statement that returns id, score, total and whether it is truncated, of a page of rows."""
    rows = session.execute(statement, {**values, "page": paging.limit, "offset": paging.offset}).fetchall()
    if not rows and paging.offset:  # beyond the last page
        rows = session.execute(statement, {**values, "page": 1, "offset": 0}).fetchall()
        return Ranking((), *rows[0][2:]) if rows else Ranking((), 0)
    return Ranking([(row[0], row[1]) for row in rows], *rows[0][2:]) if rows else Ranking((), 0)


def best_moments(numbers: Sequence[int], limit: int) -> Sequence[int]:
    """Return the first slide and the first `limit` segments, in their order."""
    slides = [number for number in numbers if number & SLIDE_BIT][:1]
    segments = [number for number in numbers if not number & SLIDE_BIT][:limit]
    return [number for number in numbers if number in {*slides, *segments}]
