"""The device that computes speech recognition: a CUDA GPU where CTranslate2 finds one, else the CPU."""

from __future__ import annotations

import ctypes
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

DeviceChoice = Literal["auto", "cpu", "cuda"]

# What CTranslate2 4.8 opens when it first multiplies on a GPU (src/cuda/cublas_stub.cc); it needs no cuDNN since 4.7.
# The second needs the first.
_CUDA_LIBRARIES = ("libcublasLt.so.12", "libcublas.so.12")
CUDA_PACKAGE = "nvidia-cublas-cu12"


@dataclass(frozen=True)
class Device:
    """`compute_type`: the precision of the weights, as CTranslate2 names it. `warning`: why it is not the chosen device, or ""."""

    name: Literal["cpu", "cuda"]
    compute_type: str
    warning: str = ""


def choose_device(choice: DeviceChoice) -> Device:
    """Return the device for a setting: "auto" takes a GPU if there is one. A GPU that can't be used is a warning of the CPU."""
    if choice == "cpu":
        return cpu()
    import ctranslate2

    try:
        if ctranslate2.get_cuda_device_count() == 0:
            return cpu("no CUDA GPU was found") if choice == "cuda" else cpu()
        compute_type = _cuda_compute_type(ctranslate2)
    except RuntimeError as error:  # a driver that does not fit
        return cpu(str(error))
    missing = _missing_library()
    return cpu(missing) if missing else Device("cuda", compute_type)


def cpu(reason: str = "") -> Device:
    """Return the CPU; `reason` says why it replaces a GPU."""
    return Device("cpu", "int8", f"Speech was recognised on the CPU, because the GPU can't be used: {reason}." if reason else "")


def _cuda_compute_type(ctranslate2: Any) -> str:
    compute_types = ctranslate2.get_supported_compute_types("cuda")
    return next((each for each in ("float16", "int8_float16", "int8") if each in compute_types), "float32")


def _missing_library() -> str:
    """Load the libraries that CTranslate2 will open, from the system or from NVIDIA's Python packages; say which one is missing."""
    for name in _CUDA_LIBRARIES:
        if not any(_is_loadable(path) for path in (name, *_packaged_libraries(name))):
            return f"{name} can't be loaded (`pip install {CUDA_PACKAGE}`)"
    return ""


def _packaged_libraries(name: str) -> Iterator[str]:
    """Yield where NVIDIA's packages have a library; the system's loader does not search there."""
    spec = importlib.util.find_spec("nvidia")
    for folder in spec.submodule_search_locations or () if spec else ():
        yield from map(str, sorted(Path(folder).glob(f"*/lib/{name}")))


def _is_loadable(library: str) -> bool:
    """Load a library for the whole process, so that whoever opens it by its name gets it."""
    try:
        ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True
