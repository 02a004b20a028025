"""One chunk of sound to guarded segments: silence taken out, recognised, checked, and what was passed over heard again."""

from __future__ import annotations

from collections.abc import Sequence

from domain import Segment, Word
from services.speech_to_text.hallucination_filter import in_order, is_plausible, without_loops
from services.speech_to_text.port import SAMPLE_RATE, Phrase, ProgressCallback, Samples, SpeechEngine
from services.speech_to_text.vad import Condensed, Span, unheard, with_margins

_WORTH_HEARING_AGAIN_S = 2.5
_MARGIN = SAMPLE_RATE // 4


def recognise_chunk(
    engine: SpeechEngine, sound: Samples, speech: Sequence[Span], start_s: float, language: str, heard: ProgressCallback
) -> list[Segment]:
    """The segments of a chunk that begins at `start_s` of the recording; `speech` and `sound` are on the chunk's clock."""
    if not speech:
        return []
    phrases = _believed(engine, sound, speech, with_margins(speech, len(sound)), language, heard)
    # Whisper skips to its last time mark and can pass over sentences; what the voice detector heard and no word covers is asked for again.
    for start, end in unheard(speech, [word for phrase in phrases for word in phrase.words], _WORTH_HEARING_AGAIN_S):
        around = (max(0, start - _MARGIN), min(len(sound), end + _MARGIN))
        found = _believed(engine, sound, speech, [around], language, lambda _: None)
        phrases += [kept for phrase in found if (kept := _between(phrase, start / SAMPLE_RATE, end / SAMPLE_RATE))]
    phrases = without_loops(sorted(phrases, key=lambda phrase: phrase.start_s))
    segments = [
        Segment(phrase.start_s + start_s, phrase.end_s + start_s, tuple(_shifted(word, start_s) for word in phrase.words))
        for phrase in phrases
    ]
    return in_order(segments, start_s, start_s + len(sound) / SAMPLE_RATE)


def _believed(
    engine: SpeechEngine, sound: Samples, speech: Sequence[Span], spans: Sequence[Span], language: str, heard: ProgressCallback
) -> list[Phrase]:
    condensed = Condensed.of(sound, spans)
    phrases = []
    for phrase in engine.recognise(condensed.sound, language, heard):
        words = tuple(condensed.restored(word) for word in phrase.words)
        phrases.append(Phrase(words, phrase.silence_probability, phrase.log_probability, phrase.compression))
    return [phrase for phrase in phrases if is_plausible(phrase, speech)]


def _between(phrase: Phrase, start_s: float, end_s: float) -> Phrase | None:
    """The phrase without the words of its neighbours that the margin let in."""
    words = tuple(word for word in phrase.words if start_s - 0.2 <= (word.start_s + word.end_s) / 2 <= end_s + 0.2)
    return Phrase(words, phrase.silence_probability, phrase.log_probability, phrase.compression) if words else None


def _shifted(word: Word, by_s: float) -> Word:
    return Word(word.text, word.start_s + by_s, word.end_s + by_s, word.probability)
