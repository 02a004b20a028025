"""The registry of speech engines. To add one, write a module in this package and add a line here."""

from __future__ import annotations

from collections.abc import Callable

import errors
from services.speech_to_text.faster_whisper import FasterWhisper
from services.speech_to_text.port import SpeechEngine, SpeechOptions

ENGINES: dict[str, Callable[[SpeechOptions, int], SpeechEngine]] = {"faster-whisper": FasterWhisper}


def load_engine(options: SpeechOptions, threads: int) -> SpeechEngine:
    """Load the engine that `options` name, for calls from `threads` threads. Raises ModelMissing."""
    if options.engine not in ENGINES:
        raise errors.ModelMissing(f"The speech engine {options.engine!r} does not exist. Available: {', '.join(ENGINES)}.")
    return ENGINES[options.engine](options, threads)
