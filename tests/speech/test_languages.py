"""Detection of languages, and of their changes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from domain import Word
from scripts.audio import speak
from services.speech_to_text.engines import load_engine
from services.speech_to_text.language_detection import Surroundings, decide_language, decide_little_speech, language_runs
from services.speech_to_text.phrase_languages import normalise
from services.speech_to_text.port import SAMPLE_RATE_HZ, RecognizedSegment, Samples, SpeechEngine, SpeechOptions
from tests.speech.conftest import silence

pytestmark = pytest.mark.slow("loads speech models and recognises speech")


@pytest.fixture(scope="module")
def engine(options: SpeechOptions) -> SpeechEngine:
    return load_engine(options, 1)


def windows(*seconds: float) -> list[Samples]:
    return [silence(duration_s) for duration_s in seconds]


def test_one_language_is_decided_by_all_windows(engine: SpeechEngine) -> None:
    decision = decide_language(engine, windows(30, 30, 5), [{"en": 0.95}, {"en": 0.9, "la": 0.1}, {"la": 0.6, "en": 0.4}])
    assert (decision.code, decision.candidates, decision.runner_up) == ("en", ("en",), "")
    assert decision.probability == pytest.approx((0.95 * 30 + 0.9 * 30 + 0.4 * 5) / 65, abs=0.001)


def test_windows_that_disagree_clearly_make_several_candidates(engine: SpeechEngine) -> None:
    decision = decide_language(engine, windows(30, 30, 30), [{"en": 0.95}, {"de": 0.9, "en": 0.1}, {"de": 0.8, "la": 0.2}])
    assert decision.candidates == ("de", "en")
    assert decision.code == "de"


def test_an_unclear_language_is_decided_by_the_text_and_the_runner_up_is_named(engine: SpeechEngine, tmp_path: Path) -> None:
    french = speak("Bonjour à tous. Est-ce que vous allez bien ? Nous parlons aujourd'hui de la géométrie.", "fr", tmp_path)
    decision = decide_language(engine, [french], [{"pl": 0.6, "fr": 0.2, "en": 0.01}])
    assert (decision.code, decision.runner_up) == ("fr", "pl")


class ScriptedEngine:
    """Knows which language is spoken in each part of the audio: samples are 1 in English and 2 in German."""

    name = "scripted"
    max_window_samples = 29 * SAMPLE_RATE_HZ

    def language_probabilities(self, audio: Samples) -> dict[str, float]:
        voiced_samples = audio[audio > 0]
        english = float(np.mean(voiced_samples == 1))
        return {"en": english, "de": 1 - english}

    def phrase_language_probabilities(self, audio: Samples, languages: Sequence[str]) -> dict[str, float]:
        return self.language_probabilities(audio)

    def transcribe(self, audio: Samples, language: str, on_progress: Callable[[float], None]) -> list[RecognizedSegment]:
        """Return a word per second, improbable ones where another language is spoken."""
        mark = 1 if language == "en" else 2
        seconds = range(len(audio) // SAMPLE_RATE_HZ)
        words = tuple(Word(" word", at, at + 0.9, 0.9 if audio[at * SAMPLE_RATE_HZ] == mark else 0.2) for at in seconds)
        return [RecognizedSegment(words, 0.0, -0.3, 1.0)]

    def transcribe_windows(self, windows: Sequence[Samples], language: str) -> list[list[RecognizedSegment]]:
        return [self.transcribe(window, language, lambda _: None) for window in windows]


def test_little_speech_is_decided_by_several_cuts_and_the_runner_up_is_named() -> None:
    """Without margins, the detection is sure of another language."""
    audio = np.zeros(4 * SAMPLE_RATE_HZ, np.float32)
    speech = [(8000, 16_000), (32_000, 48_000)]

    class BrittleEngine(ScriptedEngine):
        def language_probabilities(self, audio: Samples) -> dict[str, float]:
            return {"pl": 0.88, "fr": 0.02} if len(audio) == 24_000 else {"fr": 0.7, "pl": 0.1}

    decision = decide_little_speech(BrittleEngine(), audio, speech)
    assert (decision.code, decision.candidates, decision.runner_up) == ("fr", ("fr",), "pl")
    assert decision.probability == pytest.approx((0.02 + 3 * 0.7) / 4, abs=0.001)


def test_a_language_that_nobody_speaks_tells_little_about_the_others() -> None:
    unclear = normalise({"la": 0.7, "cy": 0.15, "en": 0.09, "de": 0.001}, ["en", "de"])
    assert sum(unclear.values()) == pytest.approx(1)
    assert 0.5 < unclear["en"] < 0.6
    assert normalise({"en": 0.01, "de": 0.99}, ["en", "de"])["de"] == pytest.approx(0.99)


def test_the_passages_of_two_languages_are_found() -> None:
    """`make bench ONLY=languages` does the same with a real engine, which takes half a minute of CPU."""
    english, pause, german = (np.full(int(length_s * SAMPLE_RATE_HZ), mark, np.float32) for length_s, mark in ((20, 1), (1, 0), (22, 2)))
    audio = np.concatenate([english, pause, german])
    starts_s = [*range(0, 20, 2), *range(21, 43, 2)]
    speech = [(start_s * SAMPLE_RATE_HZ, (start_s + 2) * SAMPLE_RATE_HZ) for start_s in starts_s]
    runs = language_runs(ScriptedEngine(), audio, speech, ("de", "en"))
    assert [run.language for run in runs] == ["en", "de"]
    assert 20 <= runs[1].start / SAMPLE_RATE_HZ <= 21
    assert [span for run in runs for span in run.speech] == speech
    assert (runs[0].start, runs[-1].end) == (0, len(audio))
    assert all(a.end == b.start for a, b in itertools.pairwise(runs))
    (only,) = language_runs(ScriptedEngine(), audio, speech, ("en",))
    assert only.speech == tuple(speech)


def test_the_speech_after_a_chunk_tells_in_which_language_its_end_is() -> None:
    """Ten seconds that are only a little more like the first language go on in the second one."""
    english, unclear = (np.full(int(length_s * SAMPLE_RATE_HZ), mark, np.float32) for length_s, mark in ((32, 1), (10, 3)))
    audio = np.concatenate([english, unclear])
    speech = [(at * SAMPLE_RATE_HZ, (at + 2) * SAMPLE_RATE_HZ) for at in range(0, 42, 2)]

    class UncertainEngine(ScriptedEngine):
        def language_probabilities(self, audio: Samples) -> dict[str, float]:
            english, german = (float(np.mean(audio == mark)) for mark in (1, 2))
            unclear = float(np.mean(audio == 3))
            return {"en": english + 0.36 * unclear, "de": german + 0.4 * unclear, "la": 0.24 * unclear}

    def languages_at_the_end(surroundings: Surroundings | None) -> list[tuple[str, float]]:
        runs = language_runs(UncertainEngine(), audio, speech, ("en", "de"), surroundings)
        return [(run.language, run.start / SAMPLE_RATE_HZ) for run in runs]

    german = np.full(15 * SAMPLE_RATE_HZ, 2, np.float32)
    nothing = german[:0]
    assert languages_at_the_end(None) == [("en", 0)]
    assert languages_at_the_end(Surroundings(nothing, german)) == [("en", 0), ("de", 32)]
    assert languages_at_the_end(Surroundings(german[: 2 * SAMPLE_RATE_HZ], german[: 2 * SAMPLE_RATE_HZ])) == [("en", 0)]
