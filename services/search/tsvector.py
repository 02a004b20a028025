"""The search index in PostgreSQL: tsvector (https://www.postgresql.org/docs/current/datatype-textsearch.html), built from our own terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from lib.paging import Paging
from services.search.port import MAX_CANDIDATES, DocumentTerms, Filter, Ranking, any_part, best_moments, read_ranking
from services.search.query import Phrase, Query

_MAX_POSITION = 16_000  # PostgreSQL keeps positions up to 16,383; later ones begin at 1 again, so that phrases are found everywhere
_MAX_POSITIONS = 255  # of one term; PostgreSQL drops further ones
_MAX_BYTES = 900_000  # of a tsvector; PostgreSQL's limit is 1 MiB
_PUT_DOCUMENT = text(
    "INSERT INTO search_index_recordings (document_id, terms) VALUES (:id, CAST(:terms AS tsvector))"
    " ON CONFLICT (document_id) DO UPDATE SET terms = excluded.terms"
)
_PUT_MOMENT = text("INSERT INTO search_index_moments (document_id, moment, terms) VALUES (:id, :moment, CAST(:terms AS tsvector))")
# The planner takes no account of the time that unpacking a tsvector takes: it would scan the table for common words, or, for the order
# alone, read the primary key backwards; hence SET LOCAL and MATERIALIZED. The index does not know whether words come one after the
# other: phrases are looked for in recordings that have all words, at first in the newest ones.
_RANK = (
    "SET LOCAL enable_seqscan = off;"
    " WITH matching AS MATERIALIZED (SELECT document_id FROM search_index_recordings WHERE terms @@ CAST(:words AS tsquery){condition}),"
    " recent AS MATERIALIZED (SELECT document_id FROM matching ORDER BY document_id DESC LIMIT :examined),"
    " newest AS MATERIALIZED (SELECT document_id, terms FROM recent JOIN search_index_recordings USING (document_id){phrases}"
    " ORDER BY document_id DESC LIMIT :limit)"
    " SELECT document_id, ts_rank('{{0.1, 0.2, 0.4, 1}}', terms, CAST(:ranked AS tsquery)) AS rank, count(*) OVER (),"
    " count(*) OVER () >= :limit OR (SELECT count(*) FROM recent) >= :examined"
    " FROM newest ORDER BY rank DESC, document_id DESC LIMIT :page OFFSET :offset"
)
_HAS_PHRASES = " WHERE terms @@ CAST(:query AS tsquery)"
_MAX_EXAMINED = 4_000  # recordings with all words in which phrases are looked for ...
_ENOUGH_HITS = 100  # ... if these have as many hits; else all are examined
_ALL = 2**31 - 1
_MOMENTS = text(
    "SELECT document_id, moment, meets_all FROM (SELECT document_id, moment, terms @@ CAST(:all AS tsquery) AS meets_all,"
    " row_number() OVER (PARTITION BY document_id, moment >= 2147483648 ORDER BY terms @@ CAST(:all AS tsquery) DESC, moment) AS number"
    " FROM search_index_moments WHERE document_id IN :ids AND terms @@ CAST(:any AS tsquery)) AS matching"
    " WHERE number <= :limit ORDER BY document_id, meets_all DESC, moment"
).bindparams(bindparam("ids", expanding=True))


class TsvectorIndex:
    """See `SearchIndex`."""

    def put(self, session: Session, document_id: int, document: DocumentTerms, moments: Mapping[int, Sequence[str]]) -> None:
        session.execute(text("DELETE FROM search_index_moments WHERE document_id = :id"), {"id": document_id})
        fields = ((document.title, "A"), (document.about, "B"), (document.slides, "C"), (document.speech, ""))
        vector = vector_of(fields, [*document.typos, *document.marks])
        session.execute(_PUT_DOCUMENT, {"id": document_id, "terms": vector})
        rows = [{"id": document_id, "moment": number, "terms": vector_of([(terms, "")])} for number, terms in sorted(moments.items())]
        if rows:
            session.execute(_PUT_MOMENT, rows)

    def rank(self, session: Session, query: Query, condition: Filter, paging: Paging) -> Ranking:
        marks = tuple(tuple(Phrase((mark,)) for mark in group) for group in condition.marks)
        has_phrases = any(len(phrase.terms) > 1 for group in query.groups for phrase in group)
        words = " & ".join([f"({' | '.join(map(_words, group))})" for group in query.groups + marks])
        values: dict[str, object] = {"words": words, "ranked": expression(any_part(query)), "limit": MAX_CANDIDATES}
        among = "" if condition.document_ids is None else " AND document_id IN :ids"
        statement = text(_RANK.format(condition=among, phrases=_HAS_PHRASES if has_phrases else ""))
        if condition.document_ids is not None:
            statement, values["ids"] = statement.bindparams(bindparam("ids", expanding=True)), list(condition.document_ids)
        if not has_phrases:
            return read_ranking(session, statement, {**values, "examined": MAX_CANDIDATES}, paging)
        values["query"] = expression(query)
        ranking = read_ranking(session, statement, {**values, "examined": _MAX_EXAMINED}, paging)
        if ranking.total >= _ENOUGH_HITS or (ranking.total and not ranking.is_truncated):
            return ranking
        return read_ranking(session, statement, {**values, "examined": _ALL}, paging)

    def moments(self, session: Session, query: Query, document_ids: Sequence[int], limit: int) -> Mapping[int, Sequence[int]]:
        numbers_by_document: dict[int, list[int]] = {document_id: [] for document_id in document_ids}
        if document_ids:
            values = {"all": expression(query), "any": expression(any_part(query)), "ids": list(document_ids), "limit": limit}
            for document_id, moment, _ in session.execute(_MOMENTS, values):
                numbers_by_document[document_id].append(moment)
        return {document_id: best_moments(numbers, limit) for document_id, numbers in numbers_by_document.items()}


def vector_of(fields: Iterable[tuple[Sequence[str], str]], marks: Sequence[str] = ()) -> str:
    """Return a tsvector as text: the terms of each field with its weight and their positions, then marks without positions."""
    places: dict[str, list[str]] = {mark: [] for mark in marks}
    size = sum(len(mark.encode()) + 4 for mark in marks)
    for at, (term, weight) in enumerate(_with_weights(fields)):
        positions = places.get(term)
        if positions is None:
            size += len(term.encode()) + 6
            positions = places[term] = []
        if len(positions) < _MAX_POSITIONS:
            size += 2
            positions.append(f"{1 + at % _MAX_POSITION}{weight}")
        if size > _MAX_BYTES:
            break
    return " ".join(f"'{term}':{','.join(positions)}" if positions else f"'{term}'" for term, positions in places.items())


def _with_weights(fields: Iterable[tuple[Sequence[str], str]]) -> Iterator[tuple[str, str]]:
    for terms, weight in fields:
        for term in terms:
            yield term, weight


def expression(query: Query) -> str:
    """Return the query as text of a tsquery. Terms have no quotation marks: they consist of letters, digits and marks."""
    return " & ".join(f"({' | '.join(map(_phrase, group))})" for group in query.groups)


def _words(phrase: Phrase) -> str:
    """Return a tsquery that all texts with the phrase meet."""
    return f"({' & '.join(_phrase(Phrase((term,), phrase.is_prefix and term is phrase.terms[-1])) for term in phrase.terms)})"


def _phrase(phrase: Phrase) -> str:
    terms = [f"'{term}'" for term in phrase.terms]
    return f"({' <-> '.join([*terms[:-1], terms[-1] + (':*' if phrase.is_prefix else '')])})"
