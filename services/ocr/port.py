"""What every reader of pictures does, and how it is set."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain import OcrWord

Picture = NDArray[np.uint8]
"""Grey, dark text on light ground."""


@dataclass(frozen=True)
class OcrOptions:
    """`engine` "" takes the first that is installed and knows the language. `threads` 0 means up to two.

    Words below `least_confidence` (0 to 1) are dropped.
    """

    engine: str = ""
    threads: int = 0
    least_confidence: float = 0.4

    @property
    def cores(self) -> int:
        return self.threads or min(2, len(os.sched_getaffinity(0)))


class OcrEngine(Protocol):
    """Reads prepared pictures; stateless between calls, so that threads may share it."""

    def reads(self, language: str) -> bool:
        """Whether it has what it needs for that ISO 639-1 language."""

    def read(self, pictures: Sequence[Picture], language: str, folder: Path, done: Callable[[], None]) -> list[list[OcrWord]]:
        """Words in reading order for each picture, boxes in its pixels. `folder` is for temporary files; `done` is called per picture."""
