"""Read the responses of transcription APIs, whose shapes differ: times of words, times of segments only, or only a text."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

import errors
from domain import TimeRange, Word
from services.speech_to_text.estimated_times import spread, voiced_ranges
from services.speech_to_text.languages import code_of
from services.speech_to_text.port import RecognizedSegment
from services.speech_to_text.vad import Span

_MIN_WORD_S = 0.01
_SLACK_S = 0.1


@dataclass(frozen=True)
class HostedTranscript:
    """Segments on the clock of the sound that was sent. `language` is "" where the API does not tell it.

    `has_times`: the API gave times; otherwise they are estimated from the spans of speech.
    """

    segments: list[RecognizedSegment]
    language: str
    has_times: bool


class _TimedWord(BaseModel):
    word: str
    start: float
    end: float


class _TimedSegment(BaseModel):
    text: str
    start: float
    end: float
    no_speech_prob: float = 0.0
    avg_logprob: float = 0.0
    compression_ratio: float | None = None


class _TranscriptionResponse(BaseModel):
    model_config = ConfigDict(extra="ignore")

    text: str
    language: str | None = None
    segments: list[_TimedSegment] | None = None
    words: list[_TimedWord] | None = None


@dataclass
class _WordQueue:
    """The words of a response, which are handed out in order."""

    words: Sequence[_TimedWord]
    at: int = field(default=0)

    def before(self, end_s: float) -> list[_TimedWord]:
        """Return the next words whose middle is before `end_s`."""
        start = self.at
        while self.at < len(self.words) and (self.words[self.at].start + self.words[self.at].end) / 2 < end_s:
            self.at += 1
        return list(self.words[start : self.at])


def read_response(plain: dict[str, Any], speech: Sequence[Span], duration_s: float) -> HostedTranscript:
    """Return the segments of the response to a sound of `duration_s`, whose speech is in the spans. Raises ProviderDown."""
    try:
        response = _TranscriptionResponse.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise errors.ProviderDown(f"The answer of the speech recognition API is malformed ({where}: {first['msg']}).") from None
    language = code_of(response.language or "")
    text = response.text.strip()
    if response.segments:
        queue = _WordQueue(sorted(response.words or (), key=lambda word: word.start))
        segments = [_segment(segment, queue, is_last=segment is response.segments[-1]) for segment in response.segments]
        return HostedTranscript([each for each in segments if each.words], language, True)
    if response.words:
        words = _punctuate(text, response.words) or _plain_words(response.words)
        return HostedTranscript([_as_segment(words)], language, True)
    if not text:
        return HostedTranscript([], language, True)
    return HostedTranscript([_as_segment(spread(text, voiced_ranges(speech, duration_s)))], language, False)


def _segment(segment: _TimedSegment, queue: _WordQueue, *, is_last: bool) -> RecognizedSegment:
    timed_words = queue.before(math.inf if is_last else segment.end + _SLACK_S)
    text = segment.text.strip()
    words = (_punctuate(text, timed_words) if timed_words else None) or spread(
        text, [TimeRange(segment.start, max(segment.end, segment.start))]
    )
    probability = min(1.0, math.exp(min(0.0, segment.avg_logprob)))
    return RecognizedSegment(
        tuple(Word(word.text, word.start_s, word.end_s, probability) for word in words),
        segment.no_speech_prob,
        segment.avg_logprob,
        segment.compression_ratio if segment.compression_ratio is not None else _compression_ratio(text),
    )


def _as_segment(words: Sequence[Word]) -> RecognizedSegment:
    return RecognizedSegment(tuple(words), 0.0, 0.0, _compression_ratio("".join(word.text for word in words)))


def _compression_ratio(text: str) -> float:
    data = text.encode() or b" "
    return len(data) / len(zlib.compress(data))


def _punctuate(text: str, timed_words: Sequence[_TimedWord]) -> list[Word] | None:
    """Give the words, which have no punctuation, what stands around them in the text; None if the text has other words."""
    result: list[Word] = []
    at, lower_text = 0, text.lower()
    for word in timed_words:
        bare_word = word.word.strip()
        position = lower_text.find(bare_word.lower(), at)
        if not bare_word or position < 0 or any(character.isalnum() for character in text[at:position]):
            return None
        end = position + len(bare_word)
        while end < len(text) and not text[end].isspace() and not text[end].isalnum():
            end += 1
        result.append(Word((" " if not result else "") + text[at:end], word.start, max(word.end, word.start + _MIN_WORD_S)))
        at = end
    return None if any(character.isalnum() for character in text[at:]) else result


def _plain_words(timed_words: Sequence[_TimedWord]) -> list[Word]:
    return [Word(f" {word.word.strip()}", word.start, max(word.end, word.start + _MIN_WORD_S)) for word in timed_words if word.word.strip()]
