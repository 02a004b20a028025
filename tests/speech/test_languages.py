"""Which language is spoken, and where it changes."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from services.speech_to_text.engines import load_engine
from services.speech_to_text.language_detection import decide_language, language_runs
from services.speech_to_text.port import SAMPLE_RATE_HZ, Samples, SpeechEngine, SpeechOptions
from services.speech_to_text.vad import speech_spans
from tests.speech.conftest import silence, synthesise

pytestmark = pytest.mark.slow("loads speech models and recognises speech")


@pytest.fixture(scope="module")
def engine(options: SpeechOptions) -> SpeechEngine:
    return load_engine(options, 1)


def windows(*seconds: float) -> list[Samples]:
    return [silence(duration_s) for duration_s in seconds]


def test_one_language_is_decided_by_all_windows(engine: SpeechEngine) -> None:
    found = decide_language(engine, windows(30, 30, 5), [{"en": 0.95}, {"en": 0.9, "la": 0.1}, {"la": 0.6, "en": 0.4}])
    assert (found.code, found.candidates, found.runner_up) == ("en", ("en",), "")
    assert found.probability == pytest.approx((0.95 * 30 + 0.9 * 30 + 0.4 * 5) / 65, abs=0.001)


def test_windows_that_disagree_clearly_make_several_candidates(engine: SpeechEngine) -> None:
    found = decide_language(engine, windows(30, 30, 30), [{"en": 0.95}, {"de": 0.9, "en": 0.1}, {"de": 0.8, "la": 0.2}])
    assert found.candidates == ("de", "en")
    assert found.code == "de"


def test_an_unclear_language_is_decided_by_the_text_and_the_runner_up_is_named(engine: SpeechEngine, tmp_path: Path) -> None:
    french = synthesise("Bonjour à tous. Est-ce que vous allez bien ? Nous parlons aujourd'hui de la géométrie.", tmp_path, "fr")
    found = decide_language(engine, [french], [{"pl": 0.6, "fr": 0.2, "en": 0.01}])
    assert (found.code, found.runner_up) == ("fr", "pl")


def test_the_passages_of_two_languages_are_found(engine: SpeechEngine, tmp_path: Path) -> None:
    english = synthesise(
        "Welcome to the lecture. You can download the slides and the exercises from the website of the faculty."
        " Before we begin, a few words about the program. All material is free for teaching.",
        tmp_path,
    )
    german = synthesise(
        "Guten Morgen, meine Damen und Herren. Heute sprechen wir über die Geschichte der deutschen Sprache und ihre Grammatik."
        " Am Ende kennen wir alle Abstände vom Start. Vielen Dank für Ihre Aufmerksamkeit.",
        tmp_path,
        "de",
    )
    audio = np.concatenate([english, silence(0.8), german])
    speech = speech_spans(audio)
    runs = language_runs(engine, audio, speech, ("de", "en"))
    assert [run.language for run in runs] == ["en", "de"]
    change_s = len(english) / SAMPLE_RATE_HZ
    assert change_s - 0.3 < runs[1].start / SAMPLE_RATE_HZ < change_s + 1.1
    assert [span for run in runs for span in run.speech] == speech
    assert (runs[0].start, runs[-1].end) == (0, len(audio))
    assert all(a.end == b.start for a, b in itertools.pairwise(runs))
    (only,) = language_runs(engine, audio, speech, ("en",))
    assert only.speech == tuple(speech)
