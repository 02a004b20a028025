"""The port of the speech engines: the protocol and the values that it takes and returns."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from domain import Word
from services.speech_to_text.devices import DeviceChoice

SAMPLE_RATE_HZ = 16_000
Samples = NDArray[np.float32]
"""Mono audio at SAMPLE_RATE, from -1 to 1."""

ProgressCallback = Callable[[float], None]
"""Receives the number of seconds of audio transcribed so far."""


@dataclass(frozen=True)
class HostedSpeech:
    """An OpenAI-compatible transcription API: `base_url` is without `/audio/transcriptions`.

    Recordings are sent in chunks of about `chunk_s`, cut at pauses, `concurrency` of them at the same time.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    max_request_bytes: int = 25 * 10**6
    chunk_s: float = 300.0
    timeout_s: float = 300.0
    concurrency: int = 4


@dataclass(frozen=True)
class InferenceService:
    """A service that takes a whole recording at `url` and returns its text, without times, at `result_url`."""

    url: str
    result_url: str
    api_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class SpeechOptions:
    """Settings of speech recognition.

    `cache_folder`: packaged weights, which are split into files, are joined here; pulled ones are stored here. `model`: the name of
    weights, "" for the packaged ones. `model_folder`: custom weights, used instead.
    `threads` 0 means all cores. `beam_size` (1 fastest, 5 slowest) is the width of the search in windows that came
    out badly in a batch. A killed job repeats at most `chunk_s` per thread.
    `prompt` precedes the speech, as a sample of names, spelling and style. `hints`: names and terms that may be spoken, which are used
    where they resemble what was recognised and make the text no less probable; a finished transcription stays valid when they change.
    `task` "translate" writes English whatever is spoken.
    A child process transcribes about `max_audio_per_child_s` and then ends, because its memory grows a little with each chunk.
    `hosted`: the API that recognises speech instead of this machine. `inference`: the service whose text is used.
    """

    cache_folder: Path
    model_folder: Path | None = None
    allow_model_hub: bool = False
    model: str = ""
    hub_url: str = "https://huggingface.co"
    engine: str = "faster-whisper"
    beam_size: int = 2
    threads: int = 0
    chunk_s: float = 108.0  # six windows
    max_audio_per_child_s: float = 300.0
    prompt: str = ""
    hints: tuple[str, ...] = ()
    task: Literal["transcribe", "translate"] = "transcribe"
    device: DeviceChoice = "auto"
    hosted: HostedSpeech | None = None
    inference: InferenceService | None = None

    @property
    def cores(self) -> int:
        return self.threads or len(os.sched_getaffinity(0))

    @property
    def fingerprint(self) -> str:
        """Part of the key of finished stages: the engine, what chooses its weights, the width of its search, prompt and task."""
        texts = f" {self.task} {hashlib.sha256(self.prompt.encode()).hexdigest()}" if self.prompt or self.task != "transcribe" else ""
        if self.hosted is not None:
            return f"API {self.hosted.base_url} {self.hosted.model}{texts}"
        service = f" {self.inference.url}" if self.inference is not None else ""
        return f"{self.engine} {self.model_folder} {self.model} {self.beam_size}{texts}{service}"


@dataclass(frozen=True)
class SpeechLanguage:
    """The language of a recording.

    `probability`: the mean over its sampled windows. `candidates`: all languages that are spoken; with more than one, each window's
    language is decided among them. `runner_up`: another language that is nearly as likely, "" if the decision is clear.
    """

    code: str
    probability: float = 1.0
    candidates: tuple[str, ...] = ()
    runner_up: str = ""


@dataclass(frozen=True)
class RecognizedSegment:
    """A segment as the engine returned it, with confidences. Times are relative to the audio passed to the engine.

    `no_speech_probability`: the engine's estimate that there is no speech; `mean_log_probability`: mean over the tokens;
    `compression_ratio`: size of the text divided by its compressed size, high for repetitions. `flag`: why it is not real speech.
    """

    words: tuple[Word, ...]
    no_speech_probability: float
    mean_log_probability: float
    compression_ratio: float
    flag: str = ""

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s


class SpeechEngine(Protocol):
    """A loaded engine. It is thread-safe and keeps no state between calls."""

    @property
    def name(self) -> str:
        """Return the names of the engine and of its weights, for documents and job details."""

    @property
    def warning(self) -> str:
        """Return what users should know about how it runs, or ""."""

    def language_probabilities(self, audio: Samples) -> dict[str, float]:
        """Return the probability of each language (by ISO 639-1 code) in the first 30 seconds of `audio`."""

    def phrase_language_probabilities(self, audio: Samples, languages: Sequence[str]) -> dict[str, float]:
        """Return the probabilities of `languages` alone for a phrase of a few seconds."""

    @property
    def max_window_samples(self) -> int:
        """Return the largest length of a window for `transcribe_windows`."""

    def transcribe(self, audio: Samples, language: str, on_progress: ProgressCallback) -> list[RecognizedSegment]:
        """Return the segments of `audio` in time order, each with at least one word."""

    def transcribe_windows(self, windows: Sequence[Samples], language: str) -> list[list[RecognizedSegment]]:
        """Return the segments of each window, on its own clock. Faster than `transcribe`, but may lose the end of a window."""
