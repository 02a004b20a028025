"""Windows of speech: how they are cut, and which are transcribed again."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence

import numpy as np

from domain import Word
from services.speech_to_text.chunk_transcriber import transcribe_chunk
from services.speech_to_text.port import SAMPLE_RATE_HZ, RecognizedSegment, Samples
from services.speech_to_text.vad import Span
from services.speech_to_text.windows import split_into_windows

_WINDOW = 10 * SAMPLE_RATE_HZ


def samples(*seconds: tuple[float, float]) -> list[Span]:
    return [(int(start * SAMPLE_RATE_HZ), int(end * SAMPLE_RATE_HZ)) for start, end in seconds]


def sound(length_s: float) -> Samples:
    return np.full(int(length_s * SAMPLE_RATE_HZ), 0.5, np.float32)


def test_windows_hold_all_speech_once_and_are_as_full_as_pauses_allow() -> None:
    speech = samples(*((start, start + 2.5) for start in range(0, 60, 3)))
    windows = split_into_windows(sound(60), speech, 0, 60 * SAMPLE_RATE_HZ, _WINDOW)
    assert [span for window in windows for span in window.speech] == speech
    assert [len(window.speech) for window in windows] == [3] * 6 + [2]
    assert all(len(window.condensed_audio.audio) <= _WINDOW for window in windows)
    edges = [(window.condensed_audio.spans[0][0], window.condensed_audio.spans[-1][1]) for window in windows]
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(edges))


def test_a_window_ends_at_a_much_longer_pause_even_if_it_is_less_full() -> None:
    windows = split_into_windows(sound(14), samples((0, 3), (3.3, 6), (7, 8.5), (8.8, 12)), 0, 14 * SAMPLE_RATE_HZ, _WINDOW)
    assert [len(window.speech) for window in windows] == [2, 2]


def test_speech_without_pauses_is_cut_where_it_is_quietest() -> None:
    audio = sound(15)
    audio[int(8.2 * SAMPLE_RATE_HZ) : int(8.4 * SAMPLE_RATE_HZ)] = 0.01
    first, second = split_into_windows(audio, samples((0, 15)), 0, len(audio), _WINDOW)
    assert 8.2 * SAMPLE_RATE_HZ <= first.speech[0][1] == second.speech[0][0] <= 8.4 * SAMPLE_RATE_HZ


@dataclasses.dataclass
class BatchEngine:
    """Returns a word per second; in batches only those of the first `heard_s`, with the given confidences."""

    heard_s: float = 60.0
    mean_log_probability: float = -0.2
    compression_ratio: float = 1.5
    text: str = " batch"
    alone: list[float] = dataclasses.field(default_factory=list)
    name: str = "batches"
    max_window_samples: int = _WINDOW

    def language_probabilities(self, audio: Samples) -> dict[str, float]:
        return {"en": 1.0}

    def phrase_language_probabilities(self, audio: Samples, languages: Sequence[str]) -> dict[str, float]:
        return self.language_probabilities(audio)

    def transcribe(self, audio: Samples, language: str, on_progress: Callable[[float], None]) -> list[RecognizedSegment]:
        self.alone.append(len(audio) / SAMPLE_RATE_HZ)
        return [RecognizedSegment(self._words(" alone", len(audio) / SAMPLE_RATE_HZ), 0.0, -0.2, 1.5)]

    def transcribe_windows(self, windows: Sequence[Samples], language: str) -> list[list[RecognizedSegment]]:
        return [
            [
                RecognizedSegment(
                    self._words(self.text, min(len(window) / SAMPLE_RATE_HZ, self.heard_s)),
                    0.0,
                    self.mean_log_probability,
                    self.compression_ratio,
                )
            ]
            for window in windows
        ]

    @staticmethod
    def _words(text: str, length_s: float) -> tuple[Word, ...]:
        return tuple(Word(text, at, min(at + 0.9, length_s)) for at in range(int(length_s)))


def transcribe(engine: BatchEngine) -> list[str]:
    speech = samples((0, 9), (10, 18.5))
    result = transcribe_chunk(engine, sound(19), speech, 0.0, ["en"], lambda _: None)
    assert result.speech_s_by_language == {"en": 17.5}
    return [word.text.strip() for segment in result.segments for word in segment.words]


def test_good_windows_are_transcribed_once() -> None:
    engine = BatchEngine()
    assert set(transcribe(engine)) == {"batch"}
    assert engine.alone == []


def test_a_window_whose_words_end_before_its_speech_is_transcribed_alone() -> None:
    engine = BatchEngine(heard_s=7.0)
    assert set(transcribe(engine)) == {"alone"}
    assert len(engine.alone) == 2


def test_a_window_with_improbable_or_repeated_words_is_transcribed_alone() -> None:
    assert set(transcribe(BatchEngine(mean_log_probability=-0.8))) == {"alone"}
    assert set(transcribe(BatchEngine(compression_ratio=4.0))) == {"alone"}


def test_words_in_another_script_lose_against_less_probable_ones() -> None:
    russian = " \u0441\u043f\u0430\u0441\u0438\u0431\u043e"
    assert set(transcribe(BatchEngine(text=russian, heard_s=8.0, mean_log_probability=-0.1))) == {"alone"}


def test_progress_is_on_the_clock_of_the_chunk() -> None:
    speech, reports = samples((0, 9), (40, 48.5)), list[float]()
    transcribe_chunk(BatchEngine(), sound(60), speech, 0.0, ["en"], reports.append)
    assert reports == [9.0, 48.5]
