"""Contract of the speech engines: transcripts with word times, and no words without speech."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import errors
from domain import SpeechSource, Transcript
from lib.serialization import read_json
from scripts.audio import speak, write_wav
from scripts.ffmpeg import FFMPEG
from services import speech_to_text
from services.speech_to_text import SpeechOptions, available_weights, speech_coverage
from services.speech_to_text.chunks import WavFile
from services.speech_to_text.engines import ENGINES
from services.speech_to_text.faster_whisper import FasterWhisper
from services.speech_to_text.port import SAMPLE_RATE_HZ
from tests.speech.conftest import ENGLISH, RATE, Audio, silence

pytestmark = pytest.mark.slow("loads speech models and recognises speech")


@dataclasses.dataclass(frozen=True)
class Recognition:
    """A transcript with the options and the lines of the checkpoint that it came from."""

    options: SpeechOptions
    transcript: Transcript
    checkpoint: list[bytes]


def words_in(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def transcribe(wav: Path, language: str | None, checkpoint: Path, options: SpeechOptions, **callbacks: Any) -> Transcript:
    target = checkpoint.with_name(f"{checkpoint.name}.transcript.json")
    speech_to_text.transcribe(wav, language, checkpoint, target, options, **callbacks)
    return read_json(Transcript, target)


def assert_valid_times(transcript: Transcript, duration_s: float) -> None:
    words = [word for segment in transcript.segments for word in segment.words]
    assert all(0 <= word.start_s < word.end_s <= duration_s + 1e-6 and 0 <= word.probability <= 1 for word in words)
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in itertools.pairwise(words))


@pytest.mark.parametrize("engine", ENGINES, scope="class")
class TestEveryEngine:
    @pytest.fixture(scope="class")
    @classmethod
    def options(cls, options: SpeechOptions, engine: str) -> SpeechOptions:
        return dataclasses.replace(options, engine=engine)

    @pytest.fixture(scope="class")
    @classmethod
    def in_chunks(cls, tmp_path_factory: pytest.TempPathFactory, options: SpeechOptions, lecture: tuple[Path, list[float]]) -> Recognition:
        """The lecture as one child recognises it in several chunks."""
        small = dataclasses.replace(options, chunk_s=8, threads=1)
        checkpoint = tmp_path_factory.mktemp("in-chunks") / "done.jsonl"
        return Recognition(small, transcribe(lecture[0], "en-GB", checkpoint, small), checkpoint.read_bytes().splitlines(keepends=True))

    def test_a_lecture_with_detected_language(self, tmp_path: Path, options: SpeechOptions, lecture: tuple[Path, list[float]]) -> None:
        wav, starts = lecture
        progress: list[tuple[float, float]] = []
        transcript = transcribe(wav, None, tmp_path / "done.jsonl", options, report=lambda done, total: progress.append((done, total)))
        assert transcript.source is SpeechSource.RECOGNISED
        assert transcript.language == "en"
        assert 0.5 < transcript.language_probability <= 1
        assert transcript.engine
        assert_valid_times(transcript, progress[-1][1])
        assert progress[-1][0] == progress[-1][1]
        assert all(a[0] <= b[0] for a, b in itertools.pairwise(progress))
        assert (speech_coverage(tmp_path / "done.jsonl", transcript) or 0) > 0.9
        words = [word for segment in transcript.segments for word in segment.words]
        expected = words_in(" ".join(ENGLISH))
        recognised_words = words_in("".join(word.text for word in words))
        assert len(set(expected) & set(recognised_words)) >= 0.85 * len(set(expected))
        for start, first in zip(starts, ("good", "today", "the", "it"), strict=True):
            assert any(words_in(word.text) == [first] and abs(word.start_s - start) < 0.7 for word in words)

    def test_a_killed_job_resumes_from_its_checkpoint(
        self, tmp_path: Path, in_chunks: Recognition, lecture: tuple[Path, list[float]]
    ) -> None:
        lines, checkpoint = in_chunks.checkpoint, tmp_path / "done.jsonl"
        assert sum("chunk" in json.loads(line) for line in lines) >= 2
        checkpoint.write_bytes(b"".join(lines[:-1]) + lines[-1][: len(lines[-1]) // 2])
        progress: list[float] = []
        transcript = transcribe(lecture[0], "en-GB", checkpoint, in_chunks.options, report=lambda done, _: progress.append(done))
        assert transcript == in_chunks.transcript
        assert progress[0] > 5
        assert checkpoint.read_bytes().splitlines(keepends=True)[: len(lines) - 1] == lines[:-1]

    def test_several_children_give_the_same_transcript_as_one(
        self, tmp_path: Path, in_chunks: Recognition, lecture: tuple[Path, list[float]]
    ) -> None:
        options = dataclasses.replace(in_chunks.options, max_audio_per_child_s=10)
        assert transcribe(lecture[0], "en-GB", tmp_path / "many.jsonl", options) == in_chunks.transcript
        assert len(in_chunks.transcript.segments) > 1

    def test_noise_and_music_give_no_words(self, tmp_path: Path, options: SpeechOptions) -> None:
        random = np.random.default_rng(3)
        time = np.arange(12 * RATE) / RATE
        beat = np.exp(-(time % 0.5) * 4)
        chords = sum(np.sin(2 * np.pi * hertz * time) * beat for hertz in (220.0, 277.2, 329.6, 440.0)) / 5
        melody = np.concatenate(
            [np.sin(2 * np.pi * hertz * time[:6000]) * np.exp(-time[:6000] * 4) for hertz in random.choice([262, 294, 330, 392, 440], 32)]
        )
        sounds: list[Audio] = [
            silence(8),
            random.standard_normal(10 * RATE) * 0.1,
            np.sin(2 * np.pi * 440 * time) * 0.5,
            chords,
            melody * 0.6,
            np.where(time % 1.7 < 0.02, random.standard_normal(len(time)), 0) * 0.5,
        ]
        wav = write_wav(tmp_path / "music.wav", np.concatenate(sounds))
        for language in (None, "en"):
            transcript = transcribe(wav, language, tmp_path / f"{language}.jsonl", options)
            assert transcript.segments == ()
            assert transcript.source is SpeechSource.NONE
            assert transcript.language == ""

    def test_the_language_is_detected_after_silence_and_noise(self, tmp_path: Path, options: SpeechOptions) -> None:
        german = speak("Guten Morgen, meine Damen und Herren. Vielen Dank für Ihre Aufmerksamkeit.", "de", tmp_path)
        noise = np.random.default_rng(5).standard_normal(20 * RATE).astype(np.float32) * 0.02
        wav = write_wav(tmp_path / "late.wav", np.concatenate([silence(10), noise, german, silence(1)]))
        transcript = transcribe(wav, None, tmp_path / "done.jsonl", dataclasses.replace(options, chunk_s=15, threads=1))
        assert transcript.language == "de"
        assert all(segment.start_s > 29 for segment in transcript.segments)

    def test_short_sentences_between_long_pauses_are_all_heard(self, tmp_path: Path, options: SpeechOptions) -> None:
        sentences = (
            "The first topic of today is sorting.",
            "Insertion sort moves each element back.",
            "Merge sort splits the list in two halves.",
            "Quick sort chooses a pivot element.",
        )
        audio = np.concatenate([part for sentence in sentences for part in (speak(sentence, "en-us", tmp_path), silence(12))])
        wav, mp3 = write_wav(tmp_path / "clear.wav", audio), tmp_path / "a.mp3"
        subprocess.run([FFMPEG, "-v", "error", "-i", wav, "-b:a", "32k", mp3], check=True, timeout=60)
        subprocess.run([FFMPEG, "-v", "error", "-i", mp3, "-ac", "1", "-ar", str(RATE), tmp_path / "a.wav"], check=True, timeout=60)
        transcript = transcribe(tmp_path / "a.wav", "en", tmp_path / "done.jsonl", options)
        text = words_in("".join(word.text for segment in transcript.segments for word in segment.words))
        assert {"topic", "today", "element", "halves", "pivot"} <= set(text)
        assert (speech_coverage(tmp_path / "done.jsonl", transcript) or 0) > 0.95

    def test_the_fallback_gives_the_same_words_each_time(self, options: SpeechOptions, lecture: tuple[Path, list[float]]) -> None:
        engine = FasterWhisper(options, 1)
        audio = WavFile(lecture[0]).read(0, 8 * RATE)

        def text() -> str:
            segments, _ = engine.model.transcribe(audio, language="en", temperature=[0.8])
            return "".join(segment.text for segment in segments)

        first = text()
        assert "lecture" in first
        assert text() == first

    def test_an_empty_recording_has_no_segments(self, tmp_path: Path, options: SpeechOptions) -> None:
        assert transcribe(write_wav(tmp_path / "empty.wav", silence(0)), None, tmp_path / "x", options).segments == ()

    def test_cancelling_stops_transcription(self, tmp_path: Path, options: SpeechOptions, lecture: tuple[Path, list[float]]) -> None:
        def cancel() -> None:
            raise errors.Cancelled

        with pytest.raises(errors.Cancelled):
            transcribe(lecture[0], "en", tmp_path / "done.jsonl", options, check=cancel)

    def test_the_error_names_the_file_that_a_model_folder_lacks(
        self, tmp_path: Path, options: SpeechOptions, lecture: tuple[Path, list[float]], engine: str
    ) -> None:
        with pytest.raises(errors.ModelMissing, match=r"model\.bin"):
            transcribe(lecture[0], "en", tmp_path / "x", dataclasses.replace(options, model_folder=tmp_path))


def test_the_error_names_an_unknown_engine(tmp_path: Path, options: SpeechOptions, lecture: tuple[Path, list[float]]) -> None:
    with pytest.raises(errors.ModelMissing, match="parrot"):
        transcribe(lecture[0], "en", tmp_path / "x", dataclasses.replace(options, engine="parrot"))


def test_a_damaged_wav_is_rejected(tmp_path: Path, options: SpeechOptions) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    with pytest.raises(errors.StageFailed):
        transcribe(tmp_path / "bad.wav", "en", tmp_path / "x", options)
    assert SAMPLE_RATE_HZ == RATE


def test_available_weights_does_not_unpack(tmp_path: Path) -> None:
    assert available_weights(SpeechOptions(tmp_path))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(errors.ModelMissing):
        available_weights(SpeechOptions(tmp_path, model_folder=tmp_path))
