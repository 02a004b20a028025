"""Finds the slides of a user that are the same in several recordings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from models import Recording, RecordingSlide
from services.library.picture_hash import bits_of, is_similar

_MIN_TEXT_SIMILARITY = 85  # percent; OCR reads the same slide a little differently in each recording
_BATCH_SIZE = 300  # slides whose terms are loaded by one statement


class _Slide(NamedTuple):
    bits: int
    terms: str
    group: str


class SlideGroups:
    """Assigns the slides of a recording to the groups of its owner's other slides, or to new ones.

    `hashes`: those of the slides that will be assigned. The words of other slides are loaded only where the pictures are similar.
    """

    def __init__(self, session: Session, user_id: str, recording_id: str, hashes: Collection[str]) -> None:
        self._recording_id = recording_id
        self._slides = _similar_slides(session, user_id, recording_id, [bits_of(each) for each in set(hashes) if each])

    def find(self, number: int, picture_hash: str, terms: str) -> str:
        """Return the group of a slide."""
        group = f"{self._recording_id}-{number}"
        if not picture_hash:
            return group
        bits = bits_of(picture_hash)
        for slide in self._slides:
            if is_similar(slide.bits, bits) and _is_same_text(slide.terms, terms):
                return slide.group
        self._slides.append(_Slide(bits, terms, group))
        return group


def _similar_slides(session: Session, user_id: str, recording_id: str, searched_bits: Sequence[int]) -> list[_Slide]:
    """Return the owner's slides in other recordings whose pictures look like one of these."""
    row = RecordingSlide
    columns = select(row.recording_id, row.number, row.picture_hash, row.group).join(Recording, Recording.id == row.recording_id)
    other_slides = columns.where(Recording.user_id == user_id, row.recording_id != recording_id, row.picture_hash != "")
    similar: dict[tuple[str, int], tuple[int, str]] = {}
    for its_recording, number, picture_hash, group in (
        session.execute(other_slides.order_by(row.recording_id, row.number)) if searched_bits else ()
    ):
        bits = bits_of(picture_hash)
        if any(is_similar(bits, each) for each in searched_bits):
            similar[its_recording, number] = bits, group
    terms: dict[tuple[str, int], str] = {}
    similar_keys = list(similar)
    for first in range(0, len(similar_keys), _BATCH_SIZE):
        batch = similar_keys[first : first + _BATCH_SIZE]
        of_batch = (row.recording_id.in_({each for each, _ in batch}), tuple_(row.recording_id, row.number).in_(batch))  # indexed; exact
        query = select(row.recording_id, row.number, row.terms).where(*of_batch)
        terms |= {(its_recording, number): text for its_recording, number, text in session.execute(query)}
    return [_Slide(bits, terms[key], group) for key, (bits, group) in similar.items() if key in terms]


def _is_same_text(one: str, other: str) -> bool:
    return fuzz.token_sort_ratio(one, other, score_cutoff=_MIN_TEXT_SIMILARITY) > 0 or not (one.strip() or other.strip())
