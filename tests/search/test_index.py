"""The contract of the search index, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from database import db, session, transaction
from lib.paging import Paging
from models import Recording, SearchDocument
from services.search import fts5, indexing, tsvector
from services.search.port import SLIDE_BIT, DocumentTerms, Filter, SearchIndex
from services.search.query import parse
from tests.conftest import User
from tests.statements import record_statements

FACTS = {"filename": "a.mp4", "storage_key": "videos/a.mp4", "size_bytes": 4, "sha256": "0", "duration_s": 1.0, "media": {}}


class Library:
    """Recordings in the index; `put` returns the document's id."""

    def __init__(self, user_id: str) -> None:
        self._user_id = user_id
        self.index: SearchIndex = indexing.search_index()

    def put(self, moments: dict[int, str] | None = None, **fields: str) -> int:
        with transaction() as write_session:
            recording = Recording(user_id=self._user_id, title="A talk", **FACTS)
            write_session.add(recording)
            write_session.flush()
            document = write_session.query(SearchDocument).filter_by(recording_id=recording.id).one()
            self.replace(write_session, document.id, moments or {}, **fields)
            return document.id

    def replace(self, write_session: Session, document_id: int, moments: dict[int, str], **fields: str) -> None:
        terms = DocumentTerms(**{name: value.split() for name, value in fields.items()})
        self.index.put(write_session, document_id, terms, {number: words.split() for number, words in moments.items()})

    def replace_titles(self, document_ids: list[int], title: str) -> None:
        with transaction() as write_session:
            for document_id in document_ids:
                self.replace(write_session, document_id, {}, title=title)

    def find(self, query: str, *marks: tuple[str, ...], ids: list[int] | None = None) -> list[int]:
        ranking = self.index.rank(session(), parse(query, [""]), Filter(marks, ids), Paging())
        assert ranking.total == len(ranking.rows)
        return [document_id for document_id, _ in ranking.rows]


@pytest.fixture
def library(app: Flask, user: User) -> Iterator[Library]:
    with app.app_context():
        yield Library(user.id)


def test_all_words_phrases_and_beginnings_are_found(library: Library) -> None:
    trees = library.put(title="red black trees", speech="we balance them after each insertion")
    graphs = library.put(title="graphs", slides="red edges", speech="black vertices 東京 京大 大")
    assert library.find("red black") == [trees, graphs]
    assert library.find('"red black"') == [trees]
    assert library.find('"black red"') == []
    assert library.find("balan*") == [trees] and library.find("balan") == []
    assert library.find("東京大") == [graphs] and library.find("大") == [graphs]
    assert library.find("red insertion") == [trees]
    assert library.find("red missing") == []


def test_titles_count_more_than_speech(library: Library) -> None:
    in_speech = library.put(title="first lecture", speech="entropy is a word among many others that are said here")
    in_title = library.put(title="entropy", speech="something else that somebody says in this lecture about it")
    often = library.put(title="second lecture", speech="entropy entropy entropy entropy and again entropy")
    assert library.find("entropy") == [in_title, often, in_speech]
    pages = [library.index.rank(session(), parse("entropy", [""]), Filter(), Paging(page, 2)) for page in (1, 2, 3)]
    assert [[document_id for document_id, _ in each.rows] for each in pages] == [[in_title, often], [in_speech], []]
    assert [each.total for each in pages] == [3, 3, 3]


def test_marks_and_ids_filter(library: Library) -> None:
    mine, public, other = (library.put(title="graphs", marks=marks) for marks in ("§mine §de", "§public §en", "§other §en"))
    assert library.find("graphs", ("§mine", "§public")) == [public, mine]
    assert library.find("graphs", ("§mine", "§public"), ("§en",)) == [public]
    assert library.find("graphs", ids=[other, mine]) == [other, mine]
    assert library.find("graphs", ids=[]) == []


def test_moments_that_meet_the_whole_query_come_first(library: Library) -> None:
    moments = {1: "a red tree", 2: "black and", 7: "red and black", 9: "nothing"}
    moments |= {SLIDE_BIT | 3: "red black", SLIDE_BIT | 4: "black red"}
    first, second = library.put(moments, title="x"), library.put({4: "red"}, title="y")
    query = parse("red black", [""])
    moments_by_document = library.index.moments(session(), query, [first, second], 2)
    assert list(moments_by_document[first]) == [7, SLIDE_BIT | 3, 1]
    assert list(moments_by_document[second]) == [4]
    assert library.index.moments(session(), query, [], 3) == {}


def test_entries_are_replaced_and_deleted_with_their_recording(library: Library) -> None:
    document_id = library.put({1: "old words"}, title="old")
    with transaction() as write_session:
        library.replace(write_session, document_id, {2: "new words"}, title="new")
    assert library.find("old") == [] and library.find("new") == [document_id]
    assert list(library.index.moments(session(), parse("words", [""]), [document_id], 5)[document_id]) == [2]
    with transaction() as write_session:
        write_session.delete(write_session.get_one(Recording, write_session.get_one(SearchDocument, document_id).recording_id))
    assert library.find("new") == []
    for table in ("search_index_recordings", "search_index_moments"):
        assert session().execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0, table


def test_long_recordings_fit(library: Library) -> None:
    words = [f"word{number}" for number in range(120_000)]
    document_id = library.put(title="long", speech=" ".join([*words[:50_000], "the end", *words[50_000:]]))
    assert library.find("word3") == library.find('"the end"') == [document_id]


def test_the_newest_recordings_are_ranked_if_there_are_too_many(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    for adapter in (fts5, tsvector):
        monkeypatch.setattr(adapter, "MAX_CANDIDATES", 2)
    ids = [library.put(title="graphs") for _ in range(5)]
    library.replace_titles(ids[3:] + ids[:3], "graphs")  # the oldest are the last rows of the table
    assert library.find("graphs") == [ids[4], ids[3]]


def test_recordings_with_common_words_are_ranked_by_title(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    for adapter in (fts5, tsvector):
        monkeypatch.setattr(adapter, "MAX_CANDIDATES", 4)
    old = library.put(title="red trees")
    in_title, partly, *in_speech = (library.put(title=title, speech="red trees") for title in ("red trees", "red", "x", "y"))
    assert library.find("red trees") == [in_title, partly, *reversed(in_speech)]
    ranking = library.index.rank(session(), parse("red trees", [""]), Filter(), Paging(2, 3))
    assert (list(dict(ranking.rows)), ranking.total, ranking.is_truncated) == ([in_speech[0]], 4, True)
    assert not library.index.rank(session(), parse("red trees", [""]), Filter(document_ids=[old]), Paging()).is_truncated


def test_phrases_of_common_words_are_found_in_old_recordings_too(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tsvector, "_MAX_EXAMINED", 2)
    old = library.put(title="red trees", speech="black")
    for _ in range(3):
        library.put(title="trees red")
    assert library.find('"red trees"') == [old] and library.find('"red trees" black') == [old]
    assert library.find('"red black"') == []


def test_searches_use_indexes(library: Library) -> None:
    document_id = library.put({1: "red tree"}, title="red tree")
    with record_statements() as statements:
        library.find("red tree", ("§public",))
        library.index.moments(session(), parse("red tree", [""]), [document_id], 5)
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET enable_seqscan = off"))  # the tables are small
            queries = [(each.removeprefix("SET LOCAL enable_seqscan = off;"), values) for each, values in statements]
            plans = [str(connection.exec_driver_sql(f"EXPLAIN {each}", values).all()) for each, values in queries]
            assert "Bitmap Index Scan on ix_search_index_recordings_terms" in plans[0]
            assert "search_index_moments_pkey" in plans[1]
        else:
            plans = [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", values).all()) for each, values in statements]
            assert all(re.search(r"VIRTUAL TABLE INDEX \d+:\S*M", plan) for plan in plans), plans
            assert re.search(r"VIRTUAL TABLE INDEX \d+:\S*><", plans[-1]), plans  # the range of row ids


def test_looking_for_marked_recordings_reads_the_marked_ones_only(app: Flask, library: Library) -> None:
    """Every search does so."""
    library.put(title="trees")
    with record_statements() as statements:
        indexing.refresh_before_search(app.extensions["lectern"].store)
    query, values = statements[0]
    assert "outdated IS NOT NULL" in query
    with db.engine.connect() as connection:
        if is_postgres := connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))  # rows without recordings
            connection.execute(text("INSERT INTO search_documents (recording_id) SELECT 'r' || n FROM generate_series(1, 5000) AS n"))
            connection.execute(text("ANALYZE search_documents"))  # for a small table the planner may take any index
        plan = connection.exec_driver_sql(f"EXPLAIN {'' if is_postgres else 'QUERY PLAN'} {query}", values).all()
    assert "ix_search_documents_outdated" in str(plan)
