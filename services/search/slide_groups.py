"""Finds the slides of a user that are the same in several recordings."""

from __future__ import annotations

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Recording, RecordingSlide
from services.library.picture_hash import is_similar

_MIN_TEXT_SIMILARITY = 85  # percent; OCR reads the same slide a little differently in each recording


class SlideGroups:
    """Assigns the slides of a recording to the groups of its owner's other slides, or to new ones."""

    def __init__(self, session: Session, user_id: str, recording_id: str) -> None:
        self._session, self._recording_id = session, recording_id
        row = RecordingSlide
        columns = select(row.recording_id, row.number, row.picture_hash, row.group).join(Recording, Recording.id == row.recording_id)
        others = columns.where(Recording.user_id == user_id, row.recording_id != recording_id, row.picture_hash != "")
        self._known = session.execute(others.order_by(row.recording_id, row.number)).all()
        self._new: list[tuple[str, str, str]] = []

    def find(self, number: int, picture_hash: str, terms: str) -> str:
        """Return the group of a slide."""
        for known_hash, known_terms, group in self._new:
            if is_similar(known_hash, picture_hash) and _is_same_text(known_terms, terms):
                return group
        group = self._find_known(picture_hash, terms) or f"{self._recording_id}-{number}"
        self._new.append((picture_hash, terms, group))
        return group

    def _find_known(self, picture_hash: str, terms: str) -> str | None:
        for recording_id, number, known_hash, group in self._known:
            if is_similar(known_hash, picture_hash):
                slide = select(RecordingSlide.terms).where(RecordingSlide.recording_id == recording_id, RecordingSlide.number == number)
                if _is_same_text(self._session.execute(slide).scalar_one_or_none() or "", terms):
                    return str(group)
        return None


def _is_same_text(one: str, other: str) -> bool:
    return fuzz.token_sort_ratio(one, other, score_cutoff=_MIN_TEXT_SIMILARITY) > 0 or not (one.strip() or other.strip())
