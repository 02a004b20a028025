"""Aligns a text with recognised words: equal words take their times, words in between are interpolated.

Words are compared without case and marks. Where a run of words differs, letters are compared, so that spellings and numbers match in part.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

import errors
from domain import Mark, Segment, Transcript, Word
from lib.text import ends_sentence
from services.transcript_text.alignment import split_words
from services.transcript_text.markup import MarkedText, Run

MIN_MATCHED_SHARE = 0.4
_WARNING_SHARE = 0.8
_MIN_UNHEARD_RUN = 25  # consecutive words that were not spoken
_MAX_SEGMENT_WORDS = 40
_S_PER_CHARACTER = 0.07
_MAX_COMPARED_WORDS = 60  # of a run; fewer than 60 wrong words in a row are the rule


@dataclass(frozen=True)
class AlignedText:
    """The transcript with the words of the text. `matched_share`: the share of these that were recognised at their place."""

    transcript: Transcript
    matched_share: float
    words: int
    warnings: tuple[str, ...]


@dataclass
class _TextWord:
    """A word of the user's text, with its time once it is aligned."""

    text: str
    runs: tuple[Run, ...]
    start_s: float = -1.0
    end_s: float = -1.0

    @property
    def is_timed(self) -> bool:
        return self.start_s >= 0


def align_text(text: MarkedText, transcript: Transcript) -> AlignedText:
    """Give the words of a text the times of a transcript. Raises TextDoesNotFit."""
    spans = list(split_words(text.text))
    runs_of_words = text.runs_of_words([(start, end) for start, end, _ in spans])
    text_words = [_TextWord(text.text[start:end], runs) for (start, end, _), runs in zip(spans, runs_of_words, strict=True)]
    recognised_words = [part for segment in transcript.segments for word in segment.words for part in _divide(word)]
    match_count = _match(text_words, recognised_words)
    share = match_count / len(text_words) if text_words else 0.0
    if share < MIN_MATCHED_SHARE:
        raise errors.TextDoesNotFit(f"Only {share:.0%} of its {len(text_words)} words were recognised in the recording.")
    warnings = tuple(_warnings(text_words, share, match_count / len(recognised_words) if recognised_words else 0.0))
    _interpolate(text_words, recognised_words[-1].end_s)
    words = [_word(each, has_space=span[2]) for each, span in zip(text_words, spans, strict=True)]
    segments = tuple(_segments([part for group in words for part in group]))
    result = replace(
        transcript, segments=segments, captions=(), flagged=(), engine=transcript.engine, warnings=(*transcript.warnings, *warnings)
    )
    return AlignedText(result, share, len(text_words), warnings)


def _divide(word: Word) -> Iterator[Word]:
    """Yield the word, or its characters in scripts without spaces."""
    spans = list(split_words(word.text))
    if len(spans) == 1:
        yield word
        return
    length = max(1, len(word.text))
    for start, end, _ in spans:
        scale = (word.end_s - word.start_s) / length
        yield replace(word, text=word.text[start:end], start_s=word.start_s + start * scale, end_s=word.start_s + end * scale)


def _match(text_words: Sequence[_TextWord], recognised_words: Sequence[Word]) -> float:
    """Give times to the words that were recognised; return their number, similar ones counting in part."""
    old, new = [_key(word.text) for word in recognised_words], [_key(each.text) for each in text_words]
    match_count = 0.0
    for is_equal, group in itertools.groupby(Levenshtein.opcodes(old, new), key=lambda block: block.tag == "equal"):
        blocks = list(group)  # several in a row differ together: a word for two others is a replacement and a deletion
        matching_words = text_words[blocks[0].dest_start : blocks[-1].dest_end]
        speech_words = recognised_words[blocks[0].src_start : blocks[-1].src_end]
        if len(matching_words) == len(speech_words):
            for each, word in zip(matching_words, speech_words, strict=True):
                each.start_s, each.end_s = word.start_s, word.end_s
        elif matching_words and speech_words:
            _share_time(matching_words, speech_words[0].start_s, max(word.end_s for word in speech_words))
        match_count += len(matching_words) * (1.0 if is_equal else _similarity(matching_words, speech_words))
    return match_count


def _similarity(text_words: Sequence[_TextWord], speech_words: Sequence[Word]) -> float:
    """Return how many letters two runs of words have in common, 0 to 1; less than half is nothing."""
    texts = ("".join(_key(word.text) for word in words[:_MAX_COMPARED_WORDS]) for words in (text_words, speech_words))
    ratio = fuzz.ratio(*texts) / 100
    return ratio if ratio >= 0.5 else 0.0


def _key(text: str) -> str:
    letters = "".join(character for character in unicodedata.normalize("NFKC", text).casefold() if character.isalnum())
    return letters or text


def _interpolate(text_words: Sequence[_TextWord], last_s: float) -> None:
    """Give the other words the pause in which they stand; without a pause, a share of the word before it."""
    at = 0
    while at < len(text_words):
        if text_words[at].is_timed:
            at += 1
            continue
        end = next((index for index in range(at, len(text_words)) if text_words[index].is_timed), len(text_words))
        run = list(text_words[at:end])
        needed_s = sum(len(each.text) for each in run) * _S_PER_CHARACTER
        following_s = text_words[end].start_s if end < len(text_words) else last_s
        if at == 0:
            _share_time(run, max(0.0, following_s - needed_s), following_s)
        else:
            before = text_words[at - 1]
            if following_s - before.end_s >= needed_s / 3:
                _share_time(run, before.end_s, min(following_s, before.end_s + needed_s))
            else:
                _share_time([before, *run], before.start_s, max(before.end_s, following_s))
        at = end


def _share_time(words: Sequence[_TextWord], start_s: float, end_s: float) -> None:
    """Give each word a part of the time, by its length."""
    total = sum(max(1, len(each.text)) for each in words) or 1
    position, duration_s = 0, max(0.0, end_s - start_s)
    for each in words:
        each.start_s = round(start_s + duration_s * position / total, 3)
        position += max(1, len(each.text))
        each.end_s = round(start_s + duration_s * position / total, 3)


def _word(word: _TextWord, *, has_space: bool) -> list[Word]:
    """Return the word, or its parts where it has several marks."""
    space = " " if has_space else ""
    if len(word.runs) < 2:
        return [Word(space + word.text, word.start_s, word.end_s, mark=word.runs[0].mark if word.runs else None)]
    parts = [_TextWord(run.text, (run,)) for run in word.runs]
    _share_time(parts, word.start_s, word.end_s)
    return [_word(part, has_space=has_space and number == 0)[0] for number, part in enumerate(parts)]


def _segments(words: Sequence[Word]) -> Iterator[Segment]:
    """Divide the words at sentences and paragraphs, and after many words."""
    group: list[Word] = []
    for word in words:
        if group and (_begins(word.mark) or ends_sentence(group[-1].text) or len(group) >= _MAX_SEGMENT_WORDS):
            yield Segment(group[0].start_s, max(each.end_s for each in group), tuple(group))
            group = []
        group.append(word)
    if group:
        yield Segment(group[0].start_s, max(each.end_s for each in group), tuple(group))


def _begins(mark: Mark | None) -> bool:
    return mark is not None and (mark.starts_paragraph or bool(mark.heading))


def _warnings(text_words: Sequence[_TextWord], share: float, recognised_share: float) -> Iterator[str]:
    if share < _WARNING_SHARE:
        yield f"Only {share:.0%} of the words of your text were recognised in the recording; check its times."
    if recognised_share < _WARNING_SHARE:
        yield f"Your text has only {recognised_share:.0%} of what was recognised in the recording; the rest is left out."
    at, longest, where = 0, 0, ""
    for index, each in enumerate(text_words):
        if each.is_timed:
            at = index + 1
        elif index + 1 - at > longest:
            longest, where = index + 1 - at, " ".join(word.text for word in text_words[at : at + 6])
    if longest >= _MIN_UNHEARD_RUN:
        yield f"{longest} words of your text in a row were not recognised, from \u201c{where}\u201d on; their times are estimated."
