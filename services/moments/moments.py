"""Finds moments of recordings and cites them. Times are seconds of the recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

import errors
from database import end_read, session
from lib.media_time import format_clock
from lib.text import clean_text, ends_sentence
from models import Recording, TranscriptSegment
from services.accounts import Caller
from services.citations import Citation, find_moment, moment_code, parse_moment
from services.citations.moments import words_from
from services.library import recording_facts, slides, videos
from services.storage import Store

MAX_QUOTE_CHARS = 600
_MAX_QUOTED_WORDS = 40
_NEARBY_S = 120.0
_MAX_SEGMENTS = 5000
_FAR_S = 1800.0  # a link does not follow words that have moved by more


@dataclass(frozen=True)
class CitedMoment:
    """A citation and the time that it leads to."""

    citation: Citation
    time_s: float


def find_target(short_code: str, code: str, viewer: Caller | None, store: Store) -> tuple[str, float]:
    """Return the id of the recording that a link leads to, and the time of the words of the moment.

    For who may not watch the recording it is the time that the link names. Raises NotFound.
    """
    recording = session().execute(select(Recording).where(Recording.short_code == short_code.lower())).scalar_one_or_none()
    moment = parse_moment(code) if code else None
    if recording is None or recording.deleted_at is not None or (code and moment is None):
        raise errors.NotFound("moment")
    if moment is None or not moment.fingerprint or not videos.may_watch(viewer, recording):
        return recording.id, moment.time_s if moment else 0.0
    recording_id = recording.id
    offset_s = slides.index_of(recording_id, store).source_offset_s
    nearby = _words(recording_id, offset_s, moment.time_s - _NEARBY_S, moment.time_s + _NEARBY_S)
    time_s = find_moment(moment, nearby)
    if time_s is None:
        time_s = find_moment(moment, _words(recording_id, offset_s, moment.time_s - _FAR_S, moment.time_s + _FAR_S))
    return recording_id, moment.time_s if time_s is None else time_s


def cite(viewer: Caller | None, recording_id: str, time_s: float, quote: str, server_url: str, store: Store) -> CitedMoment:
    """Return the citation of a time of a recording that the viewer may watch, which begins at a word where there is speech.

    `quote`: the words to quote; "" for the sentence at that time. `server_url`: the beginning of the link. Raises NotFound.
    """
    recording = videos.get_viewable(viewer, recording_id)
    time_s = min(time_s, recording.duration_s)
    facts = recording_facts.facts_of(session(), recording)
    title, short_code, language = recording.title, recording.short_code, recording.language
    date = recording.created_at.date().isoformat()
    index = slides.index_of(recording_id, store)
    nearby = _words(recording_id, index.source_offset_s, time_s - _NEARBY_S, time_s + _NEARBY_S)
    words = words_from(nearby, time_s)
    if words and words[0][0] - time_s < _NEARBY_S / 4:
        time_s = words[0][0]
    code = moment_code(time_s, [text for _, text in words[:12]])
    citation = Citation(
        title=title,
        clock=format_clock(time_s),
        url=f"{server_url}/m/{short_code}/{code}",
        **facts,
        date=date,
        slide=index.number_at(time_s),
        quote=clean_text(quote)[:MAX_QUOTE_CHARS] or _sentence(nearby, len(nearby) - len(words)),
        language=language or "en",
    )
    return CitedMoment(citation, time_s)


def _words(recording_id: str, offset_s: float, start_s: float, end_s: float) -> Sequence[tuple[float, str]]:
    """Return (start, text) of the words of the current transcript that are in the segments of a span of time."""
    query = select(TranscriptSegment.words).where(TranscriptSegment.recording_id == recording_id)
    query = query.where(TranscriptSegment.end_s >= start_s - offset_s, TranscriptSegment.start_s <= end_s - offset_s)
    query = query.order_by(TranscriptSegment.position, TranscriptSegment.id).limit(_MAX_SEGMENTS)
    rows = session().execute(query).scalars().all()
    end_read()
    return [(offset_s + values[2], values[1]) for words in rows for values in words]


def _sentence(words: Sequence[tuple[float, str]], at: int) -> str:
    """Return the sentence that the word with this index is in, at most forty words on either side of it."""
    if at >= len(words):
        return ""
    first, last = at, at
    while first > max(0, at - _MAX_QUOTED_WORDS) and not ends_sentence(words[first - 1][1]):
        first -= 1
    while last < min(len(words) - 1, at + _MAX_QUOTED_WORDS) and not ends_sentence(words[last][1]):
        last += 1
    sentence = clean_text("".join(text for _, text in words[first : last + 1]))
    return sentence if ends_sentence(words[last][1]) else f"{sentence}…"
