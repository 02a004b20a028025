"""The speech engines by name. A new one is a file beside this and a line here."""

from __future__ import annotations

from collections.abc import Callable

import errors
from services.speech_to_text.faster_whisper import FasterWhisper
from services.speech_to_text.port import SpeechEngine, SpeechOptions

ENGINES: dict[str, Callable[[SpeechOptions, int], SpeechEngine]] = {"faster-whisper": FasterWhisper}


def load_engine(options: SpeechOptions, workers: int) -> SpeechEngine:
    """Load the engine that `options` name, ready for that many threads. Raises ModelMissing."""
    if options.engine not in ENGINES:
        raise errors.ModelMissing(f"There is no speech engine {options.engine!r}; there are {', '.join(ENGINES)}.")
    return ENGINES[options.engine](options, workers)
