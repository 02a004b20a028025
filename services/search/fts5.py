"""The search index in SQLite: FTS5 (https://sqlite.org/fts5.html), which gets terms separated by spaces."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from lib.paging import Paging
from services.search.port import MAX_CANDIDATES, SLIDE_BIT, DocumentTerms, Filter, Ranking, any_part, best_moments, read_ranking
from services.search.query import Phrase, Query

_MOMENT_BITS = 32  # a moment's row id is its recording's, followed by its number
_MAX_MOMENT = (1 << _MOMENT_BITS) - 1
_PUT_DOCUMENT = text(
    "INSERT INTO search_index_recordings (rowid, title, about, slides, speech, typos, marks)"
    " VALUES (:id, :title, :about, :slides, :speech, :typos, :marks)"
)
# One row with all ids: reading 2,000 rows takes twice as long.
_IDS = "SELECT json_group_array(rowid) FROM ({query})"
_NEWEST = "SELECT rowid FROM search_index_recordings WHERE search_index_recordings MATCH :query{condition} ORDER BY rowid DESC LIMIT :limit"
# Ascending, since FTS5 then begins at the first row instead of passing all that do not match.
_SINCE = "SELECT rowid FROM search_index_recordings WHERE search_index_recordings MATCH :query AND rowid >= :first ORDER BY rowid"
# Without the marks: bm25 reads all rows that have a phrase of the query, to know how frequent it is, and half of all rows have a mark.
_RANK = text(
    "SELECT id, -rank, count(*) OVER () FROM (SELECT rowid AS id, bm25(search_index_recordings, 8, 4, 2, 1, 3, 0) AS rank"
    " FROM search_index_recordings WHERE search_index_recordings MATCH :terms AND rowid BETWEEN :first AND :last"
    " AND +rowid IN (SELECT value FROM json_each(:ids)))"
    " ORDER BY rank, id DESC LIMIT :page OFFSET :offset"
)
_MOMENTS = (
    "SELECT rowid FROM (SELECT rowid FROM search_index_moments"
    " WHERE search_index_moments MATCH :{query} AND rowid BETWEEN :first{at} AND :last{at} LIMIT :limit)"
    " UNION ALL SELECT rowid FROM (SELECT rowid FROM search_index_moments"
    " WHERE search_index_moments MATCH :{query} AND rowid BETWEEN :slides{at} AND :end{at} LIMIT 1)"
)


class Fts5Index:
    """See `SearchIndex`."""

    def put(self, session: Session, document_id: int, document: DocumentTerms, moments: Mapping[int, Sequence[str]]) -> None:
        first = document_id << _MOMENT_BITS
        session.execute(text("DELETE FROM search_index_recordings WHERE rowid = :id"), {"id": document_id})
        session.execute(
            text("DELETE FROM search_index_moments WHERE rowid BETWEEN :first AND :last"), {"first": first, "last": first + _MAX_MOMENT}
        )
        columns = {name: " ".join(getattr(document, name)) for name in ("title", "about", "slides", "speech", "typos", "marks")}
        session.execute(_PUT_DOCUMENT, {"id": document_id, **columns})
        rows = [{"id": first + number, "terms": " ".join(terms)} for number, terms in sorted(moments.items())]
        if rows:
            session.execute(text("INSERT INTO search_index_moments (rowid, terms) VALUES (:id, :terms)"), rows)

    def rank(self, session: Session, query: Query, condition: Filter, paging: Paging) -> Ranking:
        marks = tuple(tuple(Phrase((mark,)) for mark in group) for group in condition.marks)
        among = ""
        if condition.document_ids is not None:
            among = f" AND rowid IN ({','.join(map(str, map(int, condition.document_ids)))})"
        values = {"query": expression(Query(query.groups + marks)), "limit": MAX_CANDIDATES}
        newest = _ids(session, _NEWEST.format(condition=among), values)
        if len(newest) >= MAX_CANDIDATES:
            return _rank_by_title(session, query, newest, paging)
        if not newest:
            return Ranking((), 0)
        bounds = {"terms": expression(query), "first": min(newest), "last": max(newest), "ids": json.dumps(newest)}
        return read_ranking(session, _RANK, bounds, paging)

    def moments(self, session: Session, query: Query, document_ids: Sequence[int], limit: int) -> Mapping[int, Sequence[int]]:
        if not document_ids:
            return {}
        queries = [query] if len(query.groups) == 1 else [query, any_part(query)]
        values: dict[str, object] = {"limit": limit, **{f"query{number}": expression(each) for number, each in enumerate(queries)}}
        for at, document_id in enumerate(document_ids):
            first = document_id << _MOMENT_BITS
            values |= {f"first{at}": first, f"last{at}": first + SLIDE_BIT - 1}
            values |= {f"slides{at}": first + SLIDE_BIT, f"end{at}": first + _MAX_MOMENT}
        numbers_by_document: dict[int, dict[int, None]] = {document_id: {} for document_id in document_ids}
        for (row_id,) in session.execute(_select_moments(len(document_ids), len(queries)), values):
            numbers_by_document[row_id >> _MOMENT_BITS].setdefault(row_id & _MAX_MOMENT)
        return {document_id: best_moments(list(numbers), limit) for document_id, numbers in numbers_by_document.items()}


@functools.lru_cache(maxsize=200)
def _select_moments(documents: int, queries: int) -> TextClause:
    """Return the statement that finds moments of so many recordings by so many queries."""
    selects = [_MOMENTS.format(query=f"query{number}", at=at) for at in range(documents) for number in range(queries)]
    return text(" UNION ALL ".join(selects))


def _ids(session: Session, query: str, values: Mapping[str, object]) -> Sequence[int]:
    """Return the row ids that a query finds."""
    ids: list[int] = json.loads(session.execute(text(_IDS.format(query=query)), values).scalar_one())
    return ids


def _rank_by_title(session: Session, query: Query, newest: Sequence[int], paging: Paging) -> Ranking:
    """Rank recordings that have common words: those with all of them in the title first, then those with some, then the newest."""

    def having(in_title: str) -> set[int]:
        return set(_ids(session, _SINCE, {"query": f"{{title}} : ({in_title})", "first": min(newest)}))

    every = having(expression(query))
    some = having(expression(any_part(query))) if len(query.groups) > 1 else every
    scores = {number: float((number in every) + (number in some)) for number in newest}
    numbers = sorted(newest, key=lambda number: (-scores[number], -number))
    return Ranking(
        [(number, scores[number]) for number in numbers[paging.offset : paging.offset + paging.limit]], len(numbers), is_truncated=True
    )


def expression(query: Query) -> str:
    """Return the query in the language of FTS5. Terms have no quotation marks: they consist of letters, digits and marks."""
    return " AND ".join(f"({' OR '.join(map(_phrase, group))})" for group in query.groups)


def _phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.terms)}"{" *" if phrase.is_prefix else ""}'
