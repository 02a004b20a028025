"""Searches: recordings that have all words of a query, and the moments in which they are said or shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import bindparam, select, tuple_

import errors
from database import session
from lib.paging import Paging
from models import RecordingSlide, SearchDocument, TranscriptSegment
from services.accounts import Caller
from services.library import videos
from services.library.videos import Video
from services.search import indexing, marks
from services.search.port import SLIDE_BIT, Filter
from services.search.query import Query, parse
from services.search.snippets import Snippet, snippet
from services.storage import Store

Scope = Literal["visible", "own", "public", "all"]
SEGMENTS_PER_RECORDING = 2  # that a search shows, besides a slide
_MAX_TITLE_CHARS = 500


@dataclass(frozen=True)
class SearchFilter:
    """`scope`: the caller's recordings and public ones, either of them, or all (admins only). Empty fields match all.

    `recording_ids`: only these, as far as the viewer may watch them, whatever the scope.
    """

    scope: Scope = "visible"
    language: str = ""
    recording_ids: Sequence[str] | None = None


@dataclass(frozen=True)
class MomentSlide:
    """The slide that is shown at a moment."""

    number: int
    title: str
    has_picture: bool
    version: str


@dataclass(frozen=True)
class Moment:
    """A moment of a recording, in its seconds, at which the query is said (`speech`) or a slide with it is first shown (`slide`)."""

    kind: Literal["speech", "slide"]
    start_s: float
    end_s: float
    snippet: Snippet
    slide: MomentSlide | None


@dataclass(frozen=True)
class Hit:
    """A recording that has all words of the query."""

    video: Video
    score: float
    title: Snippet
    description: Snippet
    moments: Sequence[Moment]


@dataclass(frozen=True)
class SearchResult:
    """A page of hits. `total` is at most MAX_CANDIDATES; `is_truncated`: there may be more, older ones.

    `is_approximate`: titles with words similar to those of the query.
    """

    hits: Sequence[Hit]
    total: int
    is_truncated: bool
    is_approximate: bool


def search(viewer: Caller | None, text: str, filters: SearchFilter, paging: Paging, store: Store) -> SearchResult:
    """Search what the viewer may see; the best recordings first. Raises NothingToFind, and Forbidden for a scope of admins."""
    scope = _scope_of(viewer, filters.scope)
    indexing.refresh_before_search(store)
    is_list = filters.recording_ids is not None
    condition = Filter(_marks_of(viewer, "all" if is_list else scope, filters.language), _document_ids(filters.recording_ids))
    languages = [marks.base_language(filters.language)] if filters.language else indexing.languages()
    index = indexing.search_index()
    query, is_approximate = parse(text, languages), False
    ranking = index.rank(session(), query, condition, paging)
    if not ranking.total:
        query, is_approximate = parse(text, languages, allows_typos=True), True
        ranking = index.rank(session(), query, condition, paging)
    page = dict(ranking.rows)
    documents = _documents(list(page))
    visible = (videos.watchable if is_list else videos.findable)(viewer, [row.recording_id for row in documents.values()])
    visible_by_id = {each.recording.id: each for each in visible}
    scores_by_document = {number: page[number] for number, row in documents.items() if row.recording_id in visible_by_id}
    moments = _Moments(query, {number: documents[number] for number in scores_by_document}).load()
    hits = [
        _hit(visible_by_id[documents[number].recording_id], query, documents[number], score, moments.get(number, ()))
        for number, score in page.items()
        if number in scores_by_document
    ]
    return SearchResult(hits, ranking.total, ranking.is_truncated, is_approximate and ranking.total > 0)


def _scope_of(viewer: Caller | None, scope: Scope) -> Scope:
    if scope == "all" and not (viewer is not None and viewer.is_admin):
        raise errors.Forbidden("Only admins search the recordings of all users.")
    if viewer is None:
        return "public"
    return scope


def _marks_of(viewer: Caller | None, scope: Scope, language: str) -> tuple[tuple[str, ...], ...]:
    own_marks = () if viewer is None else (marks.owner(viewer.user_id),)
    scope_marks = {"visible": (*own_marks, marks.PUBLIC), "own": own_marks, "public": (marks.PUBLIC,), "all": (marks.EXISTING,)}[scope]
    return (scope_marks, (marks.language(language),)) if language else (scope_marks,)


def _document_ids(recording_ids: Sequence[str] | None) -> Sequence[int] | None:
    if recording_ids is None:
        return None
    return session().execute(select(SearchDocument.id).where(SearchDocument.recording_id.in_(recording_ids))).scalars().all()


def _documents(ids: Sequence[int]) -> Mapping[int, SearchDocument]:
    if not ids:
        return {}
    return {row.id: row for row in session().execute(select(SearchDocument).where(SearchDocument.id.in_(ids))).scalars()}


def _hit(video: Video, query: Query, document: SearchDocument, score: float, moments: Sequence[Moment]) -> Hit:
    title = snippet(video.recording.title, query, document.language, _MAX_TITLE_CHARS)
    return Hit(video, score, title, snippet(video.recording.description, query, document.language), moments)


class _SpokenSegment(NamedTuple):
    """The columns of a `TranscriptSegment` that snippets need; creating objects of the table would take longer than reading it."""

    start_s: float
    end_s: float
    text: str
    words: Sequence[Sequence[Any]]


_SEGMENT_COLUMNS = (
    *(TranscriptSegment.recording_id, TranscriptSegment.id, TranscriptSegment.start_s, TranscriptSegment.end_s),
    *(TranscriptSegment.text, TranscriptSegment.words),
)
_SEGMENTS = select(*_SEGMENT_COLUMNS).where(
    # SQLite uses the index for the first two only.
    TranscriptSegment.recording_id.in_(bindparam("recordings", expanding=True)),
    TranscriptSegment.id.in_(bindparam("ids", expanding=True)),
    tuple_(TranscriptSegment.recording_id, TranscriptSegment.id).in_(bindparam("keys", expanding=True)),
)


class _Moments:
    """Loads the best moments of the recordings of a page, with as many statements for one as for many."""

    def __init__(self, query: Query, documents: Mapping[int, SearchDocument]) -> None:
        self._query, self._documents = query, documents
        self._slides: dict[str, list[RecordingSlide]] = {}

    def load(self) -> Mapping[int, Sequence[Moment]]:
        numbers = indexing.search_index().moments(session(), self._query, list(self._documents), SEGMENTS_PER_RECORDING)
        segments = self._load_segments(numbers)
        self._load_slides(numbers)
        return {document_id: self._of_recording(document_id, each, segments) for document_id, each in numbers.items()}

    def _load_segments(self, numbers: Mapping[int, Sequence[int]]) -> Mapping[tuple[str, int], _SpokenSegment]:
        keys = [
            (self._documents[document_id].recording_id, number)
            for document_id, each in numbers.items()
            for number in each
            if not number & SLIDE_BIT
        ]
        recordings, ids = {recording_id for recording_id, _ in keys}, {number for _, number in keys}
        rows = session().execute(_SEGMENTS, {"keys": keys, "recordings": list(recordings), "ids": list(ids)}).all() if keys else ()
        return {(recording_id, number): _SpokenSegment(*facts) for recording_id, number, *facts in rows}

    def _load_slides(self, numbers: Mapping[int, Sequence[int]]) -> None:
        ids = [self._documents[document_id].recording_id for document_id, each in numbers.items() if each]
        if not ids:
            return
        slides = select(RecordingSlide).where(RecordingSlide.recording_id.in_(ids)).order_by(RecordingSlide.number)
        for slide in session().execute(slides).scalars():
            self._slides.setdefault(slide.recording_id, []).append(slide)

    def _of_recording(
        self, document_id: int, numbers: Sequence[int], segments: Mapping[tuple[str, int], _SpokenSegment]
    ) -> Sequence[Moment]:
        document = self._documents[document_id]
        moments: list[Moment] = []
        for number in numbers:
            if number & SLIDE_BIT:
                slides = self._slides.get(document.recording_id, ())
                moments += [self._slide_moment(document, slide) for slide in slides if slide.number == number ^ SLIDE_BIT]
            elif (segment := segments.get((document.recording_id, number))) is not None:
                moments.append(self._speech_moment(document, segment))
        return sorted(moments, key=lambda moment: -len(moment.snippet.ranges))  # the index also counts the beginning of the next segment

    def _slide_moment(self, document: SearchDocument, slide: RecordingSlide) -> Moment:
        excerpt = snippet(f"{slide.title}\n{slide.text}" if slide.title not in slide.text else slide.text, self._query, document.language)
        end_s = slide.visits[0][1] if slide.visits else slide.start_s
        return Moment("slide", slide.start_s, end_s, excerpt, _moment_slide(slide, document))

    def _speech_moment(self, document: SearchDocument, segment: _SpokenSegment) -> Moment:
        excerpt = snippet(segment.text, self._query, document.language)
        first = excerpt.start + (excerpt.ranges[0][0] if excerpt.ranges else 0)
        start_s = document.offset_s + _time_of(segment, first)
        slide = next((each for each in self._slides.get(document.recording_id, ()) if _is_visible_at(each, start_s)), None)
        shown_slide = _moment_slide(slide, document) if slide is not None else None
        return Moment("speech", start_s, document.offset_s + segment.end_s, excerpt, shown_slide)


def _time_of(segment: _SpokenSegment, character: int) -> float:
    """Return when the word at this character of the segment's text begins."""
    at = -(len(segment.words[0][1]) - len(segment.words[0][1].lstrip())) if segment.words else 0  # the text has no space at its start
    for _, text, start_s, *_ in segment.words:
        at += len(text)
        if at > character:
            return float(start_s)
    return segment.start_s


def _is_visible_at(slide: RecordingSlide, time_s: float) -> bool:
    return any(start <= time_s < end for start, end in slide.visits)


def _moment_slide(slide: RecordingSlide, document: SearchDocument) -> MomentSlide:
    return MomentSlide(slide.number, slide.title, slide.has_picture, document.slides_version[:16])
