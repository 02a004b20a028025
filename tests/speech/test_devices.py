"""The device of speech recognition. A GPU is imitated by what CTranslate2 says about it; loading on it then fails as without drivers."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path

import ctranslate2
import numpy as np
import pytest

from services.speech_to_text import SpeechOptions, devices
from services.speech_to_text.devices import Device, choose_device
from services.speech_to_text.engines import load_engine
from services.speech_to_text.faster_whisper import FasterWhisper


@pytest.mark.parametrize(
    ("choice", "gpus", "compute_types", "device"),
    [
        ("cpu", 1, {"float16"}, Device("cpu", "int8")),
        ("auto", 0, set(), Device("cpu", "int8")),
        ("auto", 1, {"float16", "int8", "float32"}, Device("cuda", "float16")),
        ("cuda", 1, {"int8", "float32"}, Device("cuda", "int8")),
        ("cuda", 2, {"float32"}, Device("cuda", "float32")),
    ],
)
def test_a_gpu_is_taken_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, choice: str, gpus: int, compute_types: set[str], device: Device
) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: gpus)
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda _: compute_types)
    monkeypatch.setattr(devices, "_is_loadable", lambda _: True)
    assert choose_device(choice) == device  # type: ignore[arg-type]


def test_a_missing_gpu_is_reported_if_it_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)
    assert "no CUDA GPU was found" in choose_device("cuda").warning
    assert not choose_device("auto").warning


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda _: {"float16"})


@pytest.mark.parametrize("choice", ["auto", "cuda"])
@pytest.mark.parametrize("missing", ["libcublasLt.so.12", "libcublas.so.12"])
def test_a_missing_library_is_noticed_before_the_gpu_is_used(gpu: None, monkeypatch: pytest.MonkeyPatch, choice: str, missing: str) -> None:
    monkeypatch.setattr(devices, "_is_loadable", lambda path: not path.endswith(missing))
    device = choose_device(choice)  # type: ignore[arg-type]
    assert device.name == "cpu"
    assert f"{missing} can't be loaded (`pip install nvidia-cublas-cu12`)" in device.warning


def test_libraries_of_nvidias_packages_are_found(gpu: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = ["libcublasLt.so.12", "libcublas.so.12"]
    folder = tmp_path / "nvidia" / "cublas" / "lib"
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    libraries = []

    def is_loadable(path: str) -> bool:
        libraries.append(path)
        return "/" in path

    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(devices, "_is_loadable", is_loadable)
    assert choose_device("auto") == Device("cuda", "float16")
    assert libraries == [each for name in names for each in (name, str(folder / name))]


def test_an_unusable_gpu_gives_a_warning_and_the_words_of_the_cpu(
    gpu: None, monkeypatch: pytest.MonkeyPatch, options: SpeechOptions
) -> None:
    monkeypatch.setattr(devices, "_is_loadable", lambda _: True)
    engine = load_engine(options, 1)
    assert "on the CPU, because the GPU can't be used" in engine.warning
    assert "GPU" not in engine.name
    assert engine.language_probabilities(np.zeros(16_000, np.float32))


def test_a_gpu_that_fails_while_it_computes_is_replaced(options: SpeechOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = load_engine(options, 1)
    assert isinstance(engine, FasterWhisper)
    on_cpu = engine.language_probabilities(np.zeros(16_000, np.float32))

    class BrokenModel:
        is_multilingual = True

        def __getattr__(self, name: str) -> object:
            raise RuntimeError("CUDA failed with error out of memory")

    engine._loaded_model = dataclasses.replace(engine._loaded_model, device=Device("cuda", "float16"), model=copy.copy(engine.model))
    engine.model.model = BrokenModel()
    assert engine.name.endswith("on a GPU")
    assert engine.language_probabilities(np.zeros(16_000, np.float32)) == on_cpu
    assert "CUDA failed with error out of memory" in engine.warning
    assert "GPU" not in engine.name
