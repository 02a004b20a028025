"""Batches of windows on the packaged weights: which are decoded again with hints, and how many threads decode at a time."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scripts.audio import speak
from services.speech_to_text import SpeechOptions, hints
from services.speech_to_text.faster_whisper import FasterWhisper
from services.speech_to_text.port import RecognizedSegment, Samples

pytestmark = pytest.mark.slow("loads speech models and recognises speech")
SENTENCES = ("This is a lecture about hashing.", "The weather in the mountains is cold.")


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> list[Samples]:
    return [speak(sentence, "en-us", tmp_path_factory.mktemp("voice")) for sentence in SENTENCES]


class Decodings:
    """Stands before the model of an engine and records its calls of `generate`."""

    def __init__(self, engine: FasterWhisper) -> None:
        self._model = engine.model.model
        self.prompts: list[tuple[int, str]] = []
        self.most_at_once = 0
        self._at_once, self._lock = 0, threading.Lock()
        self._decode = engine.model.hf_tokenizer.decode
        engine.model.model = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(self, features: Any, prompts: Sequence[Sequence[int]], **options: Any) -> Any:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self.prompts.append((len(prompts), self._decode(list(prompts[0]))))
        time.sleep(0.2)
        results = self._model.generate(features, prompts, **options)
        with self._lock:
            self._at_once -= 1
        return results


def text(segments: Sequence[RecognizedSegment]) -> str:
    return "".join(word.text for segment in segments for word in segment.words)


def test_only_windows_with_a_misheard_term_are_decoded_again(
    options: SpeechOptions, windows: list[Samples], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = FasterWhisper(options, 1).transcribe_windows(windows, "en")
    assert "lecture" in text(plain[0]) and "mountains" in text(plain[1])
    monkeypatch.setattr(hints, "_MAX_PROBABILITY", 1.0)
    for terms, calls in ((("photosynthesis", "gradient descent"), [2]), (("Lectern", "photosynthesis"), [2, 1])):
        engine = FasterWhisper(dataclasses.replace(options, hints=terms), 1)
        decodings = Decodings(engine)
        results = engine.transcribe_windows(windows, "en")
        assert [count for count, _ in decodings.prompts] == calls
        assert all("photosynthesis" not in prompt for _, prompt in decodings.prompts)
        assert "Lectern" in decodings.prompts[-1][1] or calls == [2]
        assert text(results[1]) == text(plain[1]) and "lect" in text(results[0]).lower()
        for segments in results:
            words = [word for segment in segments for word in segment.words]
            assert all(0 <= word.start_s <= word.end_s < 5 for word in words)


def test_half_of_the_threads_decode_at_a_time(options: SpeechOptions, windows: list[Samples]) -> None:
    alone = FasterWhisper(options, 1).transcribe_windows(windows, "en")
    for threads, most in ((2, 1), (3, 2)):
        engine = FasterWhisper(options, threads)
        decodings = Decodings(engine)
        with ThreadPoolExecutor(threads) as pool:
            results = list(pool.map(engine.transcribe_windows, [windows] * threads, ["en"] * threads))
        assert decodings.most_at_once <= most
        assert results == [alone] * threads
