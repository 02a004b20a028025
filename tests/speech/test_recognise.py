"""What is said is written with its times; what is not said is not."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import errors
from domain import SpeechSource, Transcript
from lib.serialization import read_json
from services import speech_to_text
from services.speech_to_text import SpeechOptions, available_weights, speech_coverage
from services.speech_to_text.engines import ENGINES
from services.speech_to_text.port import SAMPLE_RATE
from tests.speech.conftest import ENGLISH, RATE, Sound, silence, spoken, write_wav


def plain(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def recognise(wav: Path, language: str | None, checkpoint: Path, options: SpeechOptions, **watching: Any) -> Transcript:
    target = checkpoint.with_name(f"{checkpoint.name}.transcript.json")
    speech_to_text.recognise(wav, language, checkpoint, target, options, **watching)
    return read_json(Transcript, target)


def assert_sound(transcript: Transcript, duration_s: float) -> None:
    words = [word for segment in transcript.segments for word in segment.words]
    assert all(0 <= word.start_s < word.end_s <= duration_s + 1e-6 and 0 <= word.probability <= 1 for word in words)
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in itertools.pairwise(words))


@pytest.mark.parametrize("engine", ENGINES)
class TestEveryEngine:
    @pytest.fixture
    def options(self, options: SpeechOptions, engine: str) -> SpeechOptions:
        return dataclasses.replace(options, engine=engine)

    def test_a_lecture_with_detected_language(self, tmp_path: Path, options: SpeechOptions, lecture: tuple[Path, list[float]]) -> None:
        wav, starts = lecture
        seen: list[tuple[float, float]] = []
        found = recognise(wav, None, tmp_path / "done.jsonl", options, report=lambda done, total: seen.append((done, total)))
        assert found.source is SpeechSource.RECOGNISED
        assert found.language == "en"
        assert 0.5 < found.language_probability <= 1
        assert found.engine
        assert_sound(found, seen[-1][1])
        assert seen[-1][0] == seen[-1][1]
        assert all(a[0] <= b[0] for a, b in itertools.pairwise(seen))
        assert (speech_coverage(tmp_path / "done.jsonl", found) or 0) > 0.9
        words = [word for segment in found.segments for word in segment.words]
        wanted = plain(" ".join(ENGLISH))
        heard = plain("".join(word.text for word in words))
        assert len(set(wanted) & set(heard)) >= 0.85 * len(set(wanted))
        for start, first in zip(starts, ("good", "today", "the", "it"), strict=True):
            assert any(plain(word.text) == [first] and abs(word.start_s - start) < 0.7 for word in words)

    def test_a_killed_job_goes_on_where_it_was(self, tmp_path: Path, options: SpeechOptions, lecture: tuple[Path, list[float]]) -> None:
        small = dataclasses.replace(options, chunk_s=8, threads=1)
        checkpoint = tmp_path / "done.jsonl"
        whole = recognise(lecture[0], "en-GB", checkpoint, small)
        lines = checkpoint.read_bytes().splitlines(keepends=True)
        assert sum("chunk" in json.loads(line) for line in lines) >= 2
        checkpoint.write_bytes(b"".join(lines[:-1]) + lines[-1][: len(lines[-1]) // 2])
        seen: list[float] = []
        assert recognise(lecture[0], "en-GB", checkpoint, small, report=lambda done, _: seen.append(done)) == whole
        assert seen[0] > 5
        assert checkpoint.read_bytes().splitlines(keepends=True)[: len(lines) - 1] == lines[:-1]

    def test_several_sittings_hear_what_one_does(self, tmp_path: Path, options: SpeechOptions, lecture: tuple[Path, list[float]]) -> None:
        small = dataclasses.replace(options, chunk_s=8, threads=1)
        whole = recognise(lecture[0], "en", tmp_path / "one.jsonl", small)
        sittings = recognise(lecture[0], "en", tmp_path / "many.jsonl", dataclasses.replace(small, max_audio_per_child_s=10))
        assert sittings == whole
        assert len(whole.segments) > 1

    def test_no_words_where_nobody_speaks(self, tmp_path: Path, options: SpeechOptions) -> None:
        random = np.random.default_rng(3)
        time = np.arange(12 * RATE) / RATE
        beat = np.exp(-(time % 0.5) * 4)
        chords = sum(np.sin(2 * np.pi * hertz * time) * beat for hertz in (220.0, 277.2, 329.6, 440.0)) / 5
        melody = np.concatenate(
            [np.sin(2 * np.pi * hertz * time[:6000]) * np.exp(-time[:6000] * 4) for hertz in random.choice([262, 294, 330, 392, 440], 32)]
        )
        sounds: list[Sound] = [
            silence(8),
            random.standard_normal(10 * RATE) * 0.1,
            np.sin(2 * np.pi * 440 * time) * 0.5,
            chords,
            melody * 0.6,
            np.where(time % 1.7 < 0.02, random.standard_normal(len(time)), 0) * 0.5,
        ]
        wav = write_wav(tmp_path / "music.wav", np.concatenate(sounds))
        for language in (None, "en"):
            found = recognise(wav, language, tmp_path / f"{language}.jsonl", options)
            assert found.segments == ()
            assert found.source is SpeechSource.NONE
            assert found.language == ""

    def test_another_language_is_detected_after_silence_and_noise(self, tmp_path: Path, options: SpeechOptions) -> None:
        german = spoken("Guten Morgen. Heute sprechen wir über die Geschichte der deutschen Sprache und ihre Grammatik.", tmp_path, "de")
        noise = np.random.default_rng(5).standard_normal(20 * RATE).astype(np.float32) * 0.02
        wav = write_wav(tmp_path / "late.wav", np.concatenate([silence(10), noise, german, silence(1)]))
        found = recognise(wav, None, tmp_path / "done.jsonl", dataclasses.replace(options, chunk_s=15, threads=1))
        assert found.language == "de"
        assert all(segment.start_s > 29 for segment in found.segments)

    def test_an_empty_recording(self, tmp_path: Path, options: SpeechOptions) -> None:
        assert recognise(write_wav(tmp_path / "empty.wav", silence(0)), None, tmp_path / "x", options).segments == ()

    def test_cancelling(self, tmp_path: Path, options: SpeechOptions, lecture: tuple[Path, list[float]]) -> None:
        def cancelled() -> None:
            raise errors.Cancelled

        with pytest.raises(errors.Cancelled):
            recognise(lecture[0], "en", tmp_path / "done.jsonl", options, check=cancelled)

    def test_a_folder_without_a_model_is_named(
        self, tmp_path: Path, options: SpeechOptions, lecture: tuple[Path, list[float]], engine: str
    ) -> None:
        with pytest.raises(errors.ModelMissing, match=r"model\.bin"):
            recognise(lecture[0], "en", tmp_path / "x", dataclasses.replace(options, model_folder=tmp_path))


def test_an_unknown_engine_is_named(tmp_path: Path, options: SpeechOptions, lecture: tuple[Path, list[float]]) -> None:
    with pytest.raises(errors.ModelMissing, match="parrot"):
        recognise(lecture[0], "en", tmp_path / "x", dataclasses.replace(options, engine="parrot"))


def test_wav_of_another_kind_is_refused(tmp_path: Path, options: SpeechOptions) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    with pytest.raises(errors.StageFailed):
        recognise(tmp_path / "bad.wav", "en", tmp_path / "x", options)
    assert SAMPLE_RATE == RATE


def test_health_checks_ask_for_weights_without_unpacking(tmp_path: Path) -> None:
    assert available_weights(SpeechOptions(tmp_path))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(errors.ModelMissing):
        available_weights(SpeechOptions(tmp_path, model_folder=tmp_path))
