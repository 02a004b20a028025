"""Edits of transcripts. An edit that changes something becomes one step of the journal; it fails if the caller names an older revision."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

import errors
from domain import Mark, TimeRange
from services.accounts import Caller
from services.transcript_text.alignment import align
from services.transcript_text.replacement import pattern_of
from services.transcript_text.words import EditableSegment, EditableWord, IdCounter
from services.transcripts import edits, glossary, segments
from services.transcripts.edits import MAX_LENGTH, MAX_WORDS, Change, Draft
from services.transcripts.errors import TooManyWords
from services.transcripts.journal import Plan

MAX_SEGMENT_LENGTH = 10_000  # characters, of an edited segment; a recognised one may be longer


@dataclass(frozen=True)
class NewWord:
    """A word that a client sends. Without an id it is a new one."""

    text: str
    start_s: float
    end_s: float
    confidence: float = 1.0
    id: int | None = None
    mark: Mark | None = None


@dataclass(frozen=True)
class NewSegment:
    """A segment that a client sends: with words, or with a text that is aligned with the segment of this id."""

    start_s: float
    end_s: float
    text: str | None = None
    words: Sequence[NewWord] = ()
    id: int | None = None


def edit_text(caller: Caller, recording_id: str, segment_id: int, text: str, revision: int | None) -> Change:
    """Give a segment another text; unchanged words keep ids and times. Raises NotFound and RevisionConflict."""

    def plan(draft: Draft) -> Plan | None:
        segment = draft.find(segment_id)
        return draft.plan("edit", [segment], [_with_text(segment, text, draft.word_ids)])

    return edits.run(caller, recording_id, revision, plan)


def replace_everywhere(
    caller: Caller,
    recording_id: str,
    find: str,
    replacement: str,
    revision: int | None,
    *,
    match_case: bool,
    whole_words: bool,
    add_to_glossary: bool = False,
) -> Change:
    """Replace a text in all segments. `add_to_glossary`: the replacement becomes a term of the owner's glossary."""
    pattern = pattern_of(find, match_case=match_case, whole_words=whole_words)

    def plan(draft: Draft) -> Plan | None:
        new_texts = _replace_all(segments.texts(draft.session, recording_id), pattern, replacement)
        before = list(segments.read_by_ids(draft.session, recording_id, list(new_texts)))
        after = [_with_text(each, new_texts[each.id], draft.word_ids) for each in before]
        return draft.plan("replace", before, after)

    def remember(session: Session, owner_id: str) -> None:
        glossary.add(session, owner_id, replacement, [find])

    return edits.run(caller, recording_id, revision, plan, also=remember if add_to_glossary else None)


def _replace_all(texts: Sequence[tuple[int, str]], pattern: re.Pattern[str], replacement: str) -> dict[int, str]:
    """Return the new texts of the segments that contain the pattern. Raises TooManyWords before the texts get too long for memory."""
    length = sum(len(text) for _, text in texts)
    new_texts = {}
    for segment_id, text in texts:
        growths = [len(replacement) - len(match[0]) for match in pattern.finditer(text)]
        growth = sum(growths)
        length += growth
        if growth > 0 and (len(text) + growth > MAX_SEGMENT_LENGTH or length > MAX_LENGTH):
            raise TooManyWords(f"The limits are {MAX_SEGMENT_LENGTH} characters in a segment and {MAX_LENGTH} in all.")
        if growths:
            new_texts[segment_id] = pattern.sub(lambda _: replacement, text)
    return new_texts


def split(caller: Caller, recording_id: str, segment_id: int, word_id: int, revision: int | None) -> Change:
    """Divide a segment before a word. Raises NotFound, and ValidationFailed for the first word."""

    def plan(draft: Draft) -> Plan | None:
        segment = draft.find(segment_id)
        index = next((index for index, word in enumerate(segment.words) if word.id == word_id), None)
        if index is None:
            raise errors.NotFound("word")
        if index == 0:
            raise errors.ValidationFailed("word_id: the second segment begins with this word, so it can't be the first one.")
        position = segments.position_of_second_part(segment, draft.find_next(segment), index / len(segment.words))
        first, second = segment.words[:index], segment.words[index:]
        boundary = min(max(second[0].start_s, segment.start_s), segment.end_s)
        parts = [
            replace(segment, end_s=min(max(first[-1].end_s, segment.start_s), boundary), words=first),
            EditableSegment(draft.segment_ids.take(), position, boundary, segment.end_s, second),
        ]
        return draft.plan("split", [segment], parts)

    return edits.run(caller, recording_id, revision, plan)


def merge(caller: Caller, recording_id: str, segment_id: int, revision: int | None) -> Change:
    """Join a segment with the next one. Raises NotFound, and Conflict for the last segment."""

    def plan(draft: Draft) -> Plan | None:
        first = draft.find(segment_id)
        second = draft.find_next(first)
        if second is None:
            raise errors.Conflict("This is the last segment.", hint="Merge the segment before it instead.")
        if len(first.text) + len(second.text) > MAX_SEGMENT_LENGTH:
            raise TooManyWords(f"A segment has at most {MAX_SEGMENT_LENGTH} characters.")
        words = (*first.words, *_separate(second.words, like=first.words))
        new_segment = replace(first, start_s=min(first.start_s, second.start_s), end_s=max(first.end_s, second.end_s), words=words)
        return draft.plan("merge", [first, second], [new_segment])

    return edits.run(caller, recording_id, revision, plan)


def replace_all(caller: Caller, recording_id: str, new_segments: Sequence[NewSegment], revision: int | None) -> Change:
    """Store a whole transcript. Words and segments with ids of the current one keep them. Raises ValidationFailed and TooManyWords."""

    def plan(draft: Draft) -> Plan | None:
        before = list(segments.read(draft.session, recording_id))
        return draft.plan("replace_all", before, _Assembly(draft, before).assemble(new_segments))

    return edits.run(caller, recording_id, revision, plan)


def undo(caller: Caller, recording_id: str, revision: int | None) -> Change:
    """Undo the newest edit. Raises NothingToUndo."""
    return edits.run(caller, recording_id, revision, Draft.plan_undo)


def redo(caller: Caller, recording_id: str, revision: int | None) -> Change:
    """Repeat the edit that was undone last. Raises NothingToRedo."""
    return edits.run(caller, recording_id, revision, Draft.plan_redo)


def _with_text(segment: EditableSegment, text: str, ids: IdCounter) -> EditableSegment:
    return replace(segment, words=align(segment.words, text, TimeRange(segment.start_s, segment.end_s), ids))


def _separate(words: Sequence[EditableWord], like: Sequence[EditableWord]) -> Sequence[EditableWord]:
    """Separate the first word from the words before it if these are separated from each other by spaces."""
    uses_spaces = any(word.text[:1].isspace() for word in (*like[1:], *words[1:])) or not (like[1:] or words[1:])
    if not words or not like or not uses_spaces or words[0].text[:1].isspace():
        return words
    return [replace(words[0], text=f" {words[0].text}"), *words[1:]]


class _Assembly:
    """Builds the segments of a whole transcript that a client sent."""

    def __init__(self, draft: Draft, before: Sequence[EditableSegment]) -> None:
        self._draft = draft
        self._segments = {segment.id: segment for segment in before}
        self._free_segment_ids = set(self._segments)
        self._free_word_ids = {word.id for segment in before for word in segment.words}
        self._duration_s = draft.duration_s

    def assemble(self, new_segments: Sequence[NewSegment]) -> list[EditableSegment]:
        result: list[EditableSegment] = []
        words = 0
        for number, new in enumerate(new_segments, 1):
            self._check_times(new, f"segments.{number - 1}", result[-1].start_s if result else 0.0)
            segment = self._segment(new, float(number))
            words += len(segment.words)
            if words > MAX_WORDS:
                raise TooManyWords(f"The limit is {MAX_WORDS} words.")
            result.append(segment)
        return result

    def _check_times(self, new: NewSegment, path: str, earliest_s: float) -> None:
        """Segments and words are in order of their starts. Ends may exceed the recording by a second, as those of subtitles do."""
        latest_s = self._duration_s + 1.0
        if not earliest_s <= new.start_s <= new.end_s <= latest_s:
            raise errors.ValidationFailed(f"{path}: times rise from segment to segment, and end at {latest_s:.1f} s at the latest.")
        start_s = 0.0
        for word in new.words:
            if not start_s <= word.start_s <= word.end_s <= latest_s:
                raise errors.ValidationFailed(f"{path}.words: times rise from word to word, and end at {latest_s:.1f} s at the latest.")
            start_s = word.start_s

    def _segment(self, new: NewSegment, position: float) -> EditableSegment:
        old = self._segments[new.id] if new.id in self._free_segment_ids else None
        self._free_segment_ids.discard(new.id or 0)
        segment_id = old.id if old else self._draft.segment_ids.take()
        if new.text is None:
            words = tuple(self._word(word) for word in new.words)
        else:
            known_words = [word for word in old.words if word.id in self._free_word_ids] if old else []
            words = align(known_words, new.text, TimeRange(new.start_s, new.end_s), self._draft.word_ids)
            self._free_word_ids -= {word.id for word in words}
        return EditableSegment(segment_id, position, new.start_s, new.end_s, words)

    def _word(self, new: NewWord) -> EditableWord:
        is_known = new.id in self._free_word_ids
        self._free_word_ids.discard(new.id or 0)
        word_id = new.id if is_known and new.id is not None else self._draft.word_ids.take()
        return EditableWord(new.text, new.start_s, new.end_s, new.confidence, new.mark, id=word_id)
