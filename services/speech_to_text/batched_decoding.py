"""Whisper on several windows at once: each step of the decoder serves all of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from domain import Word
from lib.text import ends_clause, ends_sentence
from services.speech_to_text.hints import Hints, has_more_terms
from services.speech_to_text.port import SAMPLE_RATE_HZ, RecognizedSegment, Samples

_FRAMES_PER_S = 100
_SLOT_S = 30  # the encoder's longest window
_PADDED_FRAMES = 100
_MIN_FRAMES = 1500
_MAX_TOKENS = 448
_MIN_PAUSE_S = 1.0
_MAX_MORE_TOKENS, _MAX_MORE_SHARE = 3, 0.15  # in a text with hints
_MAX_HINT_CHARS = 400  # about 100 of the 223 tokens that Whisper takes
_LONG_SEGMENT_S = 8.0  # from here on a comma ends a segment too


def decode_windows(
    model: Any,
    windows: Sequence[Samples],
    language: str,
    *,
    task: str,
    beam_size: int,
    prompt: str = "",
    hints: Hints | None = None,
    decoder_slot: AbstractContextManager[Any] = contextlib.nullcontext(),
) -> list[list[RecognizedSegment]]:
    """Return the segments of windows of at most 30 s. `model` is faster-whisper's WhisperModel.

    `hints`: names and terms that may be spoken. A window in which some may have been misheard is decoded again with those, and the more
    probable text is taken: after a prompt of another subject, the text of a window is less probable, and words are invented
    (faster-whisper#853).

    `decoder_slot` is entered for the step that takes the most memory.

    Timestamp tokens are off: with them, batches lost five times as many words. Windows are encoded one after another, because the
    memory of the encoder's attention grows with the batch and its speed does not.
    """
    if not windows:
        return []
    batch = _WindowBatch(model, windows, language, task=task, beam_size=beam_size, decoder_slot=decoder_slot)
    all_indices = range(len(windows))
    results = batch.generate(prompt.strip(), all_indices)
    words = batch.align(results, all_indices)
    if hints is not None:
        _decode_again_with_hints(batch, hints, prompt.strip(), results, words)
    return [_segments(window_words, result, batch.text_of(result)) for window_words, result in zip(words, results, strict=True)]


class _WindowBatch:
    """Encoded windows. The decoder's steps take the indices of some of them; a result is one of CTranslate2's generation results."""

    def __init__(
        self,
        model: Any,
        windows: Sequence[Samples],
        language: str,
        *,
        task: str,
        beam_size: int,
        decoder_slot: AbstractContextManager[Any],
    ) -> None:
        from faster_whisper.tokenizer import Tokenizer

        self._model, self._windows, self._beam_size, self._decoder_slot = model, windows, beam_size, decoder_slot
        self._tokenizer = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task=task, language=language)
        frames = encoder_frames(max(map(len, windows)))
        self._encoder_outputs = [np.array(_encode(model, window_features(model, window, frames))) for window in windows]

    def generate(self, prompt: str, indices: Sequence[int]) -> list[Any]:
        """Return the most probable result of each window after this prompt."""
        from faster_whisper.transcribe import get_suppressed_tokens

        prompt_tokens = self._tokenizer.encode(f" {prompt}") if prompt else []
        tokens = self._model.get_prompt(self._tokenizer, prompt_tokens, without_timestamps=True)
        with self._decoder_slot:
            results: list[Any] = self._model.model.generate(
                self._join(indices),
                [list(tokens) for _ in indices],
                beam_size=self._beam_size,
                max_length=_MAX_TOKENS,
                suppress_blank=True,
                suppress_tokens=get_suppressed_tokens(self._tokenizer, [-1]),
                return_scores=True,
                return_no_speech_prob=True,
            )
        return results

    def align(self, results: Sequence[Any], indices: Sequence[int]) -> list[list[Word]]:
        """Return the words of each result with times."""
        if not results:
            return []
        texts = [_text_tokens(result, self._tokenizer) for result in results]
        return _words(self._model, self._tokenizer, self._join(indices), {index: self._windows[index] for index in indices}, texts)

    def text_of(self, result: Any) -> str:
        return str(self._tokenizer.decode(_text_tokens(result, self._tokenizer)))

    def _join(self, indices: Sequence[int]) -> Any:
        import ctranslate2

        return ctranslate2.StorageView.from_array(np.concatenate([self._encoder_outputs[index] for index in indices]))


def _decode_again_with_hints(batch: _WindowBatch, hints: Hints, prompt: str, results: list[Any], words: list[list[Word]]) -> None:
    """Replace the results and words of windows whose text with hints has more terms and is as probable."""
    misheard_terms = [hints.misheard(each) for each in words]
    indices = [index for index, terms in enumerate(misheard_terms) if terms]
    if not indices:
        return
    sentence = _join_terms(term for index in indices for term in misheard_terms[index])
    better = {
        index: result
        for index, result in zip(indices, batch.generate(f"{prompt} {sentence}".strip(), indices), strict=True)
        if has_more_terms(batch.text_of(result), batch.text_of(results[index]), misheard_terms[index])
        and more_probable(results[index], result) is result
    }
    for index, window_words in zip(better, batch.align(list(better.values()), list(better)), strict=True):
        results[index], words[index] = better[index], window_words


def _text_tokens(result: Any, tokenizer: Any) -> list[int]:
    return [token for token in result.sequences_ids[0] if token < tokenizer.eot]


def _join_terms(terms: Iterable[str]) -> str:
    """Return the terms as a sentence, as far as they fit into a prompt."""
    sentence = ""
    for term in dict.fromkeys(terms):
        if len(sentence) + len(term) + 2 > _MAX_HINT_CHARS:
            break
        sentence += f"{', ' if sentence else ''}{term}"
    return f"{sentence}."


def more_probable(plain: Any, with_hints: Any) -> Any:
    """Return the result with hints if its text is as probable as the one without them, and about as long."""
    lengths = [len(result.sequences_ids[0]) for result in (plain, with_hints)]
    is_as_long = abs(lengths[0] - lengths[1]) <= max(_MAX_MORE_TOKENS, _MAX_MORE_SHARE * lengths[0])
    return with_hints if is_as_long and _mean_log_probability(with_hints) >= _mean_log_probability(plain) else plain


def _mean_log_probability(result: Any) -> float:
    tokens = len(result.sequences_ids[0])
    return float(result.scores[0]) * tokens / (tokens + 1)  # the scores are means without the end token


def _encode(model: Any, features: Any) -> Any:
    """Return the encoder's output in the memory of the CPU, from where numpy can read it, also if a GPU has computed it."""
    from faster_whisper.transcribe import get_ctranslate2_storage

    return model.model.encode(get_ctranslate2_storage(features[np.newaxis]), to_cpu=True)


def encoder_frames(samples: int) -> int:
    """Return how many frames to encode for so many samples: a second more than they are, between 15 s and the encoder's 30 s.

    Whisper is trained on 30 s. Encoding costs more than in proportion to the length, and the words are the same without the rest of the
    padding; below 10 s the language of short phrases was taken for another.
    """
    frames = -(-samples * _FRAMES_PER_S // SAMPLE_RATE_HZ) + _PADDED_FRAMES
    return min(max(frames + frames % 2, _MIN_FRAMES), _SLOT_S * _FRAMES_PER_S)


def window_features(model: Any, window: Samples, frames: int) -> Any:
    """Return the features of a window, padded to `frames`."""
    from faster_whisper.audio import pad_or_trim

    return pad_or_trim(model.feature_extractor(window)[..., :-1], frames)


def _words(
    model: Any, tokenizer: Any, encoder_output: Any, windows: Mapping[int, Samples], texts: Sequence[Sequence[int]]
) -> list[list[Word]]:
    """Return the words of each window with times, from the attention of the decoder. `windows`: by their index in the batch."""
    slots: list[list[dict[str, Any]]] = [
        [
            {
                "tokens": list(text),
                "start": index * _SLOT_S,
                "end": index * _SLOT_S + len(window) / SAMPLE_RATE_HZ,
                "seek": index * _SLOT_S * _FRAMES_PER_S,
            }
        ]
        for (index, window), text in zip(windows.items(), texts, strict=True)
    ]
    frames = [len(window) * _FRAMES_PER_S // SAMPLE_RATE_HZ for window in windows.values()]
    model.add_word_timestamps(slots, tokenizer, encoder_output, frames, "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、", 0.0)
    return [
        [
            Word(word["word"], float(word["start"]) - index * _SLOT_S, float(word["end"]) - index * _SLOT_S, float(word["probability"]))
            for word in slot[0]["words"]
        ]
        for index, slot in zip(windows, slots, strict=True)
    ]


def _segments(words: Sequence[Word], result: Any, text: str) -> list[RecognizedSegment]:
    """Divide the words of a window at the ends of sentences and at pauses; all segments have the window's confidences."""
    from faster_whisper.transcribe import get_compression_ratio

    mean_log_probability = _mean_log_probability(result)
    ratio = get_compression_ratio(text) if text else 1.0
    runs: list[list[Word]] = []
    for word in words:
        if not runs or _ends_segment(runs[-1], word):
            runs.append([])
        runs[-1].append(word)
    return [RecognizedSegment(tuple(run), float(result.no_speech_prob), mean_log_probability, ratio) for run in runs]


def _ends_segment(run: Sequence[Word], next_word: Word) -> bool:
    last = run[-1]
    if ends_sentence(last.text) or next_word.start_s - last.end_s > _MIN_PAUSE_S:
        return True
    return last.end_s - run[0].start_s > _LONG_SEGMENT_S and ends_clause(last.text)
