"""The language of a short phrase, by Whisper's language detection and by how probable its text is in each language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from services.speech_to_text.batched_decoding import encoder_frames, window_features
from services.speech_to_text.hallucination_filter import MAX_COMPRESSION_RATIO
from services.speech_to_text.port import Samples

_MIN_PROBABILITY = 1e-3
_CLEAR_PROBABILITY = 0.95
_TEXT_WEIGHT = 3.0  # of the mean log probability of a token
_MIN_LOG_PROBABILITY = -2.0
_MAX_TOKENS = 128


def language_probabilities(model: Any, audio: Samples) -> dict[str, float]:
    """Return Whisper's probabilities of all its languages for at most 30 s of speech."""
    return _detect(model, encode(model, audio))


def phrase_language_probabilities(model: Any, audio: Samples, languages: Sequence[str]) -> dict[str, float]:
    """Return the probabilities of `languages` alone. `model` is faster-whisper's WhisperModel.

    Detection often takes the first words after a change for the language before it ("Guten Morgen" for English), while the text in the
    wrong language is improbable. The text alone misleads too: the engine translates a little. The audio is encoded once for both.
    """
    encoder_output = encode(model, audio)
    probabilities = normalise(_detect(model, encoder_output), languages)
    if max(probabilities.values()) >= _CLEAR_PROBABILITY:
        return probabilities
    scores = {
        language: probability * math.exp(_TEXT_WEIGHT * _text_log_probability(model, encoder_output, language))
        for language, probability in probabilities.items()
    }
    return {language: score / sum(scores.values()) for language, score in scores.items()}


def encode(model: Any, audio: Samples) -> Any:
    """Return the encoder's output for at most 30 s of audio."""
    return model.encode(window_features(model, audio, encoder_frames(len(audio))))


def _detect(model: Any, encoder_output: Any) -> dict[str, float]:
    return {token[2:-2]: probability for token, probability in model.model.detect_language(encoder_output)[0]}


def normalise(probabilities: Mapping[str, float], languages: Sequence[str]) -> dict[str, float]:
    """Return the probabilities of `languages` alone, none of them 0; they add up to 1.

    What other languages have is divided among them: where the engine hears a language that nobody speaks, it knows little of these.
    """
    positive = {language: max(probabilities.get(language, 0.0), _MIN_PROBABILITY) for language in languages}
    unknown = max(0.0, 1 - sum(positive.values())) / len(positive)
    total = sum(positive.values()) + unknown * len(positive)
    return {language: (probability + unknown) / total for language, probability in positive.items()}


def _text_log_probability(model: Any, encoder_output: Any, language: str) -> float:
    from faster_whisper.tokenizer import Tokenizer
    from faster_whisper.transcribe import get_compression_ratio, get_suppressed_tokens

    tokenizer = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language)
    (result,) = model.model.generate(
        encoder_output,
        [model.get_prompt(tokenizer, [], without_timestamps=True)],
        beam_size=1,
        max_length=_MAX_TOKENS,
        suppress_blank=True,
        suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
        return_scores=True,
    )
    text = tokenizer.decode([token for token in result.sequences_ids[0] if token < tokenizer.eot]).strip()
    if not text or get_compression_ratio(text) > MAX_COMPRESSION_RATIO:
        return _MIN_LOG_PROBABILITY
    return max(float(result.scores[0]), _MIN_LOG_PROBABILITY)
