"""Whisper's fallback for windows that fail the quality checks, without sampling: the same audio always gives the same words."""

from __future__ import annotations

from typing import Any

_BEAM_SIZE = 3
_REPETITION_PENALTY = 1.1
_NO_REPEAT_NGRAM_SIZE = 4
_MIN_LAST_TEMPERATURE = 0.6


class DeterministicModel:
    """Replaces faster-whisper's CTranslate2 model. It decodes with a wider beam instead of sampling at a temperature.

    CTranslate2 seeds its random numbers once per thread (src/random.cc), so sampled words depend on which chunks a thread decoded before.
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(self, features: Any, prompts: list[list[int]], *, sampling_temperature: float = 0.0, **options: Any) -> Any:
        if sampling_temperature > 0:
            for name in ("sampling_topk", "num_hypotheses"):
                options.pop(name, None)
            options |= {"beam_size": _BEAM_SIZE, "repetition_penalty": _REPETITION_PENALTY}
            if sampling_temperature >= _MIN_LAST_TEMPERATURE:  # the last attempt: no sequence of so many tokens may occur twice
                options["no_repeat_ngram_size"] = _NO_REPEAT_NGRAM_SIZE
        return self._model.generate(features, prompts, **options)
