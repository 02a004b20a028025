"""Whisper through faster-whisper (CTranslate2), on the CPU with int8 weights or on a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import errors
from domain import Word
from services.speech_to_text.batched_decoding import decode_windows
from services.speech_to_text.devices import Device, choose_device, cpu
from services.speech_to_text.fallback import DeterministicModel
from services.speech_to_text.features import BlockwiseFeatureExtractor
from services.speech_to_text.phrase_languages import language_probabilities, phrase_language_probabilities
from services.speech_to_text.port import SAMPLE_RATE_HZ, ProgressCallback, RecognizedSegment, Samples, SpeechOptions
from services.speech_to_text.weights import find_weights

_LANGUAGE_SAMPLES = 15 * SAMPLE_RATE_HZ
_BATCH_BEAM_SIZE = 1  # windows with improbable words are decoded alone, with the configured width
# 2,000 frames with the padding. Longer windows cost up to 1.7 times as much per second, because the encoder's attention grows with the
# square of the length (docs/benchmarks.md), and no fewer words are lost in them.
_MAX_BATCHED_SAMPLES = 19 * SAMPLE_RATE_HZ


class FasterWhisper:
    """Each calling thread computes on one core, which gives more throughput than many threads in one call."""

    def __init__(self, options: SpeechOptions, threads: int) -> None:
        self._weights, self._threads, self._cores = find_weights(options), threads, options.cores
        self.model, self.device = self._load_on(choose_device(options.device))
        self.model.model = DeterministicModel(self.model.model)
        self.model.feature_extractor = BlockwiseFeatureExtractor(self.model.feature_extractor)
        self.max_window_samples = _MAX_BATCHED_SAMPLES
        self.name = f"faster-whisper {self._weights.name}" + (" on a GPU" if self.device.name == "cuda" else "")
        self._beam_size = options.beam_size
        self._prompt, self._task = options.prompt, options.task

    @property
    def warning(self) -> str:
        return self.device.warning

    def _load_on(self, device: Device) -> tuple[Any, Device]:
        import faster_whisper

        try:
            model = faster_whisper.WhisperModel(
                str(self._weights.folder),
                device=device.name,
                compute_type=device.compute_type,
                cpu_threads=max(1, self._cores // self._threads),
                num_workers=self._threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            if device.name == "cuda":  # such as a missing cuBLAS
                return self._load_on(cpu(str(error)))
            raise errors.ModelMissing(
                f"The weights in {self._weights.folder} can't be loaded: {error}", hint="Replace the files in that folder."
            ) from error
        return model, device

    def language_probabilities(self, audio: Samples) -> dict[str, float]:
        if not self.model.model.is_multilingual:
            return {"en": 1.0}
        return language_probabilities(self.model, audio[:_LANGUAGE_SAMPLES])

    def phrase_language_probabilities(self, audio: Samples, languages: Sequence[str]) -> dict[str, float]:
        return phrase_language_probabilities(self.model, audio, languages)

    def transcribe(self, audio: Samples, language: str, on_progress: ProgressCallback) -> list[RecognizedSegment]:
        self._check_language(language)
        segments, _ = self.model.transcribe(
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
        return decode_windows(self.model, windows, language, task=self._task, beam_size=_BATCH_BEAM_SIZE, prompt=self._prompt)

    def _check_language(self, language: str) -> None:
        if language not in self.model.supported_languages:
            raise errors.ModelMissing(
                f"{self.name} does not support the language {language!r}.", hint="Choose another language or other weights."
            )
