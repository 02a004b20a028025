"""Whisper through faster-whisper (CTranslate2), on the CPU with int8 weights or on a GPU."""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

import errors
from domain import Word
from services.speech_to_text.batched_decoding import decode_windows
from services.speech_to_text.devices import Device, choose_device, cpu
from services.speech_to_text.fallback import DeterministicModel
from services.speech_to_text.features import BlockwiseFeatureExtractor
from services.speech_to_text.hints import Hints
from services.speech_to_text.phrase_languages import encode, language_probabilities, phrase_language_probabilities
from services.speech_to_text.port import SAMPLE_RATE_HZ, ProgressCallback, RecognizedSegment, Samples, SpeechOptions
from services.speech_to_text.weights import find_weights

Result = TypeVar("Result")

_LANGUAGE_SAMPLES = 15 * SAMPLE_RATE_HZ
_BATCH_BEAM_SIZE = 1  # windows with improbable words are decoded alone, with the configured width
# 2,000 frames with the padding. Longer windows cost up to 1.7 times as much per second, because the encoder's attention grows with the
# square of the length (docs/benchmarks.md), and no fewer words are lost in them.
MAX_BATCHED_SAMPLES = 19 * SAMPLE_RATE_HZ


@dataclass(frozen=True)
class _LoadedModel:
    """faster-whisper's WhisperModel, and the device that holds it."""

    model: Any
    device: Device


class FasterWhisper:
    """Each calling thread computes on one core, which gives more throughput than many threads in one call.

    A GPU that fails, when it is first used or later, is replaced by the CPU, and `warning` says why.
    """

    def __init__(self, options: SpeechOptions, threads: int) -> None:
        self._weights, self._threads, self._cores = find_weights(options), threads, options.cores
        self.max_window_samples = MAX_BATCHED_SAMPLES
        self._beam_size = options.beam_size
        self._prompt, self._hints, self._task = options.prompt, Hints(options.hints), options.task
        self._device_lock = threading.Lock()
        # The decoder's keys and values of six windows take 170 MB, and the encoder and the alignment, which need most of the time, much
        # less: half of the threads decode at a time, and the others encode meanwhile.
        self._decoder_slots = threading.Semaphore(math.ceil(threads / 2))
        self._loaded_model = self._load_on(choose_device(options.device))
        if self._loaded_model.device.name == "cuda":  # CTranslate2 opens CUDA's libraries when it first computes
            self._compute(lambda model: encode(model, np.zeros(SAMPLE_RATE_HZ, np.float32)))

    @property
    def name(self) -> str:
        return f"faster-whisper {self._weights.name}" + (" on a GPU" if self._loaded_model.device.name == "cuda" else "")

    @property
    def warning(self) -> str:
        return self._loaded_model.device.warning

    @property
    def model(self) -> Any:
        return self._loaded_model.model

    def _load_on(self, device: Device) -> _LoadedModel:
        """Return the model on a device, or on the CPU if that is a GPU that can't hold it."""
        import faster_whisper

        try:
            model: Any = faster_whisper.WhisperModel(
                str(self._weights.folder),
                device=device.name,
                compute_type=device.compute_type,
                cpu_threads=max(1, self._cores // self._threads),
                num_workers=self._threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            if device.name == "cuda":
                return self._load_on(cpu(str(error)))
            raise errors.ModelMissing(
                f"The weights in {self._weights.folder} can't be loaded: {error}", hint="Replace the files in that folder."
            ) from error
        model.model = DeterministicModel(model.model)
        model.feature_extractor = BlockwiseFeatureExtractor(model.feature_extractor)
        return _LoadedModel(model, device)

    def _compute(self, function: Callable[[Any], Result]) -> Result:
        """Call `function` with the model. If a GPU fails, such as for lack of memory, call it again with the model on the CPU."""
        model_on_device = self._loaded_model
        try:
            return function(model_on_device.model)
        except RuntimeError as error:
            if model_on_device.device.name != "cuda":
                raise
            with self._device_lock:
                if self._loaded_model is model_on_device:  # no other thread has replaced it
                    self._loaded_model = self._load_on(cpu(str(error)))
        return function(self.model)

    def language_probabilities(self, audio: Samples) -> dict[str, float]:
        if not self.model.model.is_multilingual:
            return {"en": 1.0}
        return self._compute(lambda model: language_probabilities(model, audio[:_LANGUAGE_SAMPLES]))

    def phrase_language_probabilities(self, audio: Samples, languages: Sequence[str]) -> dict[str, float]:
        return self._compute(lambda model: phrase_language_probabilities(model, audio, languages))

    def transcribe(self, audio: Samples, language: str, on_progress: ProgressCallback) -> list[RecognizedSegment]:
        self._check_language(language)
        return self._compute(lambda model: self._decode(model, audio, language, on_progress))

    def _decode(self, model: Any, audio: Samples, language: str, on_progress: ProgressCallback) -> list[RecognizedSegment]:
        segments, _ = model.transcribe(
            audio,
            language=language,
            task=self._task,
            initial_prompt=self._prompt or None,
            beam_size=self._beam_size,
            temperature=[0.0, 0.4, 0.8],  # `DeterministicModel` turns those above 0 into wider beams
            vad_filter=False,
            word_timestamps=True,
            condition_on_previous_text=False,
            no_speech_threshold=0.6,
            log_prob_threshold=-1.0,
            compression_ratio_threshold=2.4,
        )
        recognized_segments = []
        for segment in segments:
            words = tuple(Word(word.word, float(word.start), float(word.end), float(word.probability)) for word in segment.words or ())
            if words:
                recognized_segments.append(RecognizedSegment(words, segment.no_speech_prob, segment.avg_logprob, segment.compression_ratio))
            on_progress(min(segment.end, len(audio) / SAMPLE_RATE_HZ))
        return recognized_segments

    def transcribe_windows(self, windows: Sequence[Samples], language: str) -> list[list[RecognizedSegment]]:
        self._check_language(language)
        return self._compute(
            lambda model: decode_windows(
                model,
                windows,
                language,
                task=self._task,
                beam_size=_BATCH_BEAM_SIZE,
                prompt=self._prompt,
                hints=self._hints,
                decoder_slot=self._decoder_slots if self._loaded_model.device.name == "cpu" else contextlib.nullcontext(),
            )
        )

    def _check_language(self, language: str) -> None:
        if language not in self.model.supported_languages:
            raise errors.ModelMissing(
                f"{self.name} does not support the language {language!r}.", hint="Choose another language or other weights."
            )
