"""The device of speech recognition. A GPU is imitated by what CTranslate2 says about it; loading on it then fails as without drivers."""

from __future__ import annotations

import ctranslate2
import numpy as np
import pytest

from services.speech_to_text import SpeechOptions
from services.speech_to_text.devices import Device, choose_device
from services.speech_to_text.engines import load_engine


@pytest.mark.parametrize(
    ("choice", "gpus", "supported", "device"),
    [
        ("cpu", 1, {"float16"}, Device("cpu", "int8")),
        ("auto", 0, set(), Device("cpu", "int8")),
        ("auto", 1, {"float16", "int8", "float32"}, Device("cuda", "float16")),
        ("cuda", 1, {"int8", "float32"}, Device("cuda", "int8")),
        ("cuda", 2, {"float32"}, Device("cuda", "float32")),
    ],
)
def test_a_gpu_is_taken_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, choice: str, gpus: int, supported: set[str], device: Device
) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: gpus)
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda _: supported)
    assert choose_device(choice) == device  # type: ignore[arg-type]


def test_a_missing_gpu_is_reported_if_it_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)
    assert "no CUDA GPU was found" in choose_device("cuda").warning
    assert not choose_device("auto").warning


def test_an_unusable_gpu_gives_a_warning_and_the_words_of_the_cpu(monkeypatch: pytest.MonkeyPatch, options: SpeechOptions) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda _: {"float16"})
    engine = load_engine(options, 1)
    assert "on the CPU, because the GPU can't be used" in engine.warning
    assert "GPU" not in engine.name
    assert engine.language_probabilities(np.zeros(16_000, np.float32))
