"""Detect which languages are spoken in a recording, and where each is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain import Word
from services.speech_to_text.hallucination_filter import MAX_COMPRESSION_RATIO
from services.speech_to_text.phrase_languages import normalise
from services.speech_to_text.port import SAMPLE_RATE_HZ, Samples, SpeechEngine, SpeechLanguage
from services.speech_to_text.vad import CondensedAudio, Span, speech_spans

_WINDOW_SAMPLES = 30 * SAMPLE_RATE_HZ
_MIN_CANDIDATE_PROBABILITY = 0.7  # in one window
_CLEAR_PROBABILITY = 0.8  # of the best language; below, the likeliest ones are tried
_MIN_RIVAL_SHARE = 0.1  # of the best language's probability
_MAX_RIVALS = 2
_MAX_RIVALS_IN_LITTLE_SPEECH = 6  # a second of it takes half a second to try
_PRIOR_WEIGHT = 0.1  # of the logarithm of a language's probability, beside the mean log probability of a token of its text
_CLEAR_MARGIN = 0.3  # of probability

_CLEAR_WINDOW_PROBABILITY = 0.9  # of a window that holds one language; one with both seldom reaches it
_CUT_MARGINS = tuple(round(margin_s * SAMPLE_RATE_HZ) for margin_s in (0.0, 0.1, 0.2))  # around little speech
_WIDEST_MARGIN = SAMPLE_RATE_HZ // 2
_SILENCE_AFTER = 12 * SAMPLE_RATE_HZ
_RUN_WINDOW_SAMPLES = 15 * SAMPLE_RATE_HZ
_PHRASE_SAMPLES = 3 * SAMPLE_RATE_HZ
_MIN_SURROUNDING_SAMPLES = 5 * SAMPLE_RATE_HZ
_SWITCH_COST = 4.0  # a change must make the windows e**4 times as likely
_MIN_PROBABILITY = 1e-3
_MIN_DETECTED_PROBABILITY = 0.3  # of a window's likeliest candidate; below, detection favours a language that nobody speaks
_MIN_WORD_PROBABILITY = 0.05
_TEXT_WEIGHT = 3.0  # of the mean log probability of a phrase's words


@dataclass(frozen=True)
class LanguageRun:
    """Speech in one language, within [start, end) of a chunk, in samples. The bounds lie in pauses."""

    language: str
    speech: tuple[Span, ...]
    start: int
    end: int


def decide_language(
    engine: SpeechEngine, windows: Sequence[Samples], probabilities: Sequence[Mapping[str, float]], *, max_rivals: int = _MAX_RIVALS
) -> SpeechLanguage:
    """Return the language of windows of condensed speech, of at most 30 s each, with the `probabilities` that the engine gave them.

    If no language is clear, the likeliest one and at most `max_rivals` others are tried on the longest window: a text in the wrong
    language has less probable words.
    """
    total = sum(map(len, windows))
    means: dict[str, float] = {}
    for window, by_language in zip(windows, probabilities, strict=True):
        for language, probability in by_language.items():
            means[language] = means.get(language, 0.0) + probability * len(window) / total
    ranking = sorted(means, key=lambda language: -means[language])
    leaders = [max(by_language, key=lambda language: by_language[language]) for by_language in probabilities]
    confident = {
        leader for leader, by_language in zip(leaders, probabilities, strict=True) if by_language[leader] >= _MIN_CANDIDATE_PROBABILITY
    }
    if len(confident) > 1:
        candidates = tuple(language for language in ranking if language in confident)
        return SpeechLanguage(candidates[0], round(means[candidates[0]], 3), candidates)
    best, margin = ranking[0], means[ranking[0]] - means.get(ranking[1] if len(ranking) > 1 else "", 0.0)
    runner_up = ranking[1] if len(ranking) > 1 and margin < _CLEAR_MARGIN else ""
    if means[best] < _CLEAR_PROBABILITY:
        rivals = [language for language in ranking[1 : max_rivals + 1] if means[language] >= _MIN_RIVAL_SHARE * means[best]]
        best_by_text = _most_probable_text(engine, max(windows, key=len), {language: means[language] for language in (best, *rivals)})
        if best_by_text != best:
            best, runner_up = best_by_text, best
    return SpeechLanguage(best, round(means[best], 3), (best,), runner_up)


def decide_little_speech(engine: SpeechEngine, audio: Samples, speech: Sequence[Span]) -> SpeechLanguage:
    """Return the language of a few seconds of speech.

    Detection of one or two seconds depends on a tenth of a second of silence around them ("Bonjour" as French 0.89 or Polish 0.88), so
    the probabilities are means over several cuts of the same speech.
    """
    cuts = _cuts(audio, speech)
    probabilities = [engine.language_probabilities(cut) for cut in cuts]
    languages = dict.fromkeys(language for each in probabilities for language in each)
    means = {language: sum(each.get(language, 0.0) for each in probabilities) / len(probabilities) for language in languages}
    return decide_language(engine, [cuts[-1]], [means], max_rivals=_MAX_RIVALS_IN_LITTLE_SPEECH)


def _cuts(audio: Samples, speech: Sequence[Span]) -> list[Samples]:
    """Return the speech without pauses, with margins of several lengths, and last with its pauses."""
    start, end = max(0, speech[0][0] - _WIDEST_MARGIN), min(len(audio), speech[-1][1] + _WIDEST_MARGIN)
    cuts = []
    for margin in _CUT_MARGINS:
        edges = [start, *((before[1] + after[0]) // 2 for before, after in itertools.pairwise(speech)), end]
        spans = [(max(first - margin, edges[at]), min(last + margin, edges[at + 1])) for at, (first, last) in enumerate(speech)]
        cuts.append(CondensedAudio.of(audio, spans).audio[:_WINDOW_SAMPLES])
    return [*cuts, audio[start : min(end + _SILENCE_AFTER, len(audio))][:_WINDOW_SAMPLES]]


def _most_probable_text(engine: SpeechEngine, window: Samples, probabilities: Mapping[str, float]) -> str:
    if len(probabilities) == 1:
        return next(iter(probabilities))

    def score(language: str) -> float:
        segments = engine.transcribe(window, language, lambda _: None)
        duration_s = sum(max(segment.end_s - segment.start_s, 0.01) for segment in segments)
        if not segments:
            return -math.inf
        mean = sum(segment.mean_log_probability * max(segment.end_s - segment.start_s, 0.01) for segment in segments) / duration_s
        return mean + _PRIOR_WEIGHT * math.log(max(probabilities[language], _MIN_PROBABILITY))

    return max(probabilities, key=score)


@dataclass(frozen=True)
class Surroundings:
    """Speech just before a chunk, of up to 15 s without pauses, and just after it, of up to 30 s; empty where there is none."""

    before: Samples
    after: Samples

    @classmethod
    def none(cls) -> Surroundings:
        return cls(np.zeros(0, np.float32), np.zeros(0, np.float32))


def speech_around(before: Samples, after: Samples) -> Surroundings:
    """Return the speech of the sound on both sides of a chunk, as far as it is next to the chunk."""
    last, first = CondensedAudio.of(before, speech_spans(before)).audio, CondensedAudio.of(after, speech_spans(after)).audio
    return Surroundings(last[-_RUN_WINDOW_SAMPLES:], first[: 2 * _RUN_WINDOW_SAMPLES])


def language_runs(
    engine: SpeechEngine, audio: Samples, speech: Sequence[Span], languages: Sequence[str], surroundings: Surroundings | None = None
) -> list[LanguageRun]:
    """Return the passages of a chunk in time order, each in one of `languages`. Neighbouring passages differ in language.

    `surroundings` tell in which language the recording goes on, where a change shortly before the chunk's end is hard to hear.
    """
    if len(languages) == 1:
        return [LanguageRun(languages[0], tuple(speech), 0, len(audio))]
    windows = _group(speech, _RUN_WINDOW_SAMPLES)
    window_probabilities = [engine.language_probabilities(CondensedAudio.of(audio, window).audio[:_WINDOW_SAMPLES]) for window in windows]
    probabilities = [normalise(each, languages) for each in window_probabilities]
    before, after = _probabilities_around(engine, surroundings or Surroundings.none(), languages)
    window_languages = _most_probable_path([*before, *probabilities, *after], languages)
    phrases: list[tuple[Span, ...]] = []
    phrase_probabilities: list[dict[str, float]] = []
    for index, window in enumerate(windows):
        place = index + len(before)
        is_clear = len(windows) > 1 and window_probabilities[index].get(window_languages[place], 0.0) >= _CLEAR_WINDOW_PROBABILITY
        if is_clear and len(set(window_languages[max(0, place - 1) : place + 2])) == 1:
            phrases.append(window)
            phrase_probabilities.append(probabilities[index])
        else:  # a window at a change may hold both languages
            parts = _group(window, _PHRASE_SAMPLES)
            phrases += parts
            is_undecided = max(window_probabilities[index].get(language, 0.0) for language in languages) < _MIN_DETECTED_PROBABILITY
            phrase_probabilities += (
                _text_probabilities(engine, audio, window, parts, languages)
                if is_undecided  # such as speech of a very low bit rate: the detection of phrases would be worse still
                else [
                    engine.phrase_language_probabilities(CondensedAudio.of(audio, part).audio[:_WINDOW_SAMPLES], languages)
                    for part in parts
                ]
            )
    path = _most_probable_path([*before, *phrase_probabilities, *after], languages)
    return _join(phrases, path[len(before) : len(before) + len(phrases)], len(audio))


def _probabilities_around(
    engine: SpeechEngine, surroundings: Surroundings, languages: Sequence[str]
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Return the probabilities of the speech before the chunk and after it; an empty list where there is too little."""
    before, after = (
        [
            normalise(engine.language_probabilities(audio[at : at + _RUN_WINDOW_SAMPLES]), languages)
            for at in range(0, len(audio) - _MIN_SURROUNDING_SAMPLES + 1, _RUN_WINDOW_SAMPLES)
        ]
        for audio in (surroundings.before, surroundings.after)
    )
    return before, after


def _group(speech: Sequence[Span], max_samples: int) -> list[tuple[Span, ...]]:
    """Join neighbouring spans to groups with at most `max_samples` of speech, or of one longer span."""
    groups: list[list[Span]] = []
    for span in speech:
        if groups and sum(end - start for start, end in (*groups[-1], span)) <= max_samples:
            groups[-1].append(span)
        else:
            groups.append([span])
    return [tuple(group) for group in groups]


def _text_probabilities(
    engine: SpeechEngine, audio: Samples, window: Sequence[Span], phrases: Sequence[Sequence[Span]], languages: Sequence[str]
) -> list[dict[str, float]]:
    """Return the probabilities of `languages` for each phrase of a window, by how probable its words are in each language.

    That tells languages of short phrases apart better than the engine's language detection, but takes a transcription in each.
    """
    condensed_audio = CondensedAudio.of(audio, window)
    scores: list[dict[str, float]] = [{} for _ in phrases]
    for language in languages:
        segments = engine.transcribe(condensed_audio.audio, language, lambda _: None)
        words = [
            condensed_audio.to_original_clock(word, window)
            for segment in segments
            if segment.compression_ratio <= MAX_COMPRESSION_RATIO  # the words of a loop are probable
            for word in segment.words
        ]
        for phrase, phrase_scores in zip(phrases, scores, strict=True):
            phrase_scores[language] = math.exp(_TEXT_WEIGHT * _mean_log_probability(words, phrase[0][0], phrase[-1][1]))
    return [{language: score / sum(each.values()) for language, score in each.items()} for each in scores]


def _mean_log_probability(words: Sequence[Word], start: int, end: int) -> float:
    """Return the mean over the words whose middle lies between two samples; that of very improbable words if there is none."""
    window_words = [word for word in words if start <= (word.start_s + word.end_s) / 2 * SAMPLE_RATE_HZ <= end]
    logs = [math.log(max(word.probability, _MIN_WORD_PROBABILITY)) for word in window_words]
    return sum(logs) / len(logs) if logs else math.log(_MIN_WORD_PROBABILITY)


def _most_probable_path(windows: Sequence[Mapping[str, float]], languages: Sequence[str]) -> list[str]:
    """Return a language for each window: the Viterbi path with a cost for each change (Forney, The Viterbi Algorithm, 1973)."""
    scores = dict.fromkeys(languages, 0.0)
    previous: list[dict[str, str]] = []
    for probabilities in windows:
        best = max(scores, key=lambda language: scores[language])
        origin = {language: language if scores[language] >= scores[best] - _SWITCH_COST else best for language in languages}
        scores = {
            language: scores[origin[language]]
            - _SWITCH_COST * (origin[language] != language)
            + math.log(max(probabilities[language], _MIN_PROBABILITY))
            for language in languages
        }
        previous.append(origin)
    path = [max(scores, key=lambda language: scores[language])]
    for origin in reversed(previous[1:]):
        path.append(origin[path[-1]])
    return path[::-1]


def _join(windows: Sequence[Sequence[Span]], languages: Sequence[str], length: int) -> list[LanguageRun]:
    runs: list[tuple[str, list[Span]]] = []
    for window, language in zip(windows, languages, strict=True):
        if runs and runs[-1][0] == language:
            runs[-1][1].extend(window)
        else:
            runs.append((language, list(window)))
    bounds = [0, *((before[-1][1] + after[0][0]) // 2 for (_, before), (_, after) in itertools.pairwise(runs)), length]
    return [LanguageRun(language, tuple(spans), bounds[index], bounds[index + 1]) for index, (language, spans) in enumerate(runs)]
