"""Chunks of a recording, and the speech in them."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from domain import Word
from scripts.audio import speak, write_wav
from services.speech_to_text.chunks import WavFile, chunk_length_s, split_into_chunks
from services.speech_to_text.port import SAMPLE_RATE_HZ
from services.speech_to_text.vad import CondensedAudio, pad_and_merge, uncovered_spans
from tests.speech.conftest import silence


def samples(*seconds: tuple[float, float]) -> list[tuple[int, int]]:
    return [(int(start * SAMPLE_RATE_HZ), int(end * SAMPLE_RATE_HZ)) for start, end in seconds]


def test_chunks_cover_the_recording_and_end_in_pauses(tmp_path: Path) -> None:
    sentence = speak("One sentence of a lecture that goes on.", "en-us", tmp_path)
    wav = WavFile(write_wav(tmp_path / "a.wav", np.concatenate([part for _ in range(8) for part in (sentence, silence(1))])))
    chunks = list(split_into_chunks(wav, 8, {}))
    assert len(chunks) >= 3
    assert chunks[0].start == 0
    assert chunks[-1].end == wav.length
    assert all(a.end == b.start for a, b in itertools.pairwise(chunks))
    for chunk in chunks[:-1]:
        around = wav.read(chunk.end - SAMPLE_RATE_HZ // 10, chunk.end + SAMPLE_RATE_HZ // 10)
        assert np.abs(around).max() < 0.01
    assert list(split_into_chunks(wav, 8, {})) == chunks
    assert list(split_into_chunks(wav, 8, {chunk.start: chunk for chunk in chunks})) == chunks


def test_threads_get_chunks_of_equal_length() -> None:
    assert chunk_length_s(7200, 120, 2) == pytest.approx(120)
    assert chunk_length_s(600, 120, 2) == pytest.approx(100)
    assert chunk_length_s(20, 120, 2) == 45


def test_silence_is_removed_and_times_are_mapped_back() -> None:
    spans = pad_and_merge(samples((10, 12), (13, 14), (30, 31)), 40 * SAMPLE_RATE_HZ)
    assert spans == samples((9.6, 14.4), (29.6, 31.4))
    audio = CondensedAudio.of(np.zeros(40 * SAMPLE_RATE_HZ, dtype=np.float32), spans)
    assert len(audio.audio) == pytest.approx(6.6 * SAMPLE_RATE_HZ, abs=2)
    assert audio.to_original_clock(Word("x", 0.4, 0.9)).start_s == pytest.approx(10, abs=0.01)
    late = audio.to_original_clock(Word("y", 4.6, 5.5))
    assert (late.start_s, late.end_s) == (pytest.approx(29.6, abs=0.01), pytest.approx(30.3, abs=0.01))


def test_a_word_stays_after_a_removed_pause_even_if_the_engine_begins_it_too_early() -> None:
    speech = samples((10, 12), (30, 30.5))
    audio = CondensedAudio.of(np.zeros(40 * SAMPLE_RATE_HZ, dtype=np.float32), pad_and_merge(speech, 40 * SAMPLE_RATE_HZ))
    word = Word("after", 2.0, 3.4)  # the pause is removed at 2.8 s
    after = audio.to_original_clock(Word("after", 2.45, 3.4), speech)
    assert (after.start_s, after.end_s) == (pytest.approx(29.6, abs=0.01), pytest.approx(30.2, abs=0.01))
    before = audio.to_original_clock(Word("before", 1.0, 3.0), speech)
    assert (before.start_s, before.end_s) == (pytest.approx(10.6, abs=0.01), pytest.approx(12.4, abs=0.01))
    assert audio.to_original_clock(word).start_s < 13  # without speech, by its middle
    for start_s, end_s in ((2.2, 2.8), (2.35, 2.6)):  # over the last sound before the pause, or after all sound
        early = audio.to_original_clock(Word("early", start_s, end_s + 0.1), speech)
        assert early.start_s == pytest.approx(29.6, abs=0.01), (start_s, end_s)
    assert audio.to_original_clock(Word("it.", 2.2, 2.42), speech).start_s == pytest.approx(11.8, abs=0.01)


def test_speech_that_no_word_covers_is_found() -> None:
    words = [Word("a", 1, 2), Word("b", 2, 3), Word("c", 9, 10)]
    assert uncovered_spans(samples((1, 10)), words, 2.5, slack_s=0.5) == samples((3.5, 8.5))
    assert uncovered_spans(samples((1, 10)), [], 2.5) == samples((1, 10))
