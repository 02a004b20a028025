"""The slides of all recordings of a user: equal ones are listed once, with every moment at which they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from database import session
from lib.paging import Page, Paging, count_groups, fetch_row_page
from models import Recording, RecordingSlide, SearchDocument
from services.accounts import Caller
from services.search import indexing, marks
from services.search.query import Phrase, parse
from services.storage import Store

_MAX_PLACES = 50  # of a slide


@dataclass(frozen=True)
class SlidePlace:
    """A recording in which a slide is shown."""

    recording_id: str
    recording_title: str
    number: int
    start_s: float
    version: str


@dataclass(frozen=True)
class WallSlide:
    """A slide as it was shown last. `places`: the newest recordings that show it; `recordings`: their number."""

    title: str
    text: str
    width: int
    height: int
    has_picture: bool
    recordings: int
    places: Sequence[SlidePlace]


def list_page(caller: Caller, text: str, language: str, paging: Paging, store: Store) -> Page[WallSlide]:
    """List the caller's distinct slides, those of the newest recordings first. `text`: see `query.parse`. Raises NothingToFind."""
    indexing.refresh_before_search(store)
    row = RecordingSlide
    conditions = [Recording.user_id == caller.user_id, Recording.deleted_at.is_(None), *_conditions(text, language)]
    newest = func.max(Recording.created_at)
    groups = select(row.group, func.count(Recording.id.distinct())).join(Recording, Recording.id == row.recording_id)
    groups = groups.where(*conditions).group_by(row.group)
    sorted_groups = groups.order_by(newest.desc(), func.min(row.start_s), row.group)
    page = fetch_row_page(sorted_groups, paging, count_groups)
    counts = dict(page.rows)
    places = _places(caller, list(counts))
    # A recording may have been deleted since the groups were read.
    return Page([_wall_slide(group_places, count) for group, count in counts.items() if (group_places := places.get(group))], page.total)


def _conditions(text: str, language: str) -> list[ColumnElement[bool]]:
    """Return the conditions that a slide meets whose terms meet the query."""
    conditions: list[ColumnElement[bool]] = []
    if language:
        conditions.append(
            RecordingSlide.recording_id.in_(
                select(SearchDocument.recording_id).where(SearchDocument.language == marks.base_language(language))
            )
        )
    if text.strip():
        languages = [marks.base_language(language)] if language else indexing.languages()
        query = parse(text, languages)
        conditions.append(and_(*(or_(*map(_has_phrase, group)) for group in query.groups)))
    return conditions


def _has_phrase(phrase: Phrase) -> ColumnElement[bool]:
    """Terms have no `%`, `_` and spaces: they consist of letters and digits."""
    return RecordingSlide.terms.like(f"% {' '.join(phrase.terms)}{'%' if phrase.is_prefix else ' %'}")


def _places(caller: Caller, groups: Sequence[str]) -> dict[str, list[tuple[RecordingSlide, SlidePlace]]]:
    """Return the slides of these groups, the newest recordings first, in one query."""
    query = (
        select(RecordingSlide, Recording.title, SearchDocument.slides_version)
        .join(Recording, Recording.id == RecordingSlide.recording_id)
        .join(SearchDocument, SearchDocument.recording_id == Recording.id)
        .where(RecordingSlide.group.in_(groups), Recording.user_id == caller.user_id, Recording.deleted_at.is_(None))
        .order_by(Recording.created_at.desc(), Recording.id, RecordingSlide.start_s)
    )
    places_by_group: dict[str, list[tuple[RecordingSlide, SlidePlace]]] = {}
    for slide, title, version in session().execute(query) if groups else ():
        place = SlidePlace(slide.recording_id, title, slide.number, slide.start_s, version[:16])
        places_by_group.setdefault(slide.group, []).append((slide, place))
    return places_by_group


def _wall_slide(group_places: Sequence[tuple[RecordingSlide, SlidePlace]], recordings: int) -> WallSlide:
    slide = group_places[0][0]
    places = [place for _, place in group_places[:_MAX_PLACES]]
    return WallSlide(slide.title, slide.text, slide.width, slide.height, slide.has_picture, recordings, places)
