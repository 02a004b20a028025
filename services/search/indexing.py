"""Writes the search entries of marked recordings: their terms, and their slides as rows."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

import errors
from database import db, end_read, session, transaction
from lib.paging import count_rows
from models import Recording, RecordingSlide, SearchDocument, Transcript, TranscriptSegment
from services.accounts import suspension
from services.jobs.queue.recording_lock import lock_recording
from services.lessons.sentences import detect_language
from services.library import hidden_formats, notes_archive
from services.library.notes_archive import ArchivedSlide, SlideIndex
from services.search import analysis, marks, outdated
from services.search.fts5 import Fts5Index
from services.search.port import SLIDE_BIT, DocumentTerms, SearchIndex
from services.search.query import TYPO
from services.search.slide_groups import SlideGroups
from services.search.tsvector import TsvectorIndex
from services.storage import Store

log = structlog.get_logger(__name__)
_OVERLAP_TERMS = 7  # of the next segment, so that phrases of up to eight words are found where two segments meet
_RECOVERY_BUDGET_S = 2.0
_REFRESH_LIMIT, _REFRESH_BUDGET_S = 5, 1.0  # of a search, which begins no further recording after this time
_SAMPLE_SEGMENTS = 300
_MAX_LANGUAGES = 40


@dataclass(frozen=True)
class _Sources:
    """The content of a recording from which its entries are made. `slides` is None if the rows of the slides are up to date."""

    document: SearchDocument
    recording: Recording
    language: str
    segments: Sequence[tuple[int, str]]
    slides_version: str
    slides: SlideIndex | None
    slide_texts: Sequence[tuple[int, str, str]]


def search_index() -> SearchIndex:
    """Return the adapter for this database."""
    return TsvectorIndex() if db.engine.dialect.name == "postgresql" else Fts5Index()


def languages() -> list[str]:
    """Return the languages of all recordings, each by one step in the index."""
    return [str(language) for language in session().execute(_languages_query()).scalars()]


@functools.cache
def _languages_query() -> Select[tuple[str]]:
    column = SearchDocument.language
    steps = select(func.min(column).label("language")).cte(recursive=True)
    next_language = select(func.min(column)).where(column > steps.c.language).scalar_subquery()
    steps = steps.union_all(select(next_language).where(steps.c.language.is_not(None)))
    return select(steps.c.language).where(steps.c.language.is_not(None)).limit(_MAX_LANGUAGES)


def count_outdated() -> int:
    """Return how many recordings wait for their entries."""
    return count_rows(SearchDocument, SearchDocument.outdated.is_not(None))


def refresh_outdated(store: Store) -> None:
    """Index marked recordings for about two seconds; the janitor calls it every few seconds."""
    end_read()
    deadline = time.monotonic() + _RECOVERY_BUDGET_S
    refresh(store, limit=1_000, deadline=deadline)


def refresh_before_search(store: Store) -> None:
    """Index a few marked recordings, so that a user finds at once what they have just changed. The janitor does the rest."""
    refresh(store, limit=_REFRESH_LIMIT, deadline=time.monotonic() + _REFRESH_BUDGET_S)


def rebuild(store: Store) -> Iterator[int]:
    """Index all recordings again, and yield how many are left. Searches go on meanwhile."""
    with transaction() as write_session:
        outdated.mark_all(write_session)
    remaining = count_outdated()
    while remaining:
        yield remaining
        end_read()
        if not refresh(store, limit=100):
            break
        remaining = count_outdated()
    yield remaining


def refresh(store: Store, *, limit: int, deadline: float | None = None) -> int:
    """Index at most `limit` marked recordings. Return the number of those that were indexed; one that can't be read stays marked."""
    query = select(SearchDocument.id).where(SearchDocument.outdated.is_not(None)).order_by(SearchDocument.id).limit(limit)
    ids = session().execute(query).scalars().all()
    indexed_count = 0
    for document_id in ids:
        if deadline is not None and time.monotonic() > deadline:
            break
        try:
            indexed_count += _index(document_id, store)
        except (errors.LecternError, OSError, ValueError, SQLAlchemyError):
            log.exception("search_indexing_failed", document=document_id)
    end_read()
    return indexed_count


def _index(document_id: int, store: Store) -> bool:
    """Index a recording. Return False if it was deleted, or changed meanwhile and so stays marked."""
    sources = _read(document_id, store)
    if sources is None:
        return False
    recording_id, version = sources.recording.id, sources.document.outdated
    slide_terms = {number: _terms(f"{title}\n{text}", sources.language) for number, title, text in sources.slide_texts}
    document, moments = _terms_of(sources, slide_terms)
    rows = _slide_rows(sources, slide_terms) if sources.slides is not None else []
    end_read()
    with transaction() as write_session:
        lock_recording(write_session, recording_id)
        row = write_session.get(SearchDocument, document_id, populate_existing=True)
        if row is None or row.outdated != version:
            return False
        if sources.slides is not None:
            write_session.execute(delete(RecordingSlide).where(RecordingSlide.recording_id == recording_id))
            if rows:
                write_session.execute(insert(RecordingSlide), rows)
            row.offset_s, row.slides_version = sources.slides.source_offset_s, sources.slides_version
        row.language, row.outdated = sources.language, None
        search_index().put(write_session, document_id, document, moments)
    return True


def _read(document_id: int, store: Store) -> _Sources | None:
    end_read()
    document = session().get(SearchDocument, document_id)
    recording = session().get(Recording, document.recording_id) if document is not None else None
    if document is None or recording is None or document.outdated is None:
        return None
    transcript_language = session().execute(select(Transcript.language).where(Transcript.recording_id == recording.id)).scalar_one_or_none()
    row = TranscriptSegment
    query = select(row.id, row.text).where(row.recording_id == recording.id).order_by(row.position, row.id)
    segments = [(each.id, each.text) for each in session().execute(query)]
    language = marks.base_language(transcript_language or recording.language) or _likely_language(recording, segments)
    archive = hidden_formats.shown_notes(session(), recording.id)
    slides, version = None, archive.sha256 if archive is not None else ""
    if version and version == document.slides_version and language == document.language:
        columns = (RecordingSlide.number, RecordingSlide.title, RecordingSlide.text)
        stored_texts = select(*columns).where(RecordingSlide.recording_id == recording.id).order_by(RecordingSlide.number)
        texts = [(each.number, each.title, each.text) for each in session().execute(stored_texts)]
    else:
        archive_key = archive.storage_key if archive is not None else ""
        session().expunge_all()
        end_read()
        slides = _read_slides(store, archive_key) if archive_key else SlideIndex(0.0, ())
        texts = [(slide.number, slide.title, slide.text) for slide in slides.slides]
    return _Sources(document, recording, language, segments, version, slides, texts)


def _likely_language(recording: Recording, segments: Sequence[tuple[int, str]]) -> str:
    """Return the language of the words, for a recording whose language nobody has stated, such as one with uploaded subtitles."""
    sample = [recording.title, recording.description, *(text for _, text in segments[:_SAMPLE_SEGMENTS])]
    return detect_language("\n".join(sample))


def _read_slides(store: Store, key: str) -> SlideIndex:
    try:
        return notes_archive.read_index(store, key)[0]
    except errors.NotFound:  # an archive of an older version, or deleted meanwhile
        return SlideIndex(0.0, ())


def _terms_of(sources: _Sources, slide_terms: Mapping[int, list[str]]) -> tuple[DocumentTerms, dict[int, list[str]]]:
    language, recording = sources.language, sources.recording
    segment_terms = {number: _terms(text, language) for number, text in sources.segments}
    moments: dict[int, list[str]] = {}
    previous: list[str] | None = None
    for number, segment in segment_terms.items():
        if previous is not None:
            previous += segment[:_OVERLAP_TERMS]
        moments[number] = previous = list(segment)
    moments |= {SLIDE_BIT | number: terms for number, terms in slide_terms.items()}
    words = [token.text for token in analysis.tokens(recording.title) if not token.is_unspaced]
    document = DocumentTerms(
        title=_terms(recording.title, language),
        about=_terms("\n".join([*recording.tags, recording.description]), language),
        slides=[term for terms in slide_terms.values() for term in terms],
        speech=[term for terms in segment_terms.values() for term in terms],
        typos=sorted({TYPO + variant for word in words for variant in analysis.typo_variants(word)}),
        marks=marks.marks_of(recording, language, is_owner_active=not suspension.suspended_among([recording.user_id])),
    )
    return document, {number: terms for number, terms in moments.items() if terms}


def _terms(text: str, language: str) -> list[str]:
    return [term for term, _, _ in analysis.terms(text, language) if term]


def _slide_rows(sources: _Sources, slide_terms: Mapping[int, list[str]]) -> list[dict[str, object]]:
    assert sources.slides is not None
    offset_s, recording = sources.slides.source_offset_s, sources.recording
    hashes = [slide.picture_hash for slide in sources.slides.slides if slide.size]
    groups = SlideGroups(session(), recording.user_id, recording.id, hashes)
    return [_slide_row(recording.id, slide, offset_s, slide_terms[slide.number], groups) for slide in sources.slides.slides]


def _slide_row(recording_id: str, slide: ArchivedSlide, offset_s: float, terms: Sequence[str], groups: SlideGroups) -> dict[str, object]:
    visits = [[offset_s + visit.start_s, offset_s + visit.end_s] for visit in slide.visits]
    text = f" {' '.join(terms)} "
    picture_hash = slide.picture_hash if slide.size else ""
    return {
        "recording_id": recording_id,
        "number": slide.number,
        "title": slide.title,
        "text": slide.text,
        "start_s": visits[0][0] if visits else offset_s,
        "visits": visits,
        "width": slide.width,
        "height": slide.height,
        "has_picture": slide.size > 0,
        "picture_hash": picture_hash,
        "terms": text,
        "group": groups.find(slide.number, picture_hash, text),
    }
