"""Search and lists over a large library, on SQLite and PostgreSQL. Rows and index entries are written by bulk SQL."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import random
import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import psycopg2
import requests

from bench.context import Context, markdown_table, verdict
from scripts import backends
from scripts.client import Client
from scripts.server import Server
from services.search import analysis
from services.search.tsvector import vector_of

RECORDINGS, MOMENTS_PER_RECORDING, WORDS_PER_MOMENT = 100_000, 10, 20
SMALL = 1_000  # recordings that lists are measured with first
GOALS_MS = {"SQLite": 30, "PostgreSQL": 100}
MAX_LIST_RATIO = 1.5
CLIENTS, REQUESTS_PER_CLIENT = 64, 5
_REQUESTS = 40
_VOCABULARY = 50_000
_BATCH = 1_000
_OWN_EACH = 20  # recordings: the caller has a full page of the list in both libraries
_QUERIES = {
    "the commonest word": "w0",
    "a common and a rare word": "w1 w2000",
    "a rare word": "w9000",
    "three common words": "w0 w1 w2",
    "a phrase": '"w3 w4"',
    "a beginning": "w12*",
    "a misspelt word of a title": "photosyntesis",
    "the commonest word, own recordings": "w0&scope=own",
}
_RANK_ALL = {
    "SQLite": "SELECT rowid FROM search_index_recordings WHERE search_index_recordings MATCH '\"w0\"' ORDER BY rank LIMIT 20",
    "PostgreSQL": "SELECT document_id FROM search_index_recordings WHERE terms @@ '''w0''' ORDER BY ts_rank(terms, '''w0''') DESC LIMIT 20",
}
Row = Sequence[Any]


class Target(Protocol):
    """The database of the server, to which rows are written directly."""

    name: str

    def begin(self) -> None: ...

    def copy(self, table: str, columns: str, rows: Sequence[Row]) -> None: ...

    def fetch(self, statement: str) -> list[Any]: ...

    def finish(self) -> None:
        """Commit, and update the statistics of the planner."""


class SqliteTarget:
    name = "SQLite"

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=60)
        self._connection.execute("PRAGMA synchronous = OFF")

    def begin(self) -> None:
        pass

    def copy(self, table: str, columns: str, rows: Sequence[Row]) -> None:
        marks = ", ".join("?" for _ in columns.split(","))
        self._connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def fetch(self, statement: str) -> list[Any]:
        return self._connection.execute(statement).fetchall()

    def finish(self) -> None:
        for table in ("search_index_recordings", "search_index_moments"):
            self._connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
        self._connection.commit()
        self._connection.execute("ANALYZE")


class PostgresTarget:
    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)

    def begin(self) -> None:
        """Drop the index of terms, which `finish` builds again in a fraction of the time that keeping it up to date takes."""
        with self._connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '512MB'; DROP INDEX ix_search_index_recordings_terms")

    def copy(self, table: str, columns: str, rows: Sequence[Row]) -> None:
        lines = "\n".join("\t".join("\\N" if value is None else str(value) for value in row) for row in rows)
        with self._connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.StringIO(lines + "\n"))

    def fetch(self, statement: str) -> list[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def finish(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("CREATE INDEX ix_search_index_recordings_terms ON search_index_recordings USING gin (terms)")
        self._connection.commit()
        self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence('search_documents', 'id'), max(id)) FROM search_documents")
            cursor.execute("VACUUM ANALYZE")
        self._connection.autocommit = False


class Filler:
    """Writes recordings with a transcript each, whose words follow Zipf's law."""

    def __init__(self, target: Target, user_id: str) -> None:
        self._target, self._user_id = target, user_id
        self._others = [str(uuid.uuid4()) for _ in range(100)]
        self._random = np.random.default_rng(7)
        weights = 1 / np.arange(1, _VOCABULARY + 1)
        self._weights = weights / weights.sum()
        self._words = [f"w{number}" for number in range(_VOCABULARY)]
        self._next = 1
        stamp = self._stamp(0)
        columns = "id, email, email_verified, first_name, last_name, role, status, created_at"
        users = [(each, f"{each}@example.org", "1", "A", "User", "user", "active", stamp) for each in self._others]
        target.copy("users", columns, users)

    def _stamp(self, number: int) -> str:
        """Return a time for a row, as the database writes it."""
        time = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=number)
        return f"{time:%Y-%m-%d %H:%M:%S}.000000" + ("+00:00" if self._target.name == "PostgreSQL" else "")

    def fill(self, count: int) -> None:
        self._target.begin()
        while count > 0:
            self._fill_batch(min(count, _BATCH))
            count -= _BATCH
        self._target.finish()

    def _fill_batch(self, count: int) -> None:
        shape = (count, MOMENTS_PER_RECORDING, WORDS_PER_MOMENT)
        word_indexes = self._random.choice(_VOCABULARY, size=shape, p=self._weights)
        tables: dict[str, list[Row]] = {}

        def add(table: str, *values: Any) -> None:
            tables.setdefault(table, []).append(values)

        for each in word_indexes:
            number, self._next = self._next, self._next + 1
            stamp = self._stamp(number)
            recording_id = str(uuid.UUID(int=number * 7919))
            owner = self._user_id if number % _OWN_EACH == 0 else self._others[number % 100]
            visibility = "PUBLIC" if number % 2 else "PRIVATE"
            title = f"{self._words[each[0][0]]} {self._words[each[0][1]]} {'photosynthesis' if number % 1000 == 1 else 'lecture'} {number}"
            facts = ("a.mp4", f"videos/{number}.mp4", 1000, "0", "en", "[]", visibility, "COMPLETED", 600.0, "{}", stamp, stamp)
            add("recordings", recording_id, owner, title, "1", *facts, "", "", "", "", f"{number:x}")
            add("search_documents", number, recording_id, "en")
            add("transcripts", recording_id, 1, "en", "recognised", "", "0", 1, 11, 1, 1, stamp, stamp)
            moments = [[self._words[word] for word in moment] for moment in each]
            for at, words in enumerate(moments, start=1):
                entries = [[at * 100 + place, f" {word}", at * 60 + place, at * 60 + place + 0.9, 1] for place, word in enumerate(words)]
                segment = (at, at, at * 60, at * 60 + 20, 1.0, 1, " ".join(words))
                add("transcript_segments", recording_id, *segment, json.dumps(entries, separators=(",", ":")))
            self._add_terms(add, number, title.split(), moments, owner, visibility)
        for table, rows in tables.items():
            self._target.copy(table, _COLUMNS[table], rows)

    def _add_terms(
        self, add: Callable[..., None], number: int, title: list[str], moments: list[list[str]], owner: str, visibility: str
    ) -> None:
        speech = [word for moment in moments for word in moment]
        typos = sorted({f"\u00ac{variant}" for word in title for variant in analysis.typo_variants(word)})
        marks = ["\u00a7existing", f"\u00a7owner{owner.replace('-', '')}", "\u00a7languageen"]
        marks += ["\u00a7public"] if visibility == "PUBLIC" else []
        title = [analysis.stem(word, "en") for word in title]
        if self._target.name == "SQLite":
            add("search_index_recordings", number, *map(" ".join, (title, [], [], speech, typos, marks)))
            for at, words in enumerate(moments, start=1):
                add("search_index_moments", (number << 32) + at, " ".join(words))
        else:
            add("search_index_recordings", number, vector_of([(title, "A"), (speech, "")], [*typos, *marks]))
            for at, words in enumerate(moments, start=1):
                add("search_index_moments", number, at, vector_of([(words, "")]))


_RECORDING_FACTS = (
    "filename, storage_key, size_bytes, sha256, language, tags, visibility, processing_status, duration_s, media, created_at, updated_at"
)
_SQLITE_INDEX = {
    "search_index_recordings": "rowid, title, about, slides, speech, typos, marks",
    "search_index_moments": "rowid, terms",
}
_POSTGRES_INDEX = {"search_index_recordings": "document_id, terms", "search_index_moments": "document_id, moment, terms"}
_COLUMNS = {
    "recordings": f"id, user_id, title, has_given_title, {_RECORDING_FACTS}, sent_name, source_url, source_id, author, short_code",
    "search_documents": "id, recording_id, language",
    "transcripts": "recording_id, revision, language, source, engine, raw_sha256, raw_first_word_id, next_segment_id, next_word_id, "
    "documents_revision, created_at, updated_at",
    "transcript_segments": "recording_id, id, position, start_s, end_s, lowest_confidence, revision, text, words",
}


def run(context: Context) -> str:
    count = int(os.environ.get("BENCH_RECORDINGS", RECORDINGS))
    sections = []
    with backends.postgres_server() as postgres, backends.fresh_database(postgres.url) as url:
        for name, settings in (("SQLite", {}), ("PostgreSQL", {"DATABASE_URL": url})):
            with Server(context.folder / name, {"JOB_THREADS": "1", "LOG_LEVEL": "ERROR", **settings}) as server:
                target: Target = SqliteTarget(context.folder / name / "lectern.db") if name == "SQLite" else PostgresTarget(url)
                sections.append(_measure(server, target, count))
    return "\n\n".join(sections)


def _measure(server: Server, target: Target, count: int) -> str:
    _COLUMNS.update(_SQLITE_INDEX if target.name == "SQLite" else _POSTGRES_INDEX)
    client = Client(server.url)
    client.register()
    user_id = client.call("GET", "/api/v1/users/me")["id"]
    filler = Filler(target, user_id)
    filler.fill(SMALL)
    lists = {path: [_p95(client, path)] for path in ("/api/v1/recordings", "/api/v1/videos")}
    start_s = time.monotonic()
    filler.fill(count - SMALL)
    filling_s = time.monotonic() - start_s
    for path, times in lists.items():
        times.append(_p95(client, path))
    rows = [[path, f"{small:.1f}", f"{large:.1f}", f"{large / small:.2f}"] for path, (small, large) in lists.items()]
    searches = {label: _p95(client, f"/api/v1/search?q={query}") for label, query in _QUERIES.items()}
    search_rows = [[label, f"{milliseconds:.1f}"] for label, milliseconds in searches.items()]
    search_rows.append(["the commonest word, all recordings ranked (SQL only)", f"{_unranked_ms(target):.1f}"])
    errors, busy_p95 = _crowd(client)
    goal = GOALS_MS[target.name]
    worst_list = max(large / small for small, large in lists.values())
    moments = count * MOMENTS_PER_RECORDING
    size = f"{count:,} recordings, {moments:,} moments, {moments * WORDS_PER_MOMENT:,} words, written in {filling_s:.0f} s"
    crowd = f"{CLIENTS * REQUESTS_PER_CLIENT} searches, {errors} errors, p95 {busy_p95:.0f} ms"
    search_verdict, list_verdict = verdict(max(searches.values()) <= goal), verdict(worst_list <= MAX_LIST_RATIO)
    goals = f"searches at most {goal} ms: {search_verdict}; lists at most {MAX_LIST_RATIO} times as slow: {list_verdict}"
    parts = [
        f"**{target.name}**: {size}.",
        markdown_table(["list, p95 in ms", f"{SMALL:,} recordings", f"{count:,}", "ratio"], rows),
        markdown_table(["search", "p95, ms"], search_rows),
        f"{CLIENTS} clients at once: {crowd}.",
        f"Goals: {goals}; no error: {verdict(errors == 0)}.",
    ]
    return "\n\n".join(parts)


def _p95(client: Client, path: str) -> float:
    """Return the 95th percentile of a warm request, in milliseconds."""
    for _ in range(3):
        client.call("GET", path)
    times = []
    for _ in range(_REQUESTS):
        start_s = time.perf_counter()
        client.call("GET", path)
        times.append(1000 * (time.perf_counter() - start_s))
    return sorted(times)[int(0.95 * (len(times) - 1))]


def _unranked_ms(target: Target) -> float:
    times = []
    for _ in range(3):
        start_s = time.perf_counter()
        target.fetch(_RANK_ALL[target.name])
        times.append(1000 * (time.perf_counter() - start_s))
    return min(times)


def _crowd(client: Client) -> tuple[int, float]:
    """Return the errors and the 95th percentile, in milliseconds, of many clients that search at once."""
    headers = dict(client.http.headers)

    def search(number: int) -> list[tuple[bool, float]]:
        rng = random.Random(number)
        results = []
        with requests.Session() as http:
            for _ in range(REQUESTS_PER_CLIENT):
                start_s = time.perf_counter()
                query = {"q": f"w{rng.randrange(3)} w{rng.randrange(3, 500)}"}
                response = http.get(f"{client.url}/api/v1/search", params=query, headers=headers, timeout=120)
                results.append((response.ok, 1000 * (time.perf_counter() - start_s)))
        return results

    with ThreadPoolExecutor(CLIENTS) as pool:
        results = [each for part in pool.map(search, range(CLIENTS)) for each in part]
    times = sorted(milliseconds for _, milliseconds in results)
    return sum(not is_ok for is_ok, _ in results), times[int(0.95 * (len(times) - 1))]
