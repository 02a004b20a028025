"""The port of speech synthesis: the protocol of the engines, its options and its errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

import errors

Samples = NDArray[np.float32]


class VoiceMissing(errors.LecternError):
    """No voice can speak this lesson."""

    code = "voice_missing"
    status = 503
    hint = (
        "Install espeak-ng (Debian, Ubuntu: `apt install espeak-ng`), run `lectern voices install` for a natural voice, set VOICE_BASE_URL "
        "to an OpenAI-compatible speech API, or ask for a silent lesson."
    )


class UnknownVoice(errors.ValidationFailed):
    """This voice does not exist."""

    code = "unknown_voice"
    hint = "Choose one that GET /api/v1/lessons/voices or `lectern voices list` names, or leave it empty."


@dataclass(frozen=True)
class VoiceOptions:
    """Settings of speech synthesis.

    `engine` "" means the first usable one. `folder` holds the weights of Kokoro. `base_url` is an OpenAI-compatible API without
    `/audio/speech`, `model` the model to ask it for, `default_voice` the voice where a request names none.
    `maths_folder` holds the npm package speech-rule-engine; None: that of a global installation, if there is one.
    """

    folder: Path
    engine: str = ""
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    gemini_key: str = field(default="", repr=False)
    model: str = ""
    default_voice: str = ""
    timeout_s: float = 120.0
    threads: int = 2
    maths_folder: Path | None = None

    @property
    def fingerprint(self) -> str:
        """The settings that change the sound, apart from the request."""
        return f"{self.engine} {self.base_url} {self.model} {self.default_voice} {self.folder}"


@dataclass(frozen=True)
class Sound:
    """Mono samples from -1 to 1."""

    samples: Samples
    rate_hz: int

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate_hz


class VoiceEngine(Protocol):
    """An engine speaks one sentence or clause at a time."""

    name: str

    def speak(self, text: str, language: str, voice: str, speed: float) -> Sound:
        """Return the sound of a text. `voice` is one that the registry lists; `speed` is relative to the natural pace."""
