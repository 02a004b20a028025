"""Compares two versions of a transcript by the ids of their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain import Mark, Segment
from services.transcript_text.words import EditableSegment, EditableWord, text_of, to_word


@dataclass(frozen=True)
class Difference:
    """Words of the older text that became others; either may be empty. `index`: the place of the new words in the newer text."""

    before: tuple[EditableWord, ...]
    after: tuple[EditableWord, ...]
    index: int

    @property
    def start_s(self) -> float:
        return (self.before or self.after)[0].start_s

    @property
    def end_s(self) -> float:
        return max(word.end_s for word in (*self.before, *self.after))


def differences(before: Sequence[EditableWord], after: Sequence[EditableWord]) -> Iterator[Difference]:
    """Yield what differs, in order. A word with the same id, text and layout is unchanged."""
    place = {word.id: index for index, word in enumerate(before)}
    old_at = new_at = 0
    for index, word in enumerate(after):
        old_index = place.get(word.id, -1)
        if old_index >= old_at:
            if old_index > old_at or index > new_at:
                yield Difference(tuple(before[old_at:old_index]), tuple(after[new_at:index]), new_at)
            if not _is_same(before[old_index], word):
                yield Difference((before[old_index],), (word,), index)
            old_at, new_at = old_index + 1, index + 1
    if old_at < len(before) or new_at < len(after):
        yield Difference(tuple(before[old_at:]), tuple(after[new_at:]), new_at)


def with_tracked_changes(before: Sequence[EditableSegment], after: Sequence[EditableSegment]) -> Iterator[Segment]:
    """Yield the later segments, whose words are marked with what was inserted and deleted since the earlier text."""
    words = [word for segment in after for word in segment.words]
    marks: dict[int, Mark] = {}
    for each in differences([word for segment in before for word in segment.words], words):
        if text_of(each.before) == text_of(each.after):
            continue  # only the layout differs
        for number in range(each.index, each.index + len(each.after)):
            marks[number] = replace(words[number].mark or Mark(), is_inserted=True)
        deleted_text = "".join(word.text for word in each.before)
        is_last = each.index == len(words)
        at = each.index - is_last
        if deleted_text and words:
            mark = marks.get(at) or words[at].mark or Mark()
            marks[at] = replace(mark, deleted_after=deleted_text) if is_last else replace(mark, deleted_before=deleted_text)
    number = 0
    for segment in after:
        words_here = enumerate(map(to_word, segment.words), number)
        marked_words = tuple(word if at not in marks else replace(word, mark=marks[at]) for at, word in words_here)
        yield Segment(segment.start_s, segment.end_s, marked_words)
        number += len(segment.words)


def _is_same(before: EditableWord, after: EditableWord) -> bool:
    return before.text.strip() == after.text.strip() and (before.mark or Mark()) == (after.mark or Mark())
