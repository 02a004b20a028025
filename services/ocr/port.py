"""The port of the OCR engines: the protocol and its options."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from domain import OcrWord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Picture: TypeAlias = "NDArray[np.uint8]"
"""A grey image with dark text on a light background."""


@dataclass(frozen=True)
class OcrOptions:
    """Settings of OCR.

    An empty `engine` selects the first installed one that supports the language. `threads` 0 means up to two.
    Words with a confidence (0 to 1) below `min_confidence` are dropped.
    """

    engine: str = ""
    threads: int = 0
    min_confidence: float = 0.4

    @property
    def cores(self) -> int:
        return self.threads or min(2, len(os.sched_getaffinity(0)))

    @property
    def fingerprint(self) -> str:
        """The options that change the words."""
        return self.engine


class OcrEngine(Protocol):
    """Reads prepared pictures. It is thread-safe and keeps no state between calls."""

    def supports_language(self, language: str) -> bool:
        """Return whether its data for that ISO 639-1 language is installed."""

    def read(self, pictures: Sequence[Picture], language: str, folder: Path, on_read: Callable[[], None]) -> list[list[OcrWord]]:
        """Return each picture's words in reading order, with boxes in pixels. Call `on_read` after each picture.

        `folder` is for temporary files.
        """
