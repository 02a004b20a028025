"""Speech recognition by an OpenAI-compatible API, against a local server that speaks its protocol."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import errors
from domain import Transcript, Word
from lib.process import ignore_progress
from lib.serialization import read_json, to_plain
from scripts.audio import speak, write_wav
from services import speech_to_text
from services.speech_to_text import SpeechOptions
from services.speech_to_text.checkpoint import Checkpoint
from services.speech_to_text.hosted import worker
from services.speech_to_text.hosted.responses import read_response
from services.speech_to_text.port import HostedSpeech
from tests.speech.conftest import ENGLISH
from tests.speech.transcription_server import Answer, TranscriptionServer

RATE = 16_000
WORDS = ("Bubble", "sort", "compares", "neighbours")
TEXT = "“Bubble sort” compares neighbours."


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute of speech without long pauses."""
    folder = tmp_path_factory.mktemp("talk")
    speech = np.concatenate([speak(sentence, "en-us", folder) for sentence in ENGLISH])
    return write_wav(folder / "talk.wav", np.tile(speech, 3))


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.provider_api._FIRST_BACKOFF_S", 0.01)


def with_times(duration_s: float) -> dict[str, Any]:
    step = duration_s / len(WORDS)
    words = [{"word": word, "start": step * index, "end": step * (index + 1)} for index, word in enumerate(WORDS)]
    segment = {"id": 0, "text": f" {TEXT}", "start": 0.0, "end": duration_s, "avg_logprob": -0.2, "no_speech_prob": 0.01}
    return {"text": TEXT, "language": "english", "duration": duration_s, "segments": [segment], "words": words}


def always(_form: dict[str, str], duration_s: float, _number: int) -> Answer:
    return 200, {}, with_times(duration_s)


def options_for(server: TranscriptionServer, folder: Path, **further: Any) -> SpeechOptions:
    return SpeechOptions(folder, hosted=HostedSpeech(server.url, "whisper-large", "secret", chunk_s=8.0, **further))


def run_here(server: TranscriptionServer, wav: Path, folder: Path, language: str | None = None, **options: Any) -> None:
    payload = {
        "wav": str(wav),
        "language": language,
        "checkpoint": str(folder / "c"),
        "options": to_plain(options_for(server, folder, **options)),
    }
    assert worker.transcribe_chunks(payload, ignore_progress) == {"is_complete": True}


def test_a_recording_is_sent_in_chunks_that_become_one_transcript(talk: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    with TranscriptionServer(always) as server:
        options = options_for(server, tmp_path)
        target = tmp_path / "transcript.json"
        speech_to_text.transcribe(talk, None, tmp_path / "c", target, options, report=lambda at, total: shares.append(at / total))
    transcript = read_json(Transcript, target)
    count = len(server.forms)
    words = [word for segment in transcript.segments for word in segment.words]
    assert count >= 3 and shares[-1] == 1.0 and len(transcript.segments) == count
    assert "".join(word.text for word in words) == f" {TEXT}" * count
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(words)) and 0.8 < words[0].probability < 0.83
    assert (transcript.language, transcript.engine, transcript.warnings) == ("en", "whisper-large (API)", ())
    assert set(server.keys) == {"Bearer secret"} and set(server.paths) == {"/v1/audio/transcriptions"}
    assert server.forms[0] == {
        "model": "whisper-large",
        "temperature": "0",
        "response_format": "verbose_json",
        "timestamp_granularities[]": "word",
    }


def test_a_chosen_language_and_a_prompt_are_sent(talk: Path, tmp_path: Path) -> None:
    with TranscriptionServer(always) as server:
        run_here(server, talk, tmp_path, "pt-BR")
    assert {form["language"] for form in server.forms} == {"pt"}
    assert list(Checkpoint.load(tmp_path / "c").speech_s_by_language()) == ["pt"]


def test_a_busy_or_broken_server_is_asked_again(talk: Path, tmp_path: Path) -> None:
    def reply(form: dict[str, str], duration_s: float, number: int) -> Answer:
        failures: list[Answer] = [(429, {"Retry-After": "0"}, {"error": "busy"}), (500, {}, {}), (200, {}, {"words": []})]
        return failures[number - 1] if number <= len(failures) else (200, {}, with_times(duration_s))

    with TranscriptionServer(reply) as server:
        run_here(server, talk, tmp_path, concurrency=1)
    assert len(Checkpoint.load(tmp_path / "c").segments()) == len(server.forms) - 3


def test_a_failure_keeps_what_was_transcribed(talk: Path, tmp_path: Path) -> None:
    is_broken = True

    def reply(form: dict[str, str], duration_s: float, number: int) -> Answer:
        return (401, {}, {"error": {"message": "invalid key"}}) if is_broken and number > 2 else (200, {}, with_times(duration_s))

    with TranscriptionServer(reply) as server:
        with pytest.raises(errors.ProviderRefused, match="invalid key"):
            run_here(server, talk, tmp_path, concurrency=1)
        before, is_broken = len(Checkpoint.load(tmp_path / "c").chunks), False
        requests = len(server.forms)
        run_here(server, talk, tmp_path, concurrency=1)
        assert before == 2 and len(server.forms) - requests == len(Checkpoint.load(tmp_path / "c").chunks) - before


def test_a_model_without_times_gets_estimated_ones_and_a_warning(talk: Path, tmp_path: Path) -> None:
    def reply(form: dict[str, str], duration_s: float, number: int) -> Answer:
        if form["response_format"] == "verbose_json":
            return 400, {}, {"error": {"message": "response_format 'verbose_json' is not compatible with this model"}}
        return 200, {}, {"text": TEXT}

    with TranscriptionServer(reply) as server:
        run_here(server, talk, tmp_path, concurrency=1)
    checkpoint = Checkpoint.load(tmp_path / "c")
    assert [form["response_format"] for form in server.forms][:3] == ["verbose_json", "json", "json"]
    assert "estimated" in checkpoint.warning and "language" in checkpoint.warning
    assert "".join(word.text for segment in checkpoint.segments() for word in segment.words).startswith(" “Bubble sort”")


def test_repetitions_of_an_api_are_set_apart(talk: Path, tmp_path: Path) -> None:
    def reply(form: dict[str, str], duration_s: float, number: int) -> Answer:
        return (
            200,
            {},
            {"text": "thank you " * 40, "language": "en", "segments": [{"text": "thank you " * 40, "start": 0, "end": duration_s}]},
        )

    with TranscriptionServer(reply) as server:
        run_here(server, talk, tmp_path)
    checkpoint = Checkpoint.load(tmp_path / "c")
    assert {each.reason for each in checkpoint.flagged_segments()} >= {"repetition"}
    assert all(len(segment.words) <= 2 for segment in checkpoint.segments())


def test_a_chunk_that_is_too_large_names_the_settings(talk: Path, tmp_path: Path) -> None:
    with TranscriptionServer(always) as server, pytest.raises(errors.ProviderRefused) as excinfo:
        run_here(server, talk, tmp_path, max_request_bytes=1000)
    assert "SPEECH_API_CHUNK_S" in excinfo.value.hint and server.forms == []


def read_words(plain: dict[str, Any]) -> tuple[Word, ...]:
    (segment,) = read_response(plain, [(0, 4 * RATE)], 4.0).segments
    return segment.words


def test_words_get_the_punctuation_of_the_text() -> None:
    words = [{"word": word, "start": at, "end": at + 1.0} for at, word in enumerate(("你", "好", "吗"))]
    assert [word.text.strip() for word in read_words({"text": "你好，吗？", "words": words})] == ["你", "好，", "吗？"]
    other = [{"word": word, "start": at, "end": at + 1.0} for at, word in enumerate(("well", "hello"))]
    assert [word.text for word in read_words({"text": "Hello.", "words": other})] == [" well", " hello"]


def test_times_of_words_are_shared_where_only_segments_have_times() -> None:
    segment = {"text": "one three", "start": 1.0, "end": 3.0}
    words = read_words({"text": "one three", "segments": [segment]})
    assert [word.text for word in words] == [" one", " three"]
    assert (words[0].start_s, words[-1].end_s) == (1.0, 3.0) and 1.7 < words[0].end_s == words[1].start_s < 2.0


@pytest.mark.parametrize(
    "plain",
    [{"text": "a", "words": [{"word": "a"}]}, {"text": "a", "segments": "none"}, {"text": "a", "segments": [{"text": "a", "start": "x"}]}],
)
def test_malformed_answers_are_errors_of_the_provider(plain: dict[str, Any]) -> None:
    with pytest.raises(errors.ProviderDown, match="malformed"):
        read_response(plain, [], 1.0)
