"""The device that computes speech recognition: a CUDA GPU where CTranslate2 finds one, else the CPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

DeviceChoice = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True)
class Device:
    """`compute_type`: the precision of the weights, as CTranslate2 names it. `warning`: why it is not the chosen device, or ""."""

    name: Literal["cpu", "cuda"]
    compute_type: str
    warning: str = ""


def choose_device(choice: DeviceChoice) -> Device:
    """Return the device for a setting: "auto" takes a GPU if there is one."""
    if choice == "cpu":
        return cpu()
    import ctranslate2

    try:
        if ctranslate2.get_cuda_device_count() > 0:
            return Device("cuda", _cuda_compute_type(ctranslate2))
        reason = "no CUDA GPU was found"
    except RuntimeError as error:  # a driver that does not fit
        reason = str(error)
    return cpu(reason) if choice == "cuda" else cpu()


def cpu(reason: str = "") -> Device:
    """Return the CPU; `reason` says why it replaces a GPU."""
    return Device("cpu", "int8", f"Speech was recognised on the CPU, because the GPU can't be used: {reason}." if reason else "")


def _cuda_compute_type(ctranslate2: Any) -> str:
    supported = ctranslate2.get_supported_compute_types("cuda")
    return next((each for each in ("float16", "int8_float16", "int8") if each in supported), "float32")
